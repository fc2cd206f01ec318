import { hostTransport, providerUri, virshUri } from '../../../lib/model';

describe('A libvirt URI', () => {
  it.each([
    ['qemu:///system', 'qemu:///system', 'qemu:///system'],
    ['qemu:///system?socket=/run/s', 'qemu+unix:///system?socket=/run/s', 'qemu:///system?socket=/run/s'],
    ['qemu+unix:///system?socket=/run/s', 'qemu+unix:///system?socket=/run/s', 'qemu:///system?socket=/run/s'],
    ['qemu:///system?a=b&socket=/run/s', 'qemu+unix:///system?a=b&socket=/run/s', 'qemu:///system?a=b&socket=/run/s'],
    ['qemu+ssh://root@kvm1/system', 'qemu+ssh://root@kvm1/system', 'qemu+ssh://root@kvm1/system'],
    ['qemu+sshcmd://root@kvm1/system', 'qemu+ssh://root@kvm1/system', 'qemu+sshcmd://root@kvm1/system'],
  ])('turns %s into %s for virsh and %s for the provider', (uri, virsh, provider) => {
    expect(virshUri(uri)).toBe(virsh);
    expect(providerUri(uri)).toBe(provider);
  });

  it.each([
    ['qemu:///system', { type: 'local' }],
    ['qemu+tls://kvm1/system', { type: 'local' }],
    ['qemu+ssh://kvm1/system', { type: 'ssh', destination: 'kvm1' }],
    ['qemu+ssh://root@kvm1:2222/system', { type: 'ssh', destination: 'root@kvm1', port: 2222 }],
    ['qemu+sshcmd://root@kvm1/system', { type: 'ssh', destination: 'root@kvm1' }],
    ['qemu+libssh2://root@[2001:db8::1]/system', { type: 'ssh', destination: 'root@2001:db8::1' }],
    [
      'qemu+ssh://root@kvm1/system?no_verify=1&keyfile=/k%20ey',
      { type: 'ssh', destination: 'root@kvm1', identityFile: '/k ey' },
    ],
  ])('runs commands on the host with the transport of %s: %j', (uri, transport) => {
    expect(hostTransport(uri)).toEqual(transport);
  });
});
