/** Commands that a message gives to be typed, or says that it ran: they name their object whatever the message names. */
const TOOLS = 'virsh|rbd|rados|ceph|qemu-img|terraform|ssh|systemctl|cdktf-libvirt-ceph|cdktf|cryptsetup|cp|cat';
const COMMAND = new RegExp(`'(?:${TOOLS}) .*?'(?=[ ,;.)]|$)`, 'g');
/** "image 'vms/web1'", "disk vda" */
const OBJECT = /\b(?:disk|image|VM|pool|snapshot|client|secret|file|seed) '?[\w./@-]+'?/g;
const PHRASE_WORDS = 4;

/** What a message says more than once: an object by its name, a word after itself, a phrase. */
export function saidTwice(message: string): string[] {
  const prose = message.replace(COMMAND, '(command)').replace(/ \[[\w-]+\]$/, '');
  const names = prose.match(/'[^' ]+'/g) ?? [];
  const words = prose.toLowerCase().match(/[\w'/@.-]*\w/g) ?? [];
  const phrases = words.slice(PHRASE_WORDS - 1).map((_, at) => words.slice(at, at + PHRASE_WORDS).join(' '));
  const doubled = words.filter((word, at) => at > 0 && word === words[at - 1] && !/^[\d.]+$/.test(word));
  return [...new Set([...twice(names), ...twice(prose.match(OBJECT) ?? []), ...twice(phrases), ...doubled])];
}

/** Throws where a message says something twice. */
export function expectSaidOnce(message: string): void {
  const found = saidTwice(message);
  if (found.length > 0) throw new Error(`said twice (${found.join(', ')}): ${message}`);
}

function twice(all: readonly string[]): string[] {
  return all.filter((one, at) => all.indexOf(one) !== at);
}
