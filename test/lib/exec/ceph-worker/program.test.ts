import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../../../../lib/exec/ceph-worker/program';

const FOLDER = join(__dirname, '../../../../lib/exec/ceph-worker/program');
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.py'))
  .map((name) => ({ name: name.replace('.py', ''), text: readFileSync(join(FOLDER, name), 'utf8') }));

/** What a file defines for the others, as all files share one namespace in the program. */
function definedIn(text: string): string[] {
  const functions = [...text.matchAll(/^(?:def|class) (\w+)/gm)].map(([, name]) => name as string);
  const values = [...text.matchAll(/^(\w+(?:(?:, | = )\w+)*) = /gm)].flatMap(([, names]) =>
    (names as string).split(/\W+/),
  );
  return [...functions, ...values];
}

/** The names that a file imports from the others, each with its file. */
function importedBy(text: string): { readonly from: string; readonly name: string }[] {
  return [...text.matchAll(/^from \.(\w+) import (.*)$/gm)].flatMap(([, from, names]) =>
    (names as string).split(', ').map((name) => ({ from: from as string, name })),
  );
}

const requests = new Set(
  files.flatMap(({ text }) => [...text.matchAll(/^@request\ndef (\w+)/gm)].map(([, name]) => name)),
);
const withoutText = (text: string): string => text.replace(/"""[^]*?"""|'(?:[^'\\\n]|\\.)*'|"[^"\n]*"|#.*/g, '');

test('the program has every file whole, but for what they import from one another, and runs at its end', () => {
  for (const { text } of files) expect(program).toContain(text.replace(/^from \..*\n/gm, ''));
  expect(program).not.toMatch(/^\s*from \./m);
  expect(program).toMatch(/\nmain\(\)\n$/);
});

test('no two files define the same name, which would overwrite the other in the program', () => {
  const names = files.flatMap(({ text }) => definedIn(text));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['cluster', 'rbd', 'DURATION', 'RENEWAL', 'image', 'Lock']));
});

test.each(files.map(({ name, text }) => [`${name}.py`, name, text]))(
  '%s imports what it uses from the other files, from where it is',
  (_, name, text) => {
    const imported = importedBy(text);
    for (const each of imported) {
      expect(definedIn(files.find((file) => file.name === each.from)?.text ?? '')).toContain(each.name);
    }
    const words = new Set(withoutText(text).match(/(?<![.\w])\w+/g));
    // Requests and parameters share names.
    const used = files
      .filter((file) => file.name !== name)
      .flatMap((file) => definedIn(file.text).filter((one) => words.has(one) && !requests.has(one)));
    expect(imported.map((each) => each.name).sort()).toEqual(used.sort());
  },
);
