import { Stopped } from '../../../lib/exec/children';
import { errorLine, errorText, oneLine } from '../../../lib/exec/messages';
import { Refusal, ToolError } from '../../../lib/steps/tools';
import { saidTwice } from '../../helpers/said-once';

const local = { type: 'local' } as const;
const KEY = 'AQBnXyZlAAAAABAAl0PqZ1p5S3w2c1dQb0R5SEt6aA==';

test('an error is one line with the object, the step, what the tool said and what to do next', () => {
  const stderr = '2026-11-23T10:15:41.322+0000 7f42c101dd00 -1 first\nError ERANGE: too many PGs\n';
  const error = new ToolError({ argv: ['ceph', 'osd'], transport: local }, { exitCode: 34, stdout: '', stderr });
  const line = errorLine(`pool 'p'`, 'create it', error);
  expect(line).toMatch(
    /^error\[tool-failed\]: pool 'p': create it: 'ceph osd' on this machine \(.*\) ended with 34: first \| Error ERANGE: too many PGs; fix that/,
  );
  expect(line).not.toContain('\n');
});

test('a failed ssh shows the command to try', () => {
  const transport = { type: 'ssh', destination: 'root@mon1' } as const;
  const outcome = { exitCode: 255, stdout: '', stderr: 'Connection refused' };
  expect(errorLine('x', undefined, new ToolError({ argv: ['ceph'], transport }, outcome))).toContain(
    `'ssh -o BatchMode=yes root@mon1 true' works`,
  );
});

test('a Ceph tool that timed out is reported with where to look', () => {
  const outcome = { exitCode: 124, stdout: '', stderr: 'it did not end within 30 seconds and was stopped' };
  const error = (tool: string): ToolError => new ToolError({ argv: [tool, 'x'], transport: local }, outcome);
  expect(errorLine('x', undefined, error('rados'))).toContain("'ceph health detail' shows what it waits for");
  expect(errorLine('x', undefined, error('virsh'))).not.toContain('ceph health');
});

test('what was killed is reported with who may have done it, and to apply again', () => {
  const error = new ToolError(
    { argv: ['the Ceph worker'], transport: local },
    { exitCode: 137, stdout: '', stderr: '' },
  );
  expect(errorLine("image 'p/i'", 'create it', error)).toMatch(
    /^error\[killed\]: image 'p\/i': create it: 'the Ceph worker' .* ended with 137: it said nothing; something killed it, perhaps the kernel .*; apply again to continue$/,
  );
});

test.each([
  ['/var/run/libvirt/libvirt-sock', "'systemctl enable --now libvirtd.socket' ('virtproxyd.socket' where it has"],
  ['/var/run/libvirt/virtqemud-sock', "'systemctl enable --now virtqemud.socket', then apply again"],
  ['/run/libvirt/virtstoraged-sock-ro', "'systemctl enable --now virtstoraged.socket', then apply again"],
])('a libvirt that does not listen at %s is reported with the unit that does', (path, next) => {
  const stderr = `error: failed to connect to the hypervisor\nerror: Failed to connect socket to '${path}': No such file or directory`;
  const error = new ToolError({ argv: ['virsh'], transport: local }, { exitCode: 1, stdout: '', stderr });
  expect(errorLine('x', undefined, error)).toContain(`start libvirt on that host: ${next}`);
});

test('a refusal is printed unchanged, with its code', () => {
  expect(errorLine('x', 'y', new Refusal('a', 'do b', 'image-in-use'))).toBe('error[image-in-use]: x: y: a; do b');
});

test('an error that starts with its object names it once', () => {
  const text = (problem: string): string => errorText("VM 'x'", 'define it', new Refusal(problem, 'do that', 'x'));
  expect(text("VM 'x': disk vda is an overlay")).toBe("VM 'x': define it: disk vda is an overlay; do that");
  expect(text("VM 'x' is there")).toBe("VM 'x' is there; do that");
});

test('a stop says that nothing is lost', () => {
  expect(errorLine('x', 'y', new Stopped('it was stopped by SIGINT', 130))).toBe(
    'error[stopped]: x: y: it was stopped by SIGINT; nothing is lost, apply again to continue',
  );
});

test('a stop with a cause says what the tool said and what to do next', () => {
  const outcome = { exitCode: 124, stdout: '', stderr: 'it did not end within 30 seconds and was stopped' };
  const cause = new ToolError({ argv: ['rados', 'lock'], transport: local }, outcome);
  expect(errorLine('x', 'y', new Stopped('the lock was lost', 1, cause))).toMatch(
    /^error\[ceph-waits\]: x: y: the lock was lost: 'rados lock' on this machine \(.*\) ended with 124: it did not end .* 'ceph health detail' shows/,
  );
});

test('a key is never shown, and long words are shortened', () => {
  expect(oneLine(`key = ${KEY}\nmore`)).toBe('key = (key) | more');
  const error = new ToolError({ argv: ['a'.repeat(200)], transport: local }, { exitCode: 1, stdout: KEY, stderr: KEY });
  const line = errorLine('x', undefined, error);
  expect(line).not.toContain(KEY);
  expect(line).not.toContain('a'.repeat(81));
});

test('escape sequences do not reach the terminal', () => {
  expect(oneLine('a\u001b[31mb')).toBe('a [31mb');
});

test('the tests catch a message that names its object twice or repeats a phrase', () => {
  expect(saidTwice("image 'p/i': image 'p/i' is missing: the image image 'p/i': the image: no")).toContain("'p/i'");
  expect(saidTwice("VM 'x': define it: disk vda is not there: disk vda is not there")).toContain('disk vda');
  expect(saidTwice('the the')).toEqual(['the']);
  expect(saidTwice("error[vm-busy]: VM 'x' is paused; resume it by 'virsh resume x', or 'virsh destroy x'")).toEqual(
    [],
  );
});
