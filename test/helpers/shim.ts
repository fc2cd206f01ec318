import { mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';

/**
 * A PATH on which a tool is a piece of shell first, and then itself with the same words, if the shell has not ended: to make
 * it slow, to make it fail, to look at what it was given. "$real" is the tool itself. Its file is in a new folder in `folder`.
 */
export function pathWithTool(folder: string, tool: string, shell: string): string {
  const real = execaSync('sh', ['-c', 'command -v "$0"', tool]).stdout;
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, tool), `#!/bin/sh\nreal='${real}'\n${shell}\nexec "$real" "$@"\n`, { mode: 0o755 });
  return [bin, process.env['PATH']].join(delimiter);
}

/** While `work` runs, the same for all that this process starts. */
export async function withTool<T>(folder: string, tool: string, shell: string, work: () => Promise<T>): Promise<T> {
  const { PATH: before } = process.env;
  process.env['PATH'] = pathWithTool(folder, tool, shell);
  try {
    return await work();
  } finally {
    process.env['PATH'] = before;
  }
}

/** Shell that waits until a file is there, a minute at most. */
export function waitFor(file: string): string {
  return `n=0; until [ -e '${file}' ] || [ $((n += 1)) -gt 600 ]; do sleep 0.1; done`;
}

/**
 * The words before those of Ceph's commands by which a piece of shell is run before the worker is given a request; the rest of
 * what it reads and writes goes past untouched.
 */
export function beforeRequest(method: string, shell: string): string[] {
  const pass = `while IFS= read -r line; do case $line in *'"${method}"'*) ${shell} ;; esac; printf '%s\\n' "$line"; done`;
  return ['sh', '-c', `${pass} | "$@"`, 'sh'];
}
