import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkMongod, isUsable, type MongodProgram } from './check-mongod.js';

const PREFIX = 'mongod-';
const STAGING_PREFIX = '.fetch-';

// A download takes minutes; what is older was left by a process that was killed.
const STAGING_KEPT_MS = 24 * 60 * 60_000;

/** Where fetched mongod programs are kept for all data folders of the user. */
export function cacheFolder(userCacheDir: string): string {
  return join(userCacheDir, 'tandem');
}

/** Paths of the programs in the cache, the newest version first. */
export async function cachedMongods(cache: string): Promise<string[]> {
  const names = await namesIn(cache);
  return names
    .filter((name) => name.startsWith(PREFIX))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(cache, name));
}

/**
 * Gives `fetch` a folder of its own to work in, beside the place where the program will be kept, and removes it
 * afterwards. Folders of processes that were killed are removed when they are a day old.
 */
export async function withStagingFolder<T>(cache: string, fetch: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const folder = join(cache, `${STAGING_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  try {
    return await fetch(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Makes sure that a fetched program runs here, and moves it into the cache in one step: nobody ever finds half of it.
 *
 * @throws Error when it does not run; it is not kept then
 */
export async function keepInCache(cache: string, program: string): Promise<MongodProgram> {
  await chmod(program, 0o755);
  const checked = await checkMongod(program);
  if (!isUsable(checked)) throw new Error(`what was fetched cannot be used: ${checked.reason}`);
  const path = join(cache, `${PREFIX}${checked.version}`);
  await rename(program, path);
  return { path, version: checked.version };
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await namesIn(cache)) {
    if (!name.startsWith(STAGING_PREFIX)) continue;
    const folder = join(cache, name);
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > STAGING_KEPT_MS) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
