import { missingTool } from '../../../lib/exec/missing-tool';

const outcome = { exitCode: 127, stdout: '', stderr: '' };
const ssh = { type: 'ssh', destination: 'root@mon1' } as const;

test('a command missing on this machine is reported with its Debian package', () => {
  const refusal = missingTool({ argv: ['virsh', 'list'], transport: { type: 'local' } }, outcome, 'ENOENT');
  expect(refusal?.message).toMatch(
    /^the command 'virsh' is missing on this machine .*; install the Debian package libvirt-clients/,
  );
});

test('a missing ssh is not mistaken for a missing command', () => {
  expect(missingTool({ argv: ['ceph'], transport: ssh }, outcome, 'ENOENT')?.message).toContain(`'ssh' is missing`);
});

test.each([
  [127, 'bash: line 1: rbd: command not found'],
  [127, 'sh: 1: rbd: not found'],
  [1, 'sudo: rbd: command not found'],
])('a command missing elsewhere is reported with the machine (%i, %s)', (exitCode, stderr) => {
  const refusal = missingTool({ argv: ['rbd'], transport: ssh }, { exitCode, stdout: '', stderr }, undefined);
  expect(refusal?.message).toMatch(
    /^the command 'rbd' is missing on root@mon1; install the Debian package ceph-common/,
  );
});

test('a command that did not find its object does not count as missing', () => {
  const stderr = 'rbd: error opening image x: (2) No such file or directory';
  expect(
    missingTool({ argv: ['rbd'], transport: ssh }, { exitCode: 2, stdout: '', stderr }, undefined),
  ).toBeUndefined();
});
