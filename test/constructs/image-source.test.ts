import { TerraformVariable, type TerraformStack } from 'cdktf';
import { ImageSource, RbdImage, type RbdImageProps, Size } from '../../constructs';
import { blank, poolOf, withProps } from '../helpers/image-stacks';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const SHA256 = 'a1'.repeat(32);

describe('The source of an image', () => {
  it.each([
    ['sha256', { sha256: 'A1'.repeat(32) }],
    ['sha256', { sha256: 'a1' }],
    ['sha512', { sha512: SHA256 }],
    ['format', { format: 'a b' }],
  ])('fails when its %s is malformed', (prop, options) => {
    expect(codes(withProps({ source: ImageSource.file('a.img', options) }))).toEqual([`source-${prop}`]);
  });

  it.each(['ftp://x/y', 'x', 'https://', '/etc/passwd', 'http://u:cr/et@x/y'])('fails for the url %j', (url) => {
    expect(codes(withProps({ source: ImageSource.url(url, {}) }))).toEqual(['source-url']);
    const checksumUrl = codes(withProps({ source: ImageSource.url('http://x/y', { checksumUrl: url }) }));
    expect(checksumUrl).toEqual(['source-checksum-url']);
  });

  it('fails for an invalid url without printing its password or query', () => {
    for (const url of ['http://u:cr/et@x/y', 'ftp://u:cret@x/y?token=cret', 'http://u:cret@x/a\0b'])
      expect(refusal(withProps({ source: ImageSource.url(url, {}) })).message).not.toMatch(/cr\/?et/);
  });

  it('shows a url without user, password and query, which only the script receives', () => {
    const url = 'https://us:cret@x.test/a.qcow2?token=t';
    const { fields, context } = synth(
      withProps({ source: ImageSource.url(url, { checksumUrl: `${url}#2`, sha256: SHA256 }) }),
    );
    const plain = 'https://x.test/a.qcow2';
    expect(fields('terraform_data.data_spec').source).toEqual({ url: plain, checksumUrl: plain, sha256: SHA256 });
    expect(context('terraform_data.data_spec').fetch).toEqual({ url, checksumUrl: `${url}#2` });
  });

  it('gives the headers of a request to the script alone', () => {
    const { at, text } = synth((stack) => {
      const token = new TerraformVariable(stack, 'token', { type: 'string', sensitive: true });
      token.addOverride('ephemeral', true);
      const headers = { Authorization: `Bearer ${token.stringValue}`, 'X-Team': 'a"${b}' };
      withProps({ source: ImageSource.url('https://x.test/a.qcow2', { headers }) })(stack);
    });
    const given = '{ "Authorization" = join("", ["Bearer ", var.token]), "X-Team" = "a\\"$${b}" }';
    const scripts = ['data_spec', 'data_spec_confirmed'].map((name) => JSON.stringify(at(`terraform_data.${name}`)));
    for (const script of scripts) expect(script).toContain(JSON.stringify(`{ fetchHeaders = ${given} }`).slice(1, -1));
    expect(text.split('var.token')).toHaveLength(3);
    expect(at('terraform_data.data_spec').triggers_replace.source).toEqual({ url: 'https://x.test/a.qcow2' });
  });

  it('fails for headers that cannot be sent, without printing their values', () => {
    const refused = (headers: { [name: string]: string }) =>
      refusal(withProps({ source: ImageSource.url('https://x.test/a', { headers }) })).message;
    expect(refused({ 'X Team': 'a', Range: 'bytes=0-', 'X-Note': 'cret\n' })).toMatch(
      /valid header names, got "X Team"[^]*sets itself, got "Range"[^]*others for "X-Note"/,
    );
    expect(refused({ 'X-Note': 'cr\u00e9t' })).not.toMatch(/cr.t/);
  });

  it('does not judge what a variable in a url may contain', () => {
    const { fields, context } = synth((stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      withProps({
        source: ImageSource.url(`https://u:${text}@x/${text}/"a?t=${text}`, { checksumUrl: `http://x?${text}` }),
      })(stack);
    });
    expect(fields('terraform_data.data_spec').source).toEqual({
      url: '${replace(replace(join("", ["https://x/", var.text, "/\\"a"]), "/[?#].*$/", ""), "/^(https?:[/][/])[^/]*@/", "$1")}',
      checksumUrl: '${replace(replace("http://x", "/[?#].*$/", ""), "/^(https?:[/][/])[^/]*@/", "$1")}',
    });
    expect(context('terraform_data.data_spec').fetch).toEqual({
      url: 'https://u:${var.text}@x/${var.text}/"a?t=${var.text}',
      checksumUrl: 'http://x?${var.text}',
    });
  });

  it.each(['', 'a\0b', 'e\u0301'])('fails for the path %j', (path) => {
    expect(codes(withProps({ source: ImageSource.file(path) }))).toEqual(['source-path']);
  });

  it('keeps the path as given, and keeps the file out of the stack', () => {
    const { fields, text } = synth(withProps({ source: ImageSource.file("../it's ${HOME}.img") }));
    expect(fields('terraform_data.data_spec').source).toEqual({ file: "../it's $${HOME}.img" });
    expect(text).not.toContain(process.cwd());
  });
});

describe('A clone of an image', () => {
  const cloned = (parent: Partial<RbdImageProps>, child: Size | undefined) => (stack: TerraformStack) => {
    const pool = poolOf(stack);
    const golden = new RbdImage(stack, 'golden', { pool, ...parent });
    const between = new RbdImage(stack, 'between', { pool, source: ImageSource.clone(golden) });
    new RbdImage(stack, 'data', { pool, source: ImageSource.clone(between, { flatten: true }), size: child });
  };

  it('names its parent by spec and waits for it', () => {
    const { fields, at } = synth(cloned(blank, Size.gibibytes(30)));
    expect(fields('terraform_data.data_spec').source).toEqual({ clone: 'vms/between', flatten: true });
    expect(at('terraform_data.data_spec').depends_on).toContain('terraform_data.between_spec_confirmed');
  });

  it('is at least as large as its parent, also through a parent without a size of its own', () => {
    expect(codesOf(cloned(blank, Size.gibibytes(20)))).toEqual([]);
    expect(codesOf(cloned(blank, undefined))).toEqual([]);
    const { code, message } = refusal(cloned(blank, Size.mebibytes(20 * 1024 - 1)));
    expect(code).toBe('image-smaller-than-parent');
    expect(message).toContain(
      "'size' must be at least that of the parent 'vms/between', 20 GiB, got 20479 MiB; use 20 GiB or more",
    );
  });

  it('is not judged when the size of its parent is unknown', () => {
    expect(codesOf(cloned({ source: ImageSource.file('a.img') }, Size.bytes(1)))).toEqual([]);
  });
});
