/**
 * Commands that a message tells the reader to type, or says that it ran: they name their object even if the message
 * does.
 */
const TOOLS = 'virsh|rbd|rados|ceph|qemu-img|terraform|ssh|systemctl|cdktf-libvirt-ceph|cdktf|cryptsetup|cp|cat';
const COMMAND = new RegExp(`'(?:${TOOLS}) .*?'(?=[ ,;.)]|$)`, 'g');
/** "image 'vms/web1'", "disk vda" */
const OBJECT = /\b(?:disk|image|VM|pool|snapshot|client|secret|file|seed) '?[\w./@-]+'?/g;
const PHRASE_WORDS = 4;

/** What a message says more than once: an object by its name, a word directly after itself, a phrase. */
export function saidTwice(message: string): string[] {
  const prose = proseOf(message);
  const names = prose.match(/'[^' ]+'/g) ?? [];
  const words = wordsOf(prose);
  const doubled = words.filter((word, at) => word === words[at - 1] && !/^[\d.]+$/.test(word));
  return [...new Set([...twice(names), ...twice(prose.match(OBJECT) ?? []), ...doubled, ...phrasesTwice(message)])];
}

/** The phrases that occur twice; a rule may name a prop twice: what it must be, and what it is. */
export function phrasesTwice(message: string): string[] {
  const words = wordsOf(proseOf(message));
  return twice(words.slice(PHRASE_WORDS - 1).map((_, at) => words.slice(at, at + PHRASE_WORDS).join(' ')));
}

/** Throws if a message says something twice. */
export function expectSaidOnce(message: string, found = saidTwice(message)): void {
  if (found.length > 0) throw new Error(`said twice (${found.join(', ')}): ${message}`);
}

function proseOf(message: string): string {
  return message
    .replace(COMMAND, '(command)')
    .replace(/ ended with \d+: [^;]*/, ' failed') // a tool's own words
    .replace(/^(?:error)?\[[\w-]+\]:? /, '');
}

function wordsOf(prose: string): string[] {
  return prose.toLowerCase().match(/[\w'/@.-]*\w/g) ?? [];
}

function twice(all: readonly string[]): string[] {
  return all.filter((one, at) => all.indexOf(one) !== at);
}
