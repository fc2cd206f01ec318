// Makes one file of a package that has hundreds: each test file has a sandbox, for which jest finds, reads and compiles
// every one of them again. cdktf takes a quarter of the time so.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { buildSync } = require('esbuild');

/** Versions of all packages: jest keeps what is made until this changes. */
const lock = readFileSync(join(__dirname, '../../package-lock.json'));
const own = readFileSync(__filename);

module.exports = {
  getCacheKey: (text, file) => createHash('sha256').update(text).update(file).update(lock).update(own).digest('hex'),
  process: (text, file) => {
    const { outputFiles } = buildSync({
      stdin: { contents: text, resolveDir: dirname(file) },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      // What a test loads as well is the same module here and there.
      external: ['constructs', 'archiver'],
      logLevel: 'error',
    });
    return { code: outputFiles[0].text };
  },
};
