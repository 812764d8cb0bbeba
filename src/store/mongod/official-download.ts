import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkMongod, isUsable, type MongodProgram } from './check-mongod.js';
import { runFetchProgram } from './fetch-program.js';
import { keepInCache, withStagingFolder } from './mongod-cache.js';

// The library's download has no limit of its own that would suit somebody who waits in front of a terminal: where
// mongodb.org cannot be reached, the next way shall be tried soon.
const STALLED_AFTER_MS = 20_000;

// Beside this file, with the same ending: .js in dist, .ts where the sources are run.
const PROGRAM = fileURLToPath(
  new URL(`./official-download-program${extname(new URL(import.meta.url).pathname)}`, import.meta.url),
);

/**
 * Fetches mongod from mongodb.org by mongodb-memory-server, which knows the right archive for this system, and keeps it in
 * the cache. It runs in a process of its own: it prints to the terminal and cannot be stopped otherwise.
 *
 * @throws Error saying why not
 */
export async function downloadOfficial(cache: string, report: (line: string) => void): Promise<MongodProgram> {
  return withStagingFolder(cache, async (folder) => {
    const output = await runFetchProgram({
      command: process.execPath,
      args: [PROGRAM, folder],
      // Without it the library does not check the server's certificate.
      env: { npm_config_strict_ssl: 'true' },
      folder,
      stalledAfterMs: STALLED_AFTER_MS,
      report,
    });
    const path = output.trim().split('\n').at(-1) ?? '';
    if (path.startsWith(folder)) return keepInCache(cache, path);
    // A copy that another project had fetched before lies in the library's own folder and stays there.
    const checked = await checkMongod(path);
    if (!isUsable(checked)) throw new Error(`${path} cannot be used: ${checked.reason}`);
    return checked;
  });
}
