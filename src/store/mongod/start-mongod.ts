import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { environmentWithoutSecrets } from '../../config.js';
import type { MongodProgram } from './check-mongod.js';
import type { MongodFolder, MongodState } from './mongod-folder.js';
import { commandLineOf, identityOf } from './process-identity.js';
import { ensurePrimary, greetServer, isListening, REPLICA_SET } from './replica-set.js';

/** What `ensureMongod` needs. */
export interface EnsureMongodOptions {
  /** Asked only when no mongod runs on the data folder. */
  readonly program: () => Promise<MongodProgram>;
  /** Start on the same port as before or not at all: living clients know no other. */
  readonly samePort?: boolean;
  readonly report: (line: string) => void;
}

/** The embedded MongoDB could not be started. The message holds what it said last. */
export class MongodStartError extends Error {
  override readonly name = 'MongodStartError';
}

// After a crash MongoDB replays its journal before it answers; with much data that takes minutes, and it is not helped by
// a second start. Starting from nothing takes about one second.
const START_MS = 5 * 60_000;
const REPORT_MS = 5_000;
const LOOK_MS = 50;

// Half a gigabyte holds the working set of tens of thousands of couplings, and leaves room on a small machine. MongoDB by
// itself would take half of the memory.
const CACHE_GB = '0.5';
// Ours take milliseconds.
const TRANSACTION_LIFETIME_S = 5;

// Enough for hours of changes; it only has to outlive a pause of a change stream. MongoDB by itself takes 5 % of the disk.
const OPLOG_MB = '1024';

// Exit codes that say that another one has the data folder (100) or the port (48). Usually it is a start at the same
// moment, and the next look finds it. What stays in the way for five seconds is none of ours.
const exitsThatMayPass = new Set([100, 48]);
const MOST_REFUSALS = 20;
const REFUSAL_PAUSE_MS = 250;

/**
 * Finds the mongod of the data folder, or starts it. However many processes do so at the same moment, they end up with
 * one: MongoDB itself lets only one server open a data folder, and the others join it. Returns its port.
 *
 * @throws MongodStartError when it ends at once or does not answer in time; what `options.program` throws
 */
export async function ensureMongod(folder: MongodFolder, options: EnsureMongodOptions): Promise<number> {
  const progress = reportRegularly(options.report);
  const end = performance.now() + START_MS;
  let refusals = 0;
  while (performance.now() < end) {
    const running = await runningPort(folder);
    if (running !== undefined) {
      if (await becomesPrimary(running, folder)) return running;
    } else if (isServed(folder)) {
      // It starts up, recovers or is ending. It answers soon, or it is gone and we start our own.
      progress('MongoDB is busy with starting or ending');
      await delay(LOOK_MS);
    } else if (!(await startOnce(folder, options, progress))) {
      refusals += 1;
      if (refusals > MOST_REFUSALS) throw new MongodStartError(`MongoDB cannot be started.${lastOfLog(folder)}`);
      await delay(REFUSAL_PAUSE_MS);
    }
  }
  throw new MongodStartError(`MongoDB did not answer within ${START_MS / 60_000} minutes.${lastOfLog(folder)}`);
}

/** The port on which a mongod with this data folder answers; undefined when none does. */
// The state file usually tells it. If the process that started mongod was killed before it wrote the file, the command line
// of the process that holds the data folder's lock tells it.
export async function runningPort(folder: MongodFolder): Promise<number | undefined> {
  const known = folder.readServer();
  if (known !== undefined && (await servesFolder(known.port, folder))) return known.port;
  const started = stateOnCommandLine(folder);
  if (started === undefined || started.port === known?.port || !(await servesFolder(started.port, folder)))
    return undefined;
  folder.writeServer(started);
  return started.port;
}

// Answers false when the server went away meanwhile, so that the caller looks again.
async function becomesPrimary(port: number, folder: MongodFolder): Promise<boolean> {
  try {
    await ensurePrimary(port);
    return true;
  } catch (error) {
    if (await servesFolder(port, folder)) throw error;
    return false;
  }
}

async function servesFolder(port: number, folder: MongodFolder): Promise<boolean> {
  const greeting = await greetServer(port);
  return greeting !== undefined && samePath(greeting.dbPath, folder.dbPath);
}

/** Whether a mongod process has the data folder open, answering or not. */
export function isServed(folder: MongodFolder): boolean {
  return mongodCommandLine(folder) !== undefined;
}

function stateOnCommandLine(folder: MongodFolder): MongodState | undefined {
  const [, binary, port] = /^(.+?) --dbpath .+ --port (\d+)/.exec(mongodCommandLine(folder) ?? '') ?? [];
  return binary === undefined || port === undefined ? undefined : { binary, port: Number(port) };
}

// The number in the lock file may by now belong to another program; a mongod on this folder names it in its arguments.
function mongodCommandLine(folder: MongodFolder): string | undefined {
  const pid = folder.pidInLock();
  if (pid === undefined || identityOf(pid) === undefined) return undefined;
  const line = commandLineOf(pid);
  return line?.includes(`--dbpath ${folder.dbPath} `) ? line : undefined;
}

// Answers false when another mongod has the data folder or the port.
async function startOnce(
  folder: MongodFolder,
  { program, samePort = false, report }: EnsureMongodOptions,
  progress: (what: string) => void,
): Promise<boolean> {
  const { path, version } = await program();
  const port = await choosePort(folder.readServer()?.port, samePort);
  const child = spawnMongod(path, port, folder);
  for (;;) {
    if (child.ended !== undefined) return mayPass(child.ended, folder);
    if (await servesFolder(port, folder)) break;
    progress('MongoDB is starting');
    await delay(LOOK_MS);
  }
  folder.writeServer({ port, binary: path });
  report(`MongoDB ${version} started on 127.0.0.1:${port}, data in ${folder.dbPath}`);
  return true;
}

interface SpawnedMongod {
  /** How it ended; undefined while it runs. */
  ended: { readonly code: number | null; readonly error?: Error } | undefined;
}

// Detached, with nothing of ours open: it outlives this process, and a Ctrl-C in the terminal does not reach it.
function spawnMongod(path: string, port: number, folder: MongodFolder): SpawnedMongod {
  rotateLog(folder);
  const child = spawn(path, mongodArguments(port, folder), {
    detached: true,
    stdio: 'ignore',
    cwd: folder.dataDir,
    env: environmentWithoutSecrets(process.env),
  });
  const spawned: SpawnedMongod = { ended: undefined };
  child.once('error', (error) => (spawned.ended = { code: null, error }));
  child.once('exit', (code) => (spawned.ended = { code }));
  child.unref();
  return spawned;
}

function mongodArguments(port: number, folder: MongodFolder): string[] {
  // dbpath and port come first: the command line of a running mongod is read for them.
  const place = ['--dbpath', folder.dbPath, '--port', String(port), '--replSet', REPLICA_SET, '--bind_ip', '127.0.0.1'];
  const storage = ['--storageEngine', 'wiredTiger', '--wiredTigerCacheSizeGB', CACHE_GB, '--oplogSize', OPLOG_MB];
  // A process that dies, or stands still, within a transaction keeps the documents that it wrote locked for so long; after
  // MongoDB's own minute everybody else would have waited, too.
  const transactions = ['--setParameter', `transactionLifetimeLimitSeconds=${TRANSACTION_LIFETIME_S}`];
  const log = ['--logpath', folder.logPath, '--logappend', '--logRotate', 'reopen'];
  // Nothing of ours runs JavaScript inside the database, or uses a socket file in the shared temporary folder.
  const unused = process.platform === 'win32' ? ['--noscripting'] : ['--noscripting', '--nounixsocket'];
  return [...place, ...storage, ...transactions, ...log, ...unused];
}

function mayPass(ended: { code: number | null; error?: Error }, folder: MongodFolder): false {
  if (ended.error !== undefined) throw new MongodStartError(`MongoDB could not be started: ${ended.error.message}`);
  if (ended.code !== null && exitsThatMayPass.has(ended.code)) return false;
  throw new MongodStartError(`MongoDB ended at once (exit code ${ended.code}).${lastOfLog(folder)}`);
}

// One log before the present one is kept. What a long run writes is bounded by the keeper.
function rotateLog(folder: MongodFolder): void {
  if (existsSync(folder.logPath)) renameSync(folder.logPath, folder.oldLogPath);
}

function lastOfLog(folder: MongodFolder): string {
  const reasons = errorsInLog(folder.logPath).slice(-3);
  const said = reasons.length === 0 ? '' : ` It said: ${reasons.join(' | ')}.`;
  return `${said} Its log is ${folder.logPath}.`;
}

// A line of the log is JSON; `s` is its severity (E error, F fatal), `msg` a fixed sentence, `attr.error` the reason.
function errorsInLog(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /"s":"[EF]"/.test(line))
      .map((line) => {
        const { msg, attr }: { msg: string; attr?: { error?: unknown } } = JSON.parse(line);
        const reason = attr?.error === undefined ? '' : `: ${JSON.stringify(attr.error)}`;
        return `${msg}${reason}`.slice(0, 400);
      });
  } catch {
    return [];
  }
}

async function choosePort(known: number | undefined, samePort: boolean): Promise<number> {
  if (known === undefined) return freePort();
  return samePort || !(await isListening(known)) ? known : freePort();
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port')),
      );
    });
  });
}

function samePath(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

function reportRegularly(report: (line: string) => void): (what: string) => void {
  const startedAt = performance.now();
  let reportedAt = startedAt;
  return (what) => {
    const now = performance.now();
    if (now - reportedAt < REPORT_MS) return;
    reportedAt = now;
    report(`${what} (${Math.round((now - startedAt) / 1000)} s)`);
  };
}
