import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentWithoutSecrets } from '../../config.js';

/** A program that fetches something into a folder, watched by the growth of that folder. */
export interface FetchProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that grows while the program makes progress. */
  readonly folder: string;
  /** The program is ended when the folder has not grown for this long. */
  readonly stalledAfterMs: number;
  readonly report: (line: string) => void;
}

const LOOK_MS = 500;
const REPORT_MS = 5_000;
const MEGABYTE = 1_000_000;

/**
 * Runs the program to its end and returns what it printed, with a line on its progress every few seconds.
 *
 * @throws Error with the program's last words when it fails, cannot be started, or makes no progress for `stalledAfterMs`
 */
export async function runFetchProgram(program: FetchProgram): Promise<string> {
  const child = spawn(program.command, program.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environmentWithoutSecrets(process.env), ...program.env },
  });
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));

  const watch = watchGrowth(program, () => child.kill('SIGKILL'));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (watch.stalled) throw new Error(`no progress for ${program.stalledAfterMs / 1000} s`);
    if (code !== 0) throw new Error(lastWords(errors.join('') || output.join('')) || `it ended with code ${code}`);
    return output.join('');
  } finally {
    watch.stop();
  }
}

interface GrowthWatch {
  readonly stalled: boolean;
  stop(): void;
}

function watchGrowth({ folder, stalledAfterMs, report }: FetchProgram, onStalled: () => void): GrowthWatch {
  let size = 0;
  let grownAt = performance.now();
  let reportedAt = grownAt;
  let stalled = false;

  async function look(): Promise<void> {
    const present = await sizeOf(folder);
    const now = performance.now();
    if (present !== size) {
      size = present;
      grownAt = now;
    } else if (now - grownAt > stalledAfterMs) {
      stalled = true;
      onStalled();
    }
    if (now - reportedAt > REPORT_MS) {
      reportedAt = now;
      report(`  ${Math.round(size / MEGABYTE)} MB so far`);
    }
  }

  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    get stalled() {
      return stalled;
    },
    stop: () => clearInterval(timer),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  // Files come and go while the program works; one that is gone counts nothing.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (
    lines
      .filter((line) => line !== '')
      .at(-1)
      ?.slice(0, 300) ?? ''
  );
}
