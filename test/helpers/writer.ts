import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { until } from './until';
import type { Admin } from './world';

/** An empty ext4 file system, for the disk vdb of the guest with an agent. */
export async function fileSystemIn(folder: string): Promise<string> {
  const file = join(folder, 'ext4.raw');
  await execa('truncate', ['--size', '32M', file]);
  await execa('mkfs.ext4', ['-q', '-F', file]);
  return file;
}

/** What the guest with an agent writes to its file system once a second; it prints each line that is written. */
export class Writer {
  constructor(
    private readonly admin: () => Admin,
    private readonly console: string,
  ) {}

  public get written(): number {
    return this.admin()
      .console(this.console)
      .filter((line) => line.startsWith('WROTE ')).length;
  }

  /** Waits until it has written more. */
  public async writes(): Promise<void> {
    const before = this.written;
    await until('the guest writes', () => this.written > before);
  }

  /** True if it writes nothing for that many seconds. */
  public async isStillFor(seconds: number): Promise<boolean> {
    await sleep(500); // skips lines that were still on their way to the console
    const before = this.written;
    await sleep(seconds * 1000);
    return this.written === before;
  }
}
