import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Raw images of 1 MiB that boot by BIOS and run no operating system. */
export interface BootSectorImages {
  /** Powers off at the power button. */
  readonly bootSectorImage: string;
  /** Powers off a minute after the power button. */
  readonly slowBootSectorImage: string;
  /** Reports the power button but ignores it. */
  readonly stubbornBootSectorImage: string;
}

const SOURCE = join(__dirname, 'boot-sector-guest.S');
const IMAGE_BYTES = 2 ** 20;
/** Where the source has how many ticks of the BIOS's timer pass between the power button and off. */
const DELAY = 508;
const TICKS = { obeys: 0, minute: Math.round(60 * 18.2), never: 0xffff } as const;

export async function buildBootSectorGuest(lab: string): Promise<BootSectorImages> {
  const sector = await assemble(join(lab, 'guest-boot-sector'));
  const variant = async (name: string, ticks: number): Promise<string> => {
    const content = Buffer.alloc(IMAGE_BYTES);
    sector.copy(content);
    content.writeUInt16LE(ticks, DELAY);
    const image = join(lab, `guest-${name}.img`);
    await writeFile(image, content);
    return image;
  };
  return {
    bootSectorImage: await variant('boot-sector', TICKS.obeys),
    slowBootSectorImage: await variant('boot-sector-slow', TICKS.minute),
    stubbornBootSectorImage: await variant('boot-sector-stubborn', TICKS.never),
  };
}

async function assemble(work: string): Promise<Buffer> {
  const [object, linked, binary] = [`${work}.o`, `${work}.elf`, `${work}.bin`] as const;
  await execa('as', ['--32', '-o', object, SOURCE]);
  await execa('ld', ['-m', 'elf_i386', '-Ttext', '0x7c00', '-e', '_start', '-o', linked, object]);
  await execa('objcopy', ['-O', 'binary', '-j', '.text', linked, binary]);
  const sector = await readFile(binary);
  if (sector.length !== 512) throw new Error(`${SOURCE} makes ${sector.length} bytes, but a boot sector has 512`);
  await Promise.all([object, linked, binary].map((file) => rm(file)));
  return sector;
}
