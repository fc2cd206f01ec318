import { type Answers, DEFAULT_IMAGE } from './answers';

/** The name of the project's stack. */
export const STACK = 'vms';

/** A string as code. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** The text of main.ts: one VM on a clone of one image. */
export function mainText(answers: Answers): string {
  const entry = answers.toolkit === 'cdktn' ? 'cdktf-libvirt-ceph/cdktn' : 'cdktf-libvirt-ceph';
  return `import { App, TerraformStack } from '${answers.toolkit}';
import {
${names(answers)
  .map((name) => `  ${name},\n`)
  .join('')}} from '${entry}';
import type { Construct } from 'constructs';

class Vms extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const ceph = new CephCluster(this, 'ceph', {
${properties(6, clusterProps(answers))}    });
    const host = new LibvirtHost(this, 'kvm1', {
${properties(6, hostProps(answers))}    });
    const storage = new CephRbdStoragePool(this, 'storage', { host, cluster: ceph, poolName: ${quoted(answers.pool)} });
    const golden = new RbdImage(this, 'golden', {
      pool: storage.pool,
      source: ${sourceText(answers.image)},
    });
    new RbdBackedVm(this, 'web1', {
      storage,
      vcpus: 2,
      memory: Size.gibibytes(1),
      rootDisk: { source: ImageSource.clone(golden), size: Size.gibibytes(4) },
${properties(6, [...networkProps(answers), ...guestProps(answers)])}    });
  }
}

const app = new App();
new Vms(app, '${STACK}');
app.synth();
`;
}

function names({ driver, domainType, ssh, network }: Answers): string[] {
  return [
    ...['CephCluster', 'CephRbdStoragePool', 'ImageSource', 'LibvirtHost', 'RbdBackedVm', 'RbdImage', 'Size'],
    ...(domainType === 'qemu' ? ['DomainType'] : []),
    ...(driver === 'virsh' ? ['LibvirtDriver'] : []),
    ...(network === undefined ? [] : ['NetworkSource']),
    ...(ssh === undefined ? [] : ['Transport']),
  ].sort();
}

function properties(indent: number, lines: readonly string[]): string {
  return lines.map((line) => `${' '.repeat(indent)}${line},\n`).join('');
}

function clusterProps({ monitors, confFile, ssh }: Answers): string[] {
  return [
    `monitors: [${monitors.map(quoted).join(', ')}]`,
    ...(confFile === undefined ? [] : [`confFile: ${quoted(confFile)}`]),
    ...(ssh === undefined ? [] : [`transport: Transport.ssh(${quoted(ssh)})`]),
  ];
}

function hostProps({ host, driver, domainType }: Answers): string[] {
  return [
    `uri: ${quoted(host)}`,
    ...(driver === 'virsh' ? ['driver: LibvirtDriver.VIRSH'] : []),
    ...(domainType === 'qemu' ? ['domainType: DomainType.QEMU'] : []),
  ];
}

function networkProps({ network }: Answers): string[] {
  return network === undefined ? [] : [`networkInterfaces: [{ source: NetworkSource.network(${quoted(network)}) }]`];
}

/** Published images have cloud-init; a user's own file may not. */
function guestProps({ image, sshKey }: Answers): string[] {
  if (!isAddress(image) || sshKey === undefined) return [];
  return [`cloudInit: { hostname: 'web1', sshAuthorizedKeys: [${quoted(sshKey)}] }`];
}

function isAddress(image: string): boolean {
  return /^https?:\/\//.test(image);
}

/** A download is verified against the list of checksums beside it; Debian's is SHA-512. */
function sourceText(image: string): string {
  if (!isAddress(image)) return `ImageSource.file(${quoted(image)})`;
  const list = quoted(new URL(image === DEFAULT_IMAGE ? 'SHA512SUMS' : 'SHA256SUMS', image).href);
  return `ImageSource.url(${quoted(image)}, {\n        checksumUrl: ${list},\n      })`;
}
