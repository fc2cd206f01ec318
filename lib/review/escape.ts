/**
 * Characters that end a line, reverse its direction or are invisible: a name must not change how the text around it
 * looks.
 */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const LINKS = /:(?=\/\/)|(?<=\bwww)\./gi;

/** A name on a line of a terminal or a log. */
export function plain(text: string): string {
  return text.replace(UNSEEN, '\ufffd');
}

/** A name in Markdown, in a table and in HTML: no markup, no mention, no link. */
export function markdown(text: string): string {
  const code = (one: string): string => `&#${one.codePointAt(0) ?? 0};`;
  return plain(text)
    .replace(/[&<>"'`|\\*_~[\]{}()#@!$]/g, code)
    .replace(LINKS, code);
}

/** The same, except for what the review itself quotes as code: `memory`, `disks.vdb.serial`. */
export function reasonInMarkdown(text: string): string {
  return text
    .split(/(`[\w.: -]{1,80}`)/)
    .map((part, index) => (index % 2 === 1 ? part : markdown(part)))
    .join('');
}

/** A label in a Mermaid picture. */
export function mermaidLabel(text: string): string {
  return plain(text).replace(/[^\w ./-]/gu, (one) => `#${one.codePointAt(0) ?? 0};`);
}

/** A value inside an HTML comment, which it must not end. */
export function inComment(text: string): string {
  return encodeURIComponent(text).replaceAll('-', '%2D');
}
