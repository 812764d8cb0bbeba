// The keeper of one embedded MongoDB, a program of its own: it starts mongod again when it crashed while clients live,
// keeps its log from growing for ever, and ends it after the last client is gone. It belongs to no client. If it is killed,
// any living client, or the next start, replaces it.
//
//     node keeper.js <data folder> <timings as JSON>
import { renameSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { checkMongod, isUsable, type MongodProgram } from './check-mongod.js';
import { type KeeperTimings, keeperTimingsSchema } from './keeper-timings.js';
import { MongodFolder } from './mongod-folder.js';
import { identityOf, isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';
import { reopenLog, shutDown } from './replica-set.js';
import { ensureMongod, isServed, runningPort } from './start-mongod.js';

const LOG_BYTES = 20_000_000;

// After its own clean-up MongoDB ends within a second or two. One that does not is ended by force: its journal keeps the data.
const END_MS = 15_000;
const END_LOOK_MS = 50;

// A client that has just come starts mongod itself, perhaps with another program than the last one.
const FIRST_START_MS = 5_000;

async function keep(folder: MongodFolder, { lookMs, lingerMs }: KeeperTimings): Promise<void> {
  if (hasOtherKeeper(folder)) return;
  folder.claimKeeper();
  if (!isClosedByLivingKeeper(folder)) folder.removeClosing();

  let mongod: ProcessIdentity | undefined;
  let missingSince: number | undefined;
  let lonelySince: number | undefined;
  for (;;) {
    await delay(lookMs);
    // Of two that began at the same moment, the one that wrote its name last goes on.
    if (!isOwnKeeper(folder)) return leave(folder, mongod);
    const now = performance.now();
    const served = mongodOf(folder);
    missingSince = served === undefined ? (missingSince ?? now) : undefined;
    if (folder.hasLivingClient()) {
      lonelySince = undefined;
      if (missingSince !== undefined && (mongod !== undefined || now - missingSince > FIRST_START_MS)) {
        await startAgain(folder);
      }
      await boundLog(folder);
    } else {
      lonelySince ??= now;
      if (now - lonelySince >= lingerMs && (await close(folder))) return;
    }
    mongod = served ?? mongod;
  }
}

function hasOtherKeeper(folder: MongodFolder): boolean {
  const keeper = folder.readKeeper();
  return keeper !== undefined && keeper.pid !== process.pid && isAlive(keeper);
}

function isOwnKeeper(folder: MongodFolder): boolean {
  return folder.readKeeper()?.pid === process.pid;
}

function isClosedByLivingKeeper(folder: MongodFolder): boolean {
  const closing = folder.readClosing();
  return closing !== undefined && isAlive(closing);
}

// Another keeper has taken over, or somebody removed the data folder. In the latter case the server that we watched works
// on files that nobody can find any more.
function leave(folder: MongodFolder, watched: ProcessIdentity | undefined): void {
  if (watched === undefined || !isAlive(watched) || folder.pidInLock() === watched.pid) return;
  say('the data folder was removed; ending its mongod');
  process.kill(watched.pid, 'SIGKILL');
}

// Living clients know only the present port, so it is that port or none.
async function startAgain(folder: MongodFolder): Promise<void> {
  if (folder.readServer() === undefined) return;
  say('there are clients but no mongod; starting it again');
  try {
    await ensureMongod(folder, { program: () => lastProgram(folder), samePort: true, report: say });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

async function lastProgram(folder: MongodFolder): Promise<MongodProgram> {
  const state = folder.readServer();
  if (state === undefined) throw new Error('it is not known which mongod was used');
  const checked = await checkMongod(state.binary);
  if (!isUsable(checked)) throw new Error(`${checked.path} cannot be used: ${checked.reason}`);
  return checked;
}

async function boundLog(folder: MongodFolder): Promise<void> {
  const state = folder.readServer();
  const size = statSync(folder.logPath, { throwIfNoEntry: false })?.size ?? 0;
  if (state === undefined || size < LOG_BYTES) return;
  renameSync(folder.logPath, folder.oldLogPath);
  await reopenLog(state.port).catch((error: unknown) => say(`the log could not be rotated: ${String(error)}`));
}

// A client first says that it is there and then looks whether mongod is being closed; we first say that we close and then
// look for clients. Whatever the order, one of both sees the other.
async function close(folder: MongodFolder): Promise<boolean> {
  folder.writeClosing();
  try {
    if (folder.hasLivingClient()) return false;
    await endMongod(folder);
    folder.removeKeeper();
    return true;
  } finally {
    folder.removeClosing();
  }
}

function mongodOf(folder: MongodFolder): ProcessIdentity | undefined {
  const pid = isServed(folder) ? folder.pidInLock() : undefined;
  return pid === undefined ? undefined : identityOf(pid);
}

async function endMongod(folder: MongodFolder): Promise<void> {
  const mongod = mongodOf(folder);
  const port = await runningPort(folder);
  if (port !== undefined) await shutDown(port);
  if (mongod === undefined) return;
  const end = performance.now() + END_MS;
  while (isAlive(mongod) && performance.now() < end) await delay(END_LOOK_MS);
  if (isAlive(mongod)) process.kill(mongod.pid, 'SIGKILL');
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString()} keeper ${ownIdentity().pid}: ${line}\n`);
}

const [dataDir, timings] = process.argv.slice(2);
if (dataDir === undefined || timings === undefined) {
  process.stderr.write('usage: keeper <data folder> <timings as JSON>\n');
  process.exitCode = 2;
} else {
  await keep(MongodFolder.at(dataDir), keeperTimingsSchema.parse(JSON.parse(timings)));
}
