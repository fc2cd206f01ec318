import { mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';

/**
 * A PATH on which a tool first runs a piece of shell and then, unless that has exited, itself with the same arguments:
 * to make it slow, to make it fail, or to see its arguments. "$real" is the tool itself. Its file is in a new folder in
 * `folder`.
 */
export function pathWithTool(folder: string, tool: string, shell: string): string {
  const real = execaSync('sh', ['-c', 'command -v "$0"', tool]).stdout;
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, tool), `#!/bin/sh\nreal='${real}'\n${shell}\nexec "$real" "$@"\n`, { mode: 0o755 });
  return [bin, process.env['PATH']].join(delimiter);
}

/** The same for everything that this process starts while `work` runs. */
export async function withTool<T>(folder: string, tool: string, shell: string, work: () => Promise<T>): Promise<T> {
  const { PATH: before } = process.env;
  process.env['PATH'] = pathWithTool(folder, tool, shell);
  try {
    return await work();
  } finally {
    process.env['PATH'] = before;
  }
}

/** Shell that waits until a file exists, for at most a minute. */
export function waitFor(file: string): string {
  return `n=0; until [ -e '${file}' ] || [ $((n += 1)) -gt 600 ]; do sleep 0.1; done`;
}

/**
 * The words that precede those of Ceph's commands and run a piece of shell before the worker receives a request;
 * everything else that it reads and writes passes unchanged.
 */
export function beforeRequest(method: string, shell: string): string[] {
  const pass = `while IFS= read -r line; do case $line in *'"${method}"'*) ${shell} ;; esac; printf '%s\\n' "$line"; done`;
  return ['sh', '-c', `${pass} | "$@"`, 'sh'];
}
