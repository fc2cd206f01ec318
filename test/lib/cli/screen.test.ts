import { Screen } from '../../../lib/cli/terminal-output';
import { Progress } from '../../../lib/steps/rbd-image/progress';

/** A stream that keeps what is written. */
function stream(isTTY: boolean): NodeJS.WriteStream & { readonly written: string[] } {
  const written: string[] = [];
  return { isTTY, columns: 100, written, write: (text: string) => written.push(text) > 0 } as never;
}

const { NO_COLOR, TERM } = process.env;
beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
  delete process.env['NO_COLOR'];
  process.env['TERM'] = 'xterm';
});
afterEach(() => {
  jest.useRealTimers();
  process.env['NO_COLOR'] = NO_COLOR ?? '';
  process.env['TERM'] = TERM ?? '';
});

describe('The progress of a long task', () => {
  it('is a bar with rate and remaining time on a terminal, on one line that disappears before the next', () => {
    const terminal = stream(true);
    const screen = new Screen(terminal);
    const tools = { say: (line: string) => screen.say(line), bar: screen.bar() };
    const progress = new Progress(tools, "exporting 'vms/web1'", 4 * 2 ** 30);
    jest.advanceTimersByTime(10_000);
    progress.line('Exporting image: 25% complete...');
    screen.say('something else');
    jest.advanceTimersByTime(10_000);
    progress.line('Exporting image: 100% complete...done.');
    expect(terminal.written).toEqual([
      "exporting 'vms/web1' [######------------------]  25 %  1 GiB of 4 GiB, 102.40 MiB/s, 30 s left",
      '\r\u001b[K',
      'something else\n',
      "exporting 'vms/web1' [########################] 100 %  4 GiB of 4 GiB, 204.80 MiB/s\n",
    ]);
  });

  it('shows only the time when the size is unknown, and does not count what was there before', () => {
    const terminal = stream(true);
    const tools = { say: () => undefined, bar: new Screen(terminal).bar() };
    const rollback = new Progress(tools, 'rolling back');
    const download = new Progress(tools, 'fetching');
    download.bytes(50, 100);
    jest.advanceTimersByTime(10_000);
    rollback.line('50% complete');
    jest.advanceTimersByTime(200);
    download.bytes(75, 100);
    expect(terminal.written.at(0)).toContain('50 bytes of 100 bytes');
    expect(terminal.written.join('')).toContain('rolling back [############------------]  50 %  10 s left');
    expect(terminal.written.at(-1)).toContain('75 bytes of 100 bytes, 2 bytes/s, 11 s left');
  });

  it('is one line for each tenth elsewhere, as in an apply', () => {
    const log = stream(false);
    const screen = new Screen(log);
    expect(screen.bar()).toBeUndefined();
    const progress = new Progress({ say: (line) => screen.say(line) }, 'exporting', 1000);
    progress.line('12% complete');
    progress.line('13% complete');
    progress.line('25% complete');
    expect(log.written).toEqual(['exporting: 10 %\n', 'exporting: 20 %\n']);
  });
});

describe('A line', () => {
  it('has colour only on a terminal', () => {
    const [terminal, log] = [stream(true), stream(false)];
    new Screen(terminal).say('Warning: x');
    new Screen(log).say('Warning: x');
    new Screen(terminal).error('y');
    expect(terminal.written).toEqual(['\u001b[33mWarning: x\u001b[0m\n', '\u001b[31my\u001b[0m\n']);
    expect(log.written).toEqual(['Warning: x\n']);
  });
});
