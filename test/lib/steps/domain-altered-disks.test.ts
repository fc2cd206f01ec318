import { domainXml } from '../../../lib/render/domain/domain-xml';
import { find, findAll, parseXml, type XmlElement } from '../../../lib/render/xml';
import {
  refuseAltered as refuseAlteredAttachment,
  refuseAlteredAtRemoval,
} from '../../../lib/steps/disk/refuse-altered-disk';
import { alteredDisks, refuseAltered } from '../../../lib/steps/domain/refuse-altered-disks';
import { domainMark, liveMark } from '../../../lib/steps/domain/domain-mark';
import { markOf, type ObservedDomain } from '../../../lib/steps/domain/observed-domain';
import { attachmentAlias } from '../../../lib/steps/disk/attachment-mark';
import { diskXml } from '../../../lib/render/domain/disk-xml';
import type { DiskAttachmentSpec, DomainSpec } from '../../../lib/model';
import { DOMAIN } from '../../helpers/domain-spec';

const SPEC: DomainSpec = { ...DOMAIN, disks: { ...DOMAIN.disks, vdb: { image: 'pool/web1-data', bus: 'virtio' } } };
const HOSTS = "<host name='10.0.0.11'/><host name='mon2' port='6789'/>";
const RBD = `<source protocol='rbd' name='pool/web1-root'>${HOSTS}</source>`;
const BELOW = `<backingStore type='network'><format type='raw'/>${RBD}</backingStore>`;

/** The VM's definition according to `spec`, with `altered` as the content of its first disk. */
function defined(altered?: string, { spec = SPEC, type = 'network', mark = domainMark(spec) } = {}) {
  const domain = domainXml(spec, mark ? JSON.stringify(mark) : '{}');
  if (altered === undefined) return domain;
  const disk = find(domain, 'devices/disk') as XmlElement;
  const kept = disk.children.filter((one) => typeof one !== 'string' && ['target', 'alias'].includes(one.name));
  disk.attributes['type'] = type;
  disk.children = [...parseXml(`<disk>${altered}</disk>`).children, ...kept];
  return domain;
}

function observed(definition: XmlElement, live?: XmlElement): ObservedDomain {
  const state = live ? 'running' : 'shut off';
  const is = { state, reason: '', persistent: true, autostart: false, managedSave: false };
  return { ...is, definition, live, mark: markOf(definition), liveMark: live && markOf(live) };
}

const problems = (found: ObservedDomain, spec: Partial<DomainSpec> = SPEC): string[] =>
  alteredDisks({ host: DOMAIN.host, name: DOMAIN.name, ...spec }, found).map(
    ({ target, problem }) => `disk ${target} ${problem}`,
  );

const OVERLAY = `<driver name='qemu' type='qcow2'/><source file='/srv/web1.s1'/>${BELOW}`;
const RAW = "<driver name='qemu' type='raw'/>";

describe('A disk counts as unaltered', () => {
  test.each<[string, ObservedDomain]>([
    ['its VM is off', observed(defined())],
    ['its VM runs', observed(defined(), defined())],
    ['the end of its chain is spelled out', observed(defined(), defined(`${RAW}${RBD}<backingStore/>`))],
    ['it has no driver', observed(defined(RBD))],
    [
      'it has one of its monitors, with a port',
      observed(defined("<source protocol='rbd' name='pool/web1-root'><host name='mon2' port='3300'/></source>")),
    ],
  ])('when %s', (_, found) => expect(problems(found)).toEqual([]));

  test('when the code gives it another image', () => {
    const disks = { ...SPEC.disks, vda: { image: 'pool/new-root', bus: 'virtio' } } as const;
    expect(problems(observed(defined(), defined()), { ...SPEC, disks })).toEqual([]);
  });

  test('when it still runs with its previous image until the next boot', () => {
    const disks = { ...SPEC.disks, vda: { image: 'pool/new-root', bus: 'virtio' } } as const;
    const next = { ...SPEC, disks };
    const live = defined(undefined, { mark: liveMark(next, domainMark(SPEC)) });
    expect(problems(observed(defined(undefined, { spec: next }), live), next)).toEqual([]);
  });

  test('when the code gives it other monitors', () => {
    expect(problems(observed(defined(), defined()), { ...SPEC, monitors: ['10.9.9.9'] })).toEqual([]);
  });

  test('when it is not ours', () => {
    const domain = defined();
    const [disk] = findAll(
      parseXml(`<d><disk type='file'>${OVERLAY}<target dev='vdx' bus='virtio'/></disk></d>`),
      'disk',
    );
    find(domain, 'devices')?.children.push(disk as XmlElement);
    expect(problems(observed(domain, domain))).toEqual([]);
  });

  test.each([
    ['a CD-ROM', "<disk type='file' device='cdrom'>"],
    ['a disk that is only read', "<disk type='file'><readonly/>"],
  ])('with another medium too, when it is %s', (_, begin) => {
    const disk = parseXml(`${begin}<source file='/srv/x.iso'/><target dev='sda'/><alias name='ua-cdktf-sda'/></disk>`);
    const domain = defined();
    find(domain, 'devices')?.children.push(disk);
    expect(problems(observed(domain))).toEqual([]);
  });
});

describe('A disk counts as altered', () => {
  test.each<[string, string, string, { readonly type?: string }?]>([
    [
      'an overlay',
      OVERLAY,
      "disk vda is the overlay '/srv/web1.s1' over 'pool/web1-root' (an external snapshot)",
      { type: 'file' },
    ],
    [
      'two overlays',
      `<source file='/srv/s2'/><backingStore type='file'><source file='/srv/s1'/>${BELOW}</backingStore>`,
      "disk vda is the overlay '/srv/s2' over '/srv/s1' over 'pool/web1-root' (an external snapshot)",
      { type: 'file' },
    ],
    [
      'a copy under way',
      `${RAW}${RBD}<mirror type='file' job='copy'><source file='/srv/copy'/></mirror>`,
      "disk vda is being copied to '/srv/copy' (a block job, 'copy')",
    ],
    [
      'a commit that is not pivoted',
      `${OVERLAY}<mirror type='network' job='active-commit' ready='yes'>${RBD}</mirror>`,
      "disk vda is being merged into 'pool/web1-root' (a block commit that is not pivoted)",
      { type: 'file' },
    ],
    [
      'a file as its source, after a copy',
      "<source file='/srv/copy'/>",
      "disk vda is '/srv/copy', but was defined as 'pool/web1-root'",
      { type: 'file' },
    ],
    ['a device as its source', "<source dev='/dev/sdb'/>", "disk vda is '/dev/sdb', but was", { type: 'block' }],
    ['another protocol', "<source protocol='nbd' name='x'/>", "disk vda is 'nbd:x', but was"],
    ['a volume as its source', "<source pool='p' volume='v'/>", "disk vda is 'p/v', but was", { type: 'volume' }],
    ['no source', '', 'disk vda is a disk of type network, but was'],
    [
      'another image',
      `<source protocol='rbd' name='pool/restored'>${HOSTS}</source>`,
      "disk vda is 'pool/restored', but was",
    ],
    [
      'a snapshot as its source',
      `<source protocol='rbd' name='pool/web1-root'><snapshot name='s'/>${HOSTS}</source>`,
      "is 'pool/web1-root@s', but was",
    ],
    [
      'another format',
      `<driver type='qcow2'/>${RBD}`,
      "disk vda reads 'pool/web1-root' as qcow2, but was defined as raw",
    ],
    [
      'an encryption',
      `${RAW}<source protocol='rbd' name='pool/web1-root'>${HOSTS}<encryption format='luks2'/></source>`,
      "disk vda reads 'pool/web1-root' with encryption (luks2)",
    ],
    [
      'another cluster',
      "<source protocol='rbd' name='pool/web1-root'><host name='192.0.2.1'/></source>",
      "disk vda is 'pool/web1-root' with the monitors 192.0.2.1, but was defined with 10.0.0.11, mon2:6789,",
    ],
    ['the monitors of its host', "<source protocol='rbd' name='pool/web1-root'/>", 'with the monitors (none), but was'],
  ])(
    'when it has %s, in the definition, in what runs, and where only the mark is known',
    (_, inside, problem, { type } = {}) => {
      const altered = defined(inside, { type });
      const all = [
        problems(observed(altered)),
        problems(observed(defined(), altered)),
        problems(observed(altered, altered), { disks: undefined, monitors: undefined }),
      ];
      expect(all).toEqual(all.map(() => [expect.stringContaining(problem)]));
    },
  );

  test('also when the code no longer has it', () => {
    expect(problems(observed(defined(OVERLAY)), { ...SPEC, disks: {} })).toHaveLength(1);
  });

  test('also when its name is gone and only the mark knows it', () => {
    const domain = defined(OVERLAY);
    const disk = find(domain, 'devices/disk') as XmlElement;
    disk.children = disk.children.filter((one) => typeof one === 'string' || one.name !== 'alias');
    expect(problems(observed(domain))).toHaveLength(1);
  });
});

describe('An altered disk is refused with the command that repairs it', () => {
  const virsh = 'virsh --connect qemu:///system';

  test.each<[string, ObservedDomain, string]>([
    [
      'while it runs',
      observed(defined(OVERLAY), defined(OVERLAY)),
      `merge it with '${virsh} blockcommit web1 vda --active --pivot', then`,
    ],
    [
      'while it is off',
      observed(defined(OVERLAY)),
      `merge it with '${virsh} start --paused web1 && ${virsh} blockcommit web1 vda --active --pivot && ${virsh} destroy web1', then`,
    ],
    [
      'under a copy',
      observed(defined(), defined(`${RBD}<mirror job='copy'><source file='/c'/></mirror>`)),
      `abort it with '${virsh} blockjob web1 vda --abort', then`,
    ],
    [
      'under a commit',
      observed(defined(), defined(`${RBD}<mirror job='active-commit'>${RBD}</mirror>`)),
      `finish it with '${virsh} blockjob web1 vda --pivot', then`,
    ],
    ['of another source', observed(defined("<source file='/c'/>")), `put it back ('${virsh} edit web1')`],
  ])('%s', (_, found, next) => expect(() => refuseAltered(SPEC, found)).toThrow(next));

  test('with one command for each disk', () => {
    const domain = defined(OVERLAY);
    const [, second] = findAll(domain, 'devices/disk');
    second?.children.push(parseXml(BELOW));
    expect(() => refuseAltered(SPEC, observed(domain, domain))).toThrow(
      /disk vda is the overlay .*; disk vdb is the overlay .*blockcommit web1 vda .*blockcommit web1 vdb /,
    );
  });
});

describe("A disk attached to somebody else's VM", () => {
  const { owner, entryId, host, cluster, monitors, clientId, secretUsage } = DOMAIN;
  const attachment: DiskAttachmentSpec = {
    ...{ v: 1, owner, entryId, host, cluster, monitors, clientId, secretUsage },
    ...{ domain: 'web1', target: 'vdc', disk: { image: 'pool/more', bus: 'virtio' } },
  };
  const removal = { v: 1, owner, entryId, host, domain: 'web1', target: 'vdc', image: 'pool/more' } as const;

  /** Somebody else's VM with the disk, whose mark names these images; `inside` replaces its source. */
  function withDisk(images: readonly string[] | undefined, inside?: string): ObservedDomain {
    const device = diskXml({ target: 'vdc', alias: attachmentAlias(owner, 'vdc') }, attachment.disk, attachment);
    if (inside !== undefined) {
      device.children = device.children.filter((one) => typeof one === 'string' || one.name !== 'source');
      device.children.push(...parseXml(`<disk>${inside}</disk>`).children);
    }
    const domain = domainXml(DOMAIN, '{}');
    find(domain, 'devices')?.children.push(device);
    if (images !== undefined) {
      const mark = { v: 1, owner, id: 'web1/vdc', entryId, images, monitors };
      const metadata = find(domain, 'metadata') as XmlElement;
      const attributes = { 'xmlns:m': 'urn:cdktf-libvirt-ceph:mark:vdc' };
      metadata.children.push({ name: 'm:mark', attributes, children: [JSON.stringify(mark)] });
    }
    return observed(domain);
  }
  const other = `<source protocol='rbd' name='pool/other'>${HOSTS}</source>`;

  test('is changed and detached as it was attached, also with its previous image', () => {
    for (const found of [withDisk(['pool/more']), withDisk(['pool/other', 'pool/more'], other), withDisk(undefined)]) {
      expect(() => refuseAlteredAttachment(attachment, found)).not.toThrow();
      expect(() => refuseAlteredAtRemoval(removal, found)).not.toThrow();
    }
  });

  test.each([
    ['an overlay', `<source file='/srv/s1'/>${BELOW}`, "disk vdc of VM 'web1' is the overlay"],
    ['another image', other, "disk vdc of VM 'web1' is 'pool/other', but was defined as 'pool/more'"],
  ])('is neither changed nor detached when it is %s', (_, inside, problem) => {
    const found = withDisk(['pool/more'], inside);
    expect(() => refuseAlteredAttachment(attachment, found)).toThrow(problem);
    expect(() => refuseAlteredAtRemoval(removal, found)).toThrow(problem);
  });

  test('is not detached with an overlay when its mark is gone', () => {
    const overlay = withDisk(undefined, `<source file='/srv/s1'/>${BELOW}`);
    expect(() => refuseAlteredAtRemoval(removal, overlay)).toThrow("disk vdc of VM 'web1' is the overlay");
  });

  test('is not touched by another entry', () => {
    const overlay = withDisk(['pool/more'], `<source file='/srv/s1'/>${BELOW}`);
    expect(() => refuseAlteredAtRemoval({ ...removal, entryId: 'other' }, overlay)).not.toThrow();
  });

  test('keeps its overlay attached in the same way as a data disk of a VM of this stack', () => {
    const spec = { ...SPEC, diskEntryIds: { vda: entryId } };
    const found = observed(defined(OVERLAY, { spec }));
    const ofVm = { ...removal, target: 'vda', image: 'pool/web1-root' };
    expect(() => refuseAlteredAtRemoval(ofVm, found)).toThrow("disk vda of VM 'web1' is the overlay");
    expect(() => refuseAlteredAtRemoval({ ...ofVm, entryId: 'old' }, found)).not.toThrow();
  });
});
