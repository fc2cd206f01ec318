import { plainUrl } from '../../../lib/model';

test.each([
  ['https://user:pass@host:8443/a/b.qcow2?token=t#f', 'https://host:8443/a/b.qcow2'],
  ['http://token@host/a', 'http://host/a'],
  ['http://host/a@b/c', 'http://host/a@b/c'],
  ['http://host?x=https://user:pass@other/', 'http://host'],
  ['http://host/a#?x@y', 'http://host/a'],
  ['http://user:p@ss@host/a', 'http://host/a'],
  ['http://host/a?x=1\n2', 'http://host/a'],
])('shows %j as %j', (url, plain) => {
  expect(plainUrl(url)).toBe(plain);
});
