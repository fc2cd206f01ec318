import { parseXml, type XmlElement } from '../../../lib/render/xml';
import { imagesWrittenAlone } from '../../../lib/steps/domain/written-disks';
import type { Command, Tools } from '../../../lib/steps/tools';
import { DOMAIN } from '../../helpers/domain-spec';

const [OURS, OTHERS] = ['10.0.0.11', '10.9.9.9'];

/** A second monitor of the cluster, which the VM's spec does not name, and an image there. */
const tools = {
  ceph: () => ({ monitors: () => Promise.resolve(['10.0.0.12:6789']) }),
  attempt: ({ argv }: Command) => {
    const line = argv.join(' ');
    const known = line === 'getent ahosts mon-b' ? '10.0.0.12  STREAM mon-b' : undefined;
    const isThere = known !== undefined || line.endsWith(' info pool/nameless');
    return Promise.resolve({ exitCode: isThere ? 0 : 2, stdout: known ?? '', stderr: '' });
  },
} as unknown as Tools;

function definition(image: string, { monitor, inside = '', ofSource = '' }: Disk = {}): XmlElement {
  const host = monitor === undefined ? '' : `<host name='${monitor}'/>`;
  const source = `<source protocol='rbd' name='pool/${image}'>${host}${ofSource}</source>`;
  return parseXml(`<domain><devices><disk type='network' device='disk'>${source}${inside}</disk></devices></domain>`);
}
interface Disk {
  readonly monitor?: string;
  readonly inside?: string;
  readonly ofSource?: string;
}

const opened = (image: string, disk: Disk) => imagesWrittenAlone(DOMAIN, definition(image, disk), tools);

test.each<[string, string, Disk]>([
  ['of a monitor that the VM has', 'by-hand', { monitor: OURS }],
  ['of another monitor of the cluster', 'by-hand', { monitor: '10.0.0.12' }],
  ['of a monitor by a name that its host knows', 'by-hand', { monitor: 'mon-b' }],
  ['of no monitor, where the cluster has such an image', 'nameless', {}],
])('finds an image that a VM opens besides those of its spec: %s', async (_, image, disk) => {
  expect(await opened(image, disk)).toEqual(['pool/web1-root', `pool/${image}`]);
});

test.each<[string, string, Disk]>([
  ['of another cluster', 'by-hand', { monitor: OTHERS }],
  ['of no monitor, where the cluster has none of that name', 'elsewhere', {}],
  ['that it only reads', 'by-hand', { monitor: OURS, inside: '<readonly/>' }],
  ['that several VMs are meant to write to', 'by-hand', { monitor: OURS, inside: '<shareable/>' }],
  ['whose snapshot it reads', 'by-hand', { monitor: OURS, ofSource: `<snapshot name='monday'/>` }],
])('finds an image that the VM shares with other writers: %s', async (_, image, disk) => {
  expect(await opened(image, disk)).toEqual(['pool/web1-root']);
});
