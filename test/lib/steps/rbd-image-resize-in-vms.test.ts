import { rbdImage } from '../../../lib/steps/rbd-image';
import { observeImages } from '../../../lib/steps/rbd-image/lookup';
import { FakeImages, GIB, spec } from '../../helpers/fake-images';
import type { FakeRun } from '../../helpers/fake-run';

let images: FakeImages;
let run: FakeRun;
beforeEach(() => {
  images = new FakeImages();
  ({ run } = images);
});

describe('The size in running VMs', () => {
  const user = (domain: string) => ({
    host: { uri: 'qemu:///system', transport: { type: 'local' as const } },
    domain,
    target: 'vda',
  });

  /** What virsh prints about a VM: its disks, then the sizes that it sees. */
  const DISKS = ` vda   vms/web1\n vda   ${GIB / 2}   ${GIB / 2}   ${GIB / 2}\n`;

  test('in many VMs is asked for by one virsh, and in a VM that this does not show by another', async () => {
    await images.make('web1');
    const asked: string[] = [];
    run.answer = ({ argv }) => {
      const script = argv.at(-1) ?? '';
      asked.push(script);
      if (script === '--name') return 'web1\nweb2\nweb3\n';
      const marks = [...script.matchAll(/echo ([^;]+)/g)].map(([, mark]) => mark);
      return marks.length === 0 ? DISKS : `${DISKS}${marks[0]}${DISKS.replaceAll(`${GIB / 2}`, `${GIB}`)}${marks[0]}`;
    };
    const specs = ['web1', 'web2', 'web3'].map((domain) => spec('web1', { users: [user(domain)] }));
    const look = observeImages(specs, run.tools);
    const behind = await Promise.all(specs.map(async (one) => (await look(one)).usersBehind.length));
    expect(behind).toEqual([1, 0, 1]);
    expect(asked.filter((script) => script !== '--name')).toEqual([
      expect.stringMatching(/^domblklist web1; domblkinfo --all web1; echo \S+; domblklist web2; .* web3; echo \S+$/),
      'domblklist web3; domblkinfo --all web3',
    ]);
  });

  test('matches the image when each VM is told, even when somebody grows it in between', async () => {
    const image = await images.make('web1');
    const told: string[] = [];
    run.answer = ({ argv }) => {
      if (argv.includes('list')) return 'web1\nweb2\n';
      if (argv.at(-1)?.startsWith('domblklist')) return DISKS;
      told.push(argv.slice(-3).join(' '));
      image.size += GIB;
      return '';
    };
    const ran = await run.ensure(rbdImage, spec('web1', { users: [user('web1'), user('web2')] }));
    expect(ran).not.toHaveProperty('failed');
    expect(told).toEqual([`web1 vda ${GIB}B`, `web2 vda ${2 * GIB}B`]);
  });

  test.each([
    ['undefined', 'domblklist', "error: failed to get domain 'web1'"],
    ['shut off', 'domblklist', 'error: Requested operation is not valid: domain is not running'],
    ['shut off after the look', 'blockresize', 'error: Requested operation is not valid: domain is not running'],
  ])('is skipped for a VM that is %s in between', async (_title, verb, stderr) => {
    await images.make('web1');
    run.answer = ({ argv }) => {
      if (argv.some((word) => word.startsWith(verb))) return { exitCode: 1, stdout: '', stderr };
      if (argv.includes('list')) return 'web1\n';
      if (argv.at(-1)?.startsWith('domblklist')) return DISKS;
      return '';
    };
    expect(await run.ensure(rbdImage, spec('web1', { users: [user('web1')] }))).not.toHaveProperty('failed');
  });
});
