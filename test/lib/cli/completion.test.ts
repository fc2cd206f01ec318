import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { completion } from '../../../lib/cli/completion';

const program = new Command('cdktf-libvirt-ceph').option('--dir <folder>', 'where').version('1');
program.command('verify').description("look: it's all").option('--watch <seconds>', 'again');
const trash = program.command('trash').description('put aside');
trash.command('list').description('what is there');
trash.command('restore').description('bring back').option('--name <name>', 'another');

/** What bash suggests after these words. */
function offered(...words: string[]): string[] {
  const script = `${completion('bash', program)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cdktf_libvirt_ceph; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', 'cdktf-libvirt-ceph', ...words], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

describe('The completion of bash', () => {
  it('offers commands and options first', () => {
    expect(offered('')).toEqual(['verify', 'trash', '--dir', '--version']);
    expect(offered('v')).toEqual(['verify']);
  });

  it("offers a command's own options, and the options of all commands, wherever other words stand", () => {
    expect(offered('verify', '--')).toEqual(['--watch', '--dir']);
    expect(offered('--dir', '/srv', 'verify', 'web1', '--w')).toEqual(['--watch']);
  });

  it('knows the commands below a command', () => {
    expect(offered('trash', '')).toEqual(['list', 'restore', '--dir']);
    expect(offered('trash', 'restore', '--n')).toEqual(['--name']);
  });
});

describe('The completion of another shell', () => {
  it('gives zsh the same completions as bash, with descriptions', () => {
    const script = completion('zsh', program);
    expect(script).toMatch(/^#compdef cdktf-libvirt-ceph\n/);
    expect(script).toContain(`'verify:look\\: it'\\''s all'`);
    expect(script).toContain("'trash restore') choices=('--name:another' '--dir:where') ;;");
  });

  it('gives fish the same completions as bash, in the right places', () => {
    const lines = completion('fish', program).split('\n');
    expect(lines).toContain(
      "complete -c cdktf-libvirt-ceph -n '__fish_use_subcommand' -a verify -d 'look: it\\'s all'",
    );
    expect(lines).toContain(
      "complete -c cdktf-libvirt-ceph -n '__fish_seen_subcommand_from trash; and __fish_seen_subcommand_from restore' -l name -d 'another'",
    );
  });

  it('fails for an unknown shell', () => {
    expect(() => completion('tcsh', program)).toThrow("no completion for 'tcsh'; give one of bash, zsh, fish");
  });
});
