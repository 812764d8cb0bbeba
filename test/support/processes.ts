import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real process that a test started. Bind it with `await using`, so that it never outlives the test. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** All that it has printed so far. */
  output(): string;
  /** The first line, already printed or to come, that matches. Fails when the process ends first, or after `withinMs`. */
  line(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Closes its standard input. */
  endInput(): void;
  readonly ended: Promise<ProcessEnd>;
  /** Sends the signal, SIGKILL by default, and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<ProcessEnd>;
  /** Asks it to end (SIGTERM), waits, and kills it when it does not. */
  stop(): Promise<ProcessEnd>;
}

/** The whole service as a process of its own. */
export interface RunningService extends RunningProcess {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
}

const STOP_MS = 20_000;
const LINE_MS = 30_000;
const READY_MS = 60_000;

/** Path of a compiled program. The tests' set-up compiles the sources before any test runs. */
export function compiledProgram(name: string): string {
  const path = fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} does not exist; compile the sources with npm run build`);
  return path;
}

/** Starts `program` with the Node of the tests; it gets this process's environment, changed by `env`. */
export function startProcess(
  program: string,
  { args = [], env = {}, cwd }: { args?: readonly string[]; env?: Record<string, string>; cwd?: string } = {},
): RunningProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd,
  });
  return new ChildOfTest(child);
}

/**
 * Starts dist/main.js with `env` on a free port and waits until it says that it is ready. Give it DATA_DIR, and
 * MONGODB_URI unless it shall use the embedded MongoDB.
 */
export async function startService(env: Record<string, string>): Promise<RunningService> {
  const port = env.PORT ?? String(await freePort());
  const running = startProcess(compiledProgram('main.js'), { env: { ...env, PORT: port } });
  const url = `http://127.0.0.1:${port}`;
  let hasEnded = false;
  void running.ended.then(() => (hasEnded = true));
  try {
    await eventually(
      'the service is ready',
      async () => hasEnded || (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok,
      { withinMs: READY_MS, everyMs: 50 },
    );
    if (hasEnded) throw new Error('the service ended before it was ready');
  } catch (error) {
    await running.kill();
    throw new Error(`The service did not start:\n${running.output()}`, { cause: error });
  }
  return Object.assign(running, { url });
}

class ChildOfTest implements RunningProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #output = '';
  #hasEnded = false;
  #listeners = new Set<() => void>();

  constructor(child: ChildProcess) {
    if (child.pid === undefined) throw new Error(`${child.spawnfile} could not be started`);
    this.pid = child.pid;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#notify();
      });
    }
    this.ended = new Promise((resolve) => {
      // 'close' comes after the last output, 'exit' may come before it.
      child.once('close', (code, signal) => {
        this.#hasEnded = true;
        this.#notify();
        resolve({ code, signal });
      });
    });
  }

  output(): string {
    return this.#output;
  }

  line(pattern: RegExp, withinMs = LINE_MS): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        this.#listeners.delete(look);
        clearTimeout(timer);
        outcome();
      };
      const fail = (why: string) =>
        settle(() => reject(new Error(`no line ${pattern}: ${why}. It printed:\n${this.#output}`)));
      const look = () => {
        const found = this.#find(pattern);
        if (found !== undefined) settle(() => resolve(found));
        else if (this.#hasEnded) fail('the process ended');
      };
      const timer = setTimeout(() => fail(`not within ${withinMs} ms`), withinMs);
      this.#listeners.add(look);
      look();
    });
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProcessEnd> {
    this.#child.kill(signal);
    return this.ended;
  }

  async stop(): Promise<ProcessEnd> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const end = await this.kill('SIGTERM');
    clearTimeout(force);
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  // The last piece is no line yet unless the process has ended.
  #find(pattern: RegExp): RegExpExecArray | undefined {
    const lines = this.#output.split('\n');
    const complete = this.#hasEnded ? lines : lines.slice(0, -1);
    for (const line of complete) {
      const found = pattern.exec(line);
      if (found !== null) return found;
    }
    return undefined;
  }
}
