import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Another sandbox works on the data folder: two of them would overwrite each other's journal. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

interface Holder {
  readonly pid: number;
  readonly port: number;
}

// A process number may have been given to another program since a crash: the holder has to answer as a sandbox. One that
// has just begun may still read its data.
const ANSWER_ATTEMPTS = 10;
const ANSWER_PAUSE_MS = 500;
const ANSWER_MS = 2_000;

/** The file in a sandbox's data folder that tells who works on it, and on which port it answers. */
export const lockPath = (dataDir: string): string => join(dataDir, 'sandbox.lock');

/**
 * Takes a data folder for this process. A lock that a crashed sandbox left behind is taken over.
 *
 * @throws FolderInUseError naming the port on which the other sandbox answers
 */
export async function lockFolder(dataDir: string, port: number): Promise<() => void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = lockPath(dataDir);
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid, port }), { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(path);
    if (holder !== null && (await isHeld(holder))) {
      throw new FolderInUseError(
        `the data folder ${dataDir} is used by the sandbox on port ${holder.port}; end that one, or set another SANDBOX_DATA_DIR`,
      );
    }
    rmSync(path, { force: true });
  }
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

async function isHeld({ pid, port }: Holder): Promise<boolean> {
  for (let attempt = 0; attempt < ANSWER_ATTEMPTS && pid !== process.pid && isAlive(pid); attempt += 1) {
    if (await answers(pid, port)) return true;
    await delay(ANSWER_PAUSE_MS);
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function answers(pid: number, port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/control`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { pid: told } = (await response.json()) as { readonly pid?: number };
    return told === pid;
  } catch {
    return false;
  }
}
