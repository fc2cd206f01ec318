import { nameMonitors } from '../../../lib/exec/unreachable-monitors';
import { ToolError, type Tools } from '../../../lib/steps/tools';

const cluster = { monitors: ['10.0.0.1'], transport: { type: 'local' } } as const;
const tools = {
  attempt: () => Promise.resolve({ exitCode: 0, stdout: '10.0.0.1,10.0.0.2\n', stderr: '' }),
} as unknown as Tools;

/** The error after `ceph` failed with this message. */
async function told(stderr: string): Promise<unknown> {
  const command = { argv: ['ceph', 'mon', 'dump'], transport: cluster.transport };
  return nameMonitors(new ToolError(command, { exitCode: 1, stdout: '', stderr }), { cluster }, tools);
}

test.each([
  '[errno 110] RADOS timed out (error connecting to the cluster)',
  "rbd: couldn't connect to the cluster!",
  'failed to fetch mon config (--no-mon-config to skip)',
])('names the monitors that were tried when none answered: %s', async (stderr) => {
  await expect(told(stderr)).resolves.toMatchObject({
    message: expect.stringContaining('answered, tried: 10.0.0.1,10.0.0.2 (the VMs get 10.0.0.1)'),
  });
});

test.each([
  '[errno 13] RADOS permission denied (error connecting to the cluster)',
  "auth: unable to find a keyring on /etc/ceph/ceph.client.admin.keyring: (2) No such file or directory\nrbd: couldn't connect to the cluster!",
  '[errno 1] RADOS permission error (error connecting to the cluster)\nhandle_auth_bad_method: Operation not permitted',
])('repeats what ceph says when access was denied: %s', async (stderr) => {
  await expect(told(stderr)).resolves.toBeInstanceOf(ToolError);
});
