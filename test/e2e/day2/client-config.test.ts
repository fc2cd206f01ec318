import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { CephClient, CephClientConfig } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'conf-'));
const REST = '[global]\nfsid = 1\n\n[client.other]\nrbd cache = true\n';
const [FIRST, SECOND] = [join(folder, 'first.conf'), join(folder, 'second.conf')];
const SECTION = '[client.conf-client]\nlog file = /var/log/ceph/conf.log\n';

function stackWith(confFile?: string) {
  return (stack: TerraformStack): void => {
    const { ceph, host } = world(stack, lab());
    const client = new CephClient(stack, 'conf-client', { cluster: ceph });
    if (confFile === undefined) return;
    new CephClientConfig(stack, 'conf', { host, client, confFile, logFile: '/var/log/ceph/conf.log' });
  };
}

describe('The section of a client in a configuration file', () => {
  const deployment = new Deployment('conf');
  const content = (file: string): string => readFileSync(file, 'utf8');

  beforeAll(async () => {
    writeFileSync(FIRST, REST);
    await deployment.deploy(stackWith(FIRST));
  });
  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await new Admin(lab()).clear('conf-');
  });

  test('moves to another file, and the rest of the first file stays', async () => {
    expect(content(FIRST)).toContain(SECTION);
    deployment.synth(stackWith(SECOND));
    const planned = (await deployment.plannedChanges()).filter((line) => !line.includes('client_configs'));
    expect(planned.filter((line) => !line.startsWith('terraform_data.conf_spec'))).toEqual([]);
    await deployment.deploy(stackWith(SECOND));
    expect(content(FIRST)).toBe(REST);
    expect(content(SECOND)).toContain(SECTION);
  });

  test('fails to move when the other file already has such a section, is removed from the first, and leaves the second unchanged', async () => {
    const foreign = '[client.conf-client]\nlog file = /theirs\n';
    writeFileSync(FIRST, REST + foreign);
    expect(await deployment.failToDeploy(stackWith(FIRST))).toContain(
      'has a section [client.conf-client] that this tool did not create',
    );
    expect(content(FIRST)).toBe(REST + foreign);
    writeFileSync(FIRST, REST);
    await deployment.deploy(stackWith(FIRST));
    expect(content(FIRST)).toContain(SECTION);
  });

  test('stays when somebody else has taken it over in the meantime, and is removed with its construct', async () => {
    const theirs = content(FIRST).replace(/"entryId":"[^"]*"/, '"entryId":"of-another-entry"');
    writeFileSync(FIRST, theirs);
    const output = await deployment.deploy(stackWith(SECOND));
    expect(output).toContain('does not (or no longer) belong to this entry, so it is kept');
    expect(content(FIRST)).toBe(theirs);
    expect(content(SECOND)).toContain(SECTION);
    await deployment.deploy(stackWith());
    expect(() => content(SECOND)).toThrow('ENOENT');
  });
});
