// A plan holds secrets in clear, and is run by whoever applies it: it is encrypted, and opens only as what it was
// sealed as, the plan of one stack for one source.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';

const { PLAN_KEY = '', STACK = '' } = process.env;
const about = Buffer.from(`${STACK} ${readFileSync('out/tree', 'utf8').trim()}`);
const keyOf = (salt) => scryptSync(PLAN_KEY, salt, 32);
const [SALT, NONCE, TAG] = [16, 12, 16];

function seal(text) {
  const [salt, nonce] = [randomBytes(SALT), randomBytes(NONCE)];
  const cipher = createCipheriv('aes-256-gcm', keyOf(salt), nonce).setAAD(about);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]);
}

function open(sealed) {
  const [salt, nonce] = [sealed.subarray(0, SALT), sealed.subarray(SALT, SALT + NONCE)];
  const tag = sealed.subarray(SALT + NONCE, SALT + NONCE + TAG);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(salt), nonce).setAAD(about).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(SALT + NONCE + TAG)), decipher.final()]);
}

function write(bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
}

try {
  write((process.argv[2] === 'seal' ? seal : open)(readFileSync(0)));
} catch {
  console.error(`no plan of stack '${STACK}' that was reviewed for this source: plan again, and have that reviewed`);
  process.exit(1);
}
