// Draws what the demo printed as a terminal. The lines appear one after the other, or all at once where animations are
// off: npm run demo | tee demo.log; node lab/demo/picture.mjs < demo.log > docs/images/demo.svg
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const COLUMNS = 104;
const LINE = 17;
const SECONDS = 0.18;
/**
 * The parts of the log that a picture does not need: about the machine, and all steps between the tenth and the last.
 */
const LEFT_OUT =
  /^Warning: |^driver: |: [2-9]0 %$|console \| (\s|DISK vd. (FIRST|BOOTS)|$)|==.*checks|^\s{6,}|-format: json|^ {2}\$ virsh qemu/;
const UNTIL = /^== cdktf destroy/;

const log = stripVTControlCharacters(readFileSync(0, 'utf8')).split('\n');
const end = log.findIndex((line) => UNTIL.test(line));
if (end === -1) throw new Error('this is not what a whole demo prints');
const shown = ['$ npm run demo', ...log.slice(0, end)]
  .filter((line) => !LEFT_OUT.test(line) && !/[^\x20-\x7e]/.test(line))
  .filter((line, index, all) => line !== '' || all[index - 1] !== '')
  .slice(0, 46)
  .map((line) => line.slice(0, COLUMNS));

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const colour = (line) => {
  if (line.startsWith('$') || line.startsWith('  $')) return 'c';
  if (line.startsWith('==')) return 'h';
  return /Apply complete|HEALTH_OK|running$/.test(line) ? 'g' : 't';
};
const texts = shown.map((line, index) => {
  const delay = (index * SECONDS).toFixed(2);
  return `<text class="${colour(line)}" x="16" y="${48 + index * LINE}" style="animation-delay:${delay}s">${escaped(line)}</text>`;
});
const height = 64 + shown.length * LINE;
const width = 32 + COLUMNS * 7.9;
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>npm run demo: a private Ceph and libvirt, cdktf deploy, a VM that boots from RBD</title>
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; animation: line .1s backwards; }
@keyframes line { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
.t { fill: #c9d1d9; } .h { fill: #79c0ff; font-weight: bold; } .g { fill: #7ee787; } .c { fill: #ffa657; }
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
${texts.join('\n')}
</svg>`);
