import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentWithoutSecrets, userCacheDir } from '../../config.js';
import { checkMongod, isUsable, type MongodProgram } from './check-mongod.js';
import { findMongod } from './find-mongod.js';
import { defaultTimings, type KeeperTimings } from './keeper-timings.js';
import { MongodFolder } from './mongod-folder.js';
import { isAlive } from './process-identity.js';
import { REPLICA_SET } from './replica-set.js';
import { ensureMongod } from './start-mongod.js';

/** What `openEmbeddedMongod` needs. */
export interface EmbeddedMongodOptions {
  /** The folder that owns the data. Processes that name the same one share one mongod. */
  readonly dataDir: string;
  /** The mongod program to use and no other, from MONGOD_BINARY. */
  readonly binary?: string | undefined;
  /** Folder of the user's caches; default: the user's own. */
  readonly cacheDir?: string;
  /** Takes one readable line a step, for the person who starts the program. */
  readonly report: (line: string) => void;
  readonly timings?: KeeperTimings;
}

/** A client's hold on the embedded MongoDB. */
export interface EmbeddedMongod {
  /** Address for the driver; it stays the same while this client lives, also when mongod crashes and is started again. */
  readonly uri: string;
  /** Gives the hold back. mongod goes on for other clients, and ends by itself a little after the last one. */
  close(): Promise<void>;
}

const KEEPER = fileURLToPath(new URL('./keeper.js', import.meta.url));

const CLOSING_LOOK_MS = 50;

// A keeper writes a line only when something went wrong.
const KEEPER_LOG_BYTES = 1_000_000;

/**
 * Joins the mongod of the data folder, or starts it: a real one, as a replica set of one member, on the loopback interface.
 * It belongs to no single process: kill any of its clients, or its keeper, and the others keep it; it ends within 30
 * seconds after the last client.
 *
 * @throws MongodNotFoundError when there is no mongod program on the machine and none can be fetched
 * @throws MongodStartError when it does not start
 */
export async function openEmbeddedMongod(options: EmbeddedMongodOptions): Promise<EmbeddedMongod> {
  const timings = options.timings ?? defaultTimings;
  const folder = MongodFolder.open(options.dataDir);
  // Before anything else: a keeper that is about to end mongod looks for this.
  const removeClient = folder.addClient();
  // Were this process killed right after it started mongod, nobody but a keeper would end that: it comes first.
  const stopWatch = watchKeeper(folder, timings);
  const leave = () => {
    stopWatch();
    removeClient();
  };
  try {
    await waitWhileClosing(folder);
    const port = await ensureMongod(folder, { program: () => chooseProgram(folder, options), report: options.report });
    return { uri: `mongodb://127.0.0.1:${port}/?replicaSet=${REPLICA_SET}`, close: async () => leave() };
  } catch (error) {
    leave();
    throw error;
  }
}

async function waitWhileClosing(folder: MongodFolder): Promise<void> {
  for (;;) {
    const closing = folder.readClosing();
    if (closing === undefined || !isAlive(closing)) return;
    await delay(CLOSING_LOOK_MS);
  }
}

// Data that one version has made stay with it: a newer mongod that appears on the PATH might refuse or upgrade them.
async function chooseProgram(folder: MongodFolder, options: EmbeddedMongodOptions): Promise<MongodProgram> {
  const last = folder.readServer()?.binary;
  if (options.binary === undefined && last !== undefined) {
    const checked = await checkMongod(last);
    if (isUsable(checked)) return checked;
  }
  return findMongod({
    binary: options.binary,
    cacheDir: options.cacheDir ?? userCacheDir(process.env),
    report: options.report,
  });
}

// Sees to it that there is always a living keeper. Returns how to stop that.
function watchKeeper(folder: MongodFolder, timings: KeeperTimings): () => void {
  let started: ChildProcess | undefined;
  const look = () => {
    const keeper = folder.readKeeper();
    const isKept = keeper !== undefined && isAlive(keeper);
    // One that we started and that still lives is about to write its name.
    if (isKept || (started !== undefined && started.exitCode === null && started.signalCode === null)) return;
    started = startKeeper(folder, timings);
  };
  look();
  const timer = setInterval(look, timings.lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

function startKeeper(folder: MongodFolder, timings: KeeperTimings): ChildProcess {
  const size = statSync(folder.keeperLogPath, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(folder.keeperLogPath, size < KEEPER_LOG_BYTES ? 'a' : 'w', 0o600);
  const child = spawn(process.execPath, [KEEPER, folder.dataDir, JSON.stringify(timings)], {
    detached: true,
    stdio: ['ignore', log, log],
    env: environmentWithoutSecrets(process.env),
  });
  closeSync(log);
  // Without a keeper mongod works all the same, and the next look tries again.
  child.once('error', () => undefined);
  child.unref();
  return child;
}
