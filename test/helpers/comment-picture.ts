/** A comment of `review` as a forge shows it, drawn from its exact Markdown: what is folded stays folded. */
export function commentPicture(markdown: string): string {
  const shapes: string[] = [];
  let y = 66;
  for (const block of blocksOf(markdown)) {
    if (typeof block === 'string') {
      const isHead = block.startsWith('### ');
      shapes.push(text(24, y, plain(block.replace(/^### /, '')), isHead ? 'font-size="18" font-weight="600"' : ''));
      y += isHead ? 18 : 30;
      if (isHead) shapes.push(`<line x1="24" x2="${WIDTH - 24}" y1="${y - 6}" y2="${y - 6}" stroke="#d1d9e0"/>`);
      y += isHead ? 18 : 0;
    } else {
      const rows = block.map(cellsOf);
      y = table(rows, y - 12, shapes) + 32;
    }
  }
  const author = `${text(24, 30, 'libvirt-ceph', 'font-weight="600"')}${text(122, 30, 'commented on this pull request', 'fill="#59636e"')}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" font-family="system-ui, sans-serif" font-size="14" fill="#1f2328">`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${y - 1}" rx="6" fill="#fff" stroke="#d1d9e0"/>`,
    `<path d="M0.5 44.5 V6.5 a6 6 0 0 1 6 -6 H${WIDTH - 6.5} a6 6 0 0 1 6 6 V44.5 Z" fill="#f6f8fa" stroke="#d1d9e0"/>`,
    author,
    ...shapes,
    '</svg>\n',
  ].join('\n');
}

const WIDTH = 860;
const COLUMNS = [
  { x: 24, letters: 18 },
  { x: 184, letters: 24 },
  { x: 364, letters: 66 },
] as const;
const LINE = 20;

/** Headlines and lines, tables as their rows, folded details as one line. */
function blocksOf(markdown: string): (string | string[])[] {
  const open = markdown
    .replace(/^<!--.*-->\n/, '')
    .replace(/<details><summary>(.*?)<\/summary>[^]*?<\/details>/g, (_, title: string) => `▸ ${title}`);
  const parts = open.split('\n\n').map((part) => part.trim());
  return parts.filter((part) => part !== '').map((part) => (part.startsWith('|') ? part.split('\n') : part));
}

function cellsOf(row: string): string[] {
  return row
    .slice(2, -2)
    .split(' | ')
    .map((cell) => cell.trim());
}

function table([head = [], , ...rows]: readonly string[][], top: number, shapes: string[]): number {
  let y = top;
  for (const [index, row] of [head, ...rows].entries()) {
    const cells = row.map((cell, at) =>
      cell.split('<br>').flatMap((line) => wrapped(plain(line), COLUMNS[at]?.letters ?? 60)),
    );
    const height = Math.max(...cells.map((lines) => lines.length)) * LINE + 14;
    const fill = index === 0 ? '#f6f8fa' : '#fff';
    shapes.push(`<rect x="14" y="${y}" width="${WIDTH - 28}" height="${height}" fill="${fill}" stroke="#d1d9e0"/>`);
    cells.forEach((lines, at) =>
      lines.forEach((line, no) =>
        shapes.push(text(COLUMNS[at]?.x ?? 0, y + 22 + no * LINE, line, index === 0 ? 'font-weight="600"' : '')),
      ),
    );
    y += height;
  }
  return y;
}

/** Without Markdown's code marks; its escapes are those of HTML, which SVG reads too. */
function plain(line: string): string {
  return line.replaceAll('`', '');
}

/** Wraps at words; an escape counts as the one letter that it is. */
function wrapped(line: string, letters: number): string[] {
  const lines: string[] = [''];
  for (const word of line.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (longer.replace(/&#\d+;/g, '_').length > letters && lines.at(-1) !== '') lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${x}" y="${y}" ${more}>${content.replace(/&(?!#\d+;)/g, '&amp;').replaceAll('<', '&lt;')}</text>`;
}
