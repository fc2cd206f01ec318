import { proxyFor } from '../../../../lib/steps/http/proxy';

const proxied = (url: string, env: NodeJS.ProcessEnv): string | undefined => proxyFor(new URL(url), env)?.href;

test('the proxy is chosen by the scheme of the address, else the one for all schemes', () => {
  const env = { http_proxy: 'http://a:3128', HTTPS_PROXY: 'b:8080', all_proxy: 'http://c' };
  expect(proxied('http://x.test/', env)).toBe('http://a:3128/');
  expect(proxied('https://x.test/', env)).toBe('http://b:8080/');
  expect(proxied('https://x.test/', { all_proxy: 'http://u:p@c' })).toBe('http://u:p@c/');
  expect(proxied('http://x.test/', { HTTP_PROXY: 'http://a' })).toBeUndefined();
  expect(proxied('http://x.test/', { http_proxy: '' })).toBeUndefined();
});

test.each([
  ['*', true],
  ['x.test', true],
  ['.test', true],
  ['*.x.test', true],
  ['other.test, x.test:80', true],
  ['x.test:8080', false],
  ['ex.test,test2', false],
  ['', false],
])('no_proxy %j bypasses it: %s', (no_proxy, direct) => {
  expect(proxied('http://x.test/a', { http_proxy: 'http://a', no_proxy }) === undefined).toBe(direct);
});

test('no_proxy takes IPv4 and IPv6 addresses', () => {
  const env = { http_proxy: 'http://a', NO_PROXY: '10.0.0.1,[2001:db8::1],2001:db8::2' };
  expect(['10.0.0.1', '[2001:db8::1]', '[2001:db8::2]'].map((host) => proxied(`http://${host}/`, env))).toEqual([
    ...[undefined, undefined, undefined],
  ]);
  expect(proxied('http://110.0.0.1/', env)).toBe('http://a/');
});

test('fails for a proxy that is not http, without printing its password', () => {
  expect(() => proxied('http://x.test/', { http_proxy: 'socks5://u:secret@a:1080' })).toThrow(
    /^the proxy 'socks5:\/\/a:1080' of the environment is neither http nor https$/,
  );
  expect(() => proxied('http://x.test/', { http_proxy: 'http://u:secret@' })).toThrow(
    /^the proxy that .* is not a valid address$/,
  );
});
