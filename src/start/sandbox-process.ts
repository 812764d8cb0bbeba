import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { environmentWithoutSecrets } from '../config.js';
import { portInUse, whoHolds } from './sandbox-identity.js';

/** What `startSandboxProcess` needs. */
export interface SandboxProcessOptions {
  readonly port: number;
  /** The sandbox's own data folder. */
  readonly dataDir: string;
  /** Takes one readable line a step, for the person who starts the program. */
  readonly report: (line: string) => void;
  readonly logger: Logger;
  /** The compiled sandbox; default: the one beside this file. */
  readonly program?: string;
}

/** A sandbox that answers. */
export interface SandboxProcess {
  readonly url: string;
  /** Ends it if it was started here; one that was already there is left alone. */
  close(): Promise<void>;
}

/** The sandbox cannot run on this port. */
export class SandboxStartError extends Error {
  override readonly name = 'SandboxStartError';
}

const PROGRAM = fileURLToPath(new URL('../sandbox/main.js', import.meta.url));

// The first start makes the sample companies.
const READY_MS = 60_000;
const READY_LOOK_MS = 50;

// It writes what it has not written yet.
const END_MS = 5_000;

// One that was adopted ends with the process that started it, and a crash shall not end a demo.
const WATCH_MS = 2_000;

// A stack trace and what stands above it.
const KEPT_LINES = 20;

/**
 * Makes sure that a sandbox with this data folder answers on this port: joins the one that is there, else starts it as a
 * process of its own. While the returned object is open, one that ends is started again.
 *
 * @throws SandboxStartError when something else has the port, or the sandbox does not start; the message says what to do
 */
export async function startSandboxProcess(options: SandboxProcessOptions): Promise<SandboxProcess> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const sandbox = new WatchedSandbox(options);
  await sandbox.ensure();
  sandbox.watch();
  return { url: `http://127.0.0.1:${sandbox.port}`, close: () => sandbox.close() };
}

class WatchedSandbox {
  readonly #options: SandboxProcessOptions;
  /** Where it answers: the port that was asked for, or the one of a sandbox that was there before. */
  port: number;
  #child: ChildProcess | undefined;
  #lastLines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: SandboxProcessOptions) {
    this.#options = options;
    this.port = options.port;
  }

  /** Joins the one that works on the data folder, on whichever port; else starts one. */
  async ensure(): Promise<void> {
    const { dataDir, report } = this.#options;
    this.port = (await portInUse(dataDir)) ?? this.#options.port;
    const { port } = this;
    const holder = await whoHolds(port, dataDir);
    switch (holder.is) {
      case 'our sandbox':
        report(`Sandbox: joined the one that already runs on port ${port}`);
        return;
      case 'nobody':
        return this.#start();
      case 'another sandbox':
        throw this.#taken(
          `a sandbox with ${holder.dataDir === null ? 'no data folder' : `the data folder ${holder.dataDir}`}`,
        );
      case 'something else':
        throw this.#taken(`another program (${holder.detail})`);
    }
  }

  watch(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    }, WATCH_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(force);
  }

  async #look(): Promise<void> {
    if (this.#child !== undefined && !hasEnded(this.#child)) return;
    const { dataDir, logger } = this.#options;
    const { port } = this;
    try {
      const holder = await whoHolds(port, dataDir);
      if (holder.is !== 'nobody') return;
      logger.warn({ port }, 'the sandbox has ended; starting it again');
      await this.#start();
    } catch (error) {
      logger.error({ err: error, port }, 'the sandbox could not be started again');
    }
  }

  async #start(): Promise<void> {
    const { dataDir, report } = this.#options;
    const { port } = this;
    const child = this.#spawn();
    this.#child = child;
    const end = performance.now() + READY_MS;
    while (performance.now() < end) {
      const holder = await whoHolds(port, dataDir);
      if (holder.is === 'our sandbox') {
        if (holder.pid === child.pid) {
          report(`Sandbox started on http://127.0.0.1:${port}, data in ${dataDir}`);
          return;
        }
        // Two services started at the same moment, and the other one's sandbox was first. Ours could not get the port.
        child.kill('SIGKILL');
        report(`Sandbox: joined the one that another process has just started on port ${port}`);
        return;
      }
      if (hasEnded(child)) throw new SandboxStartError(`The sandbox ended while starting. ${this.#lastWords()}`);
      await delay(READY_LOOK_MS);
    }
    child.kill('SIGKILL');
    throw new SandboxStartError(`The sandbox did not answer within ${READY_MS / 1000} s. ${this.#lastWords()}`);
  }

  // Detached, so that a Ctrl-C in the terminal reaches only us, and a run in progress can still end well; the channel to
  // us tells it when we are gone, however we ended.
  #spawn(): ChildProcess {
    const { dataDir, logger, program = PROGRAM } = this.#options;
    const { port } = this;
    const child = spawn(process.execPath, ['--enable-source-maps', program], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...environmentWithoutSecrets(process.env),
        SANDBOX_PORT: String(port),
        SANDBOX_DATA_DIR: dataDir,
        SANDBOX_EXIT_WITH_PARENT: '1',
      },
    });
    this.#lastLines = [];
    const keep = (line: string) => {
      this.#lastLines = [...this.#lastLines, line].slice(-KEPT_LINES);
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        keep(line);
        logger.debug({ line }, 'sandbox');
      });
    }
    child.once('error', (error) => keep(error.message));
    child.unref();
    child.channel?.unref();
    return child;
  }

  #taken(by: string): SandboxStartError {
    const { port } = this.#options;
    return new SandboxStartError(
      `SANDBOX_PORT: port ${port} is taken by ${by}. Stop that, or set SANDBOX_PORT to a free port; SANDBOX=off goes without.`,
    );
  }

  #lastWords(): string {
    return this.#lastLines.length === 0 ? 'It said nothing.' : `It said last:\n${this.#lastLines.join('\n')}`;
  }
}

// A child that could not even be spawned has no process id.
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
