import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A mongod program that was seen to run on this machine. */
export interface MongodProgram {
  readonly path: string;
  /** As in `6.0.5`. */
  readonly version: string;
}

/** Why a program cannot be used, as the end of a sentence. */
export interface UnusableProgram {
  readonly path: string;
  readonly reason: string;
}

const run = promisify(execFile);

// 6.0 is the oldest version that the product runs on; see the check of the server.
const OLDEST_MAJOR_VERSION = 6;

// It only prints a text. A cold disk or an on-access scanner may take a while over 150 MB.
const VERSION_MS = 20_000;

/** Runs `path --version`: a file that is there may still be for another processor or lack a library. */
export async function checkMongod(path: string): Promise<MongodProgram | UnusableProgram> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: VERSION_MS });
    const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version === undefined) return { path, reason: 'it does not tell a version of MongoDB' };
    if (Number.parseInt(version, 10) < OLDEST_MAJOR_VERSION) {
      return { path, reason: `it is version ${version}, but ${OLDEST_MAJOR_VERSION}.0 or later is needed` };
    }
    return { path, version };
  } catch (error) {
    return { path, reason: `it does not run: ${whyItDoesNotRun(error)}` };
  }
}

/** Tells the two answers of `checkMongod` apart. */
export function isUsable(checked: MongodProgram | UnusableProgram): checked is MongodProgram {
  return 'version' in checked;
}

function whyItDoesNotRun(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr, signal } = error as Error & { stderr?: string; signal?: string };
  if (signal === 'SIGILL') return 'this processor lacks instructions it needs (AVX)';
  return stderr?.trim().split('\n').at(-1) || error.message;
}
