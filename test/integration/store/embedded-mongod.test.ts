import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { identityOf, isAlive, type ProcessIdentity } from '../../../src/store/mongod/process-identity.js';
import { eventually } from '../../support/eventually.js';
import { type RunningProcess, startProcess } from '../../support/processes.js';

const CLIENT = fileURLToPath(new URL('../../support/programs/embedded-client.mjs', import.meta.url));

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tandem-mongod-'));
});
afterEach(async () => {
  // A keeper whose folder is gone ends its mongod and itself; a test with killed keepers has a mongod left.
  const [keeper, mongod] = [keeperOf(), mongodOf()];
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  if (keeper !== undefined) await hasEnded(keeper);
  if (mongod !== undefined && isAlive(mongod)) process.kill(mongod.pid, 'SIGKILL');
});

function client(options: { lingerMs?: number; binary?: string } = {}): RunningProcess {
  const timings = { lookMs: 50, lingerMs: options.lingerMs ?? 200 };
  const binary = options.binary ?? inject('mongodBinary');
  return startProcess(CLIENT, { args: [JSON.stringify({ dataDir, binary, timings })] });
}

async function uriOf(running: RunningProcess): Promise<string> {
  const [, uri] = await running.line(/^open (.+)$/);
  return uri ?? '';
}

function mongodOf(): ProcessIdentity | undefined {
  try {
    return identityOf(Number(readFileSync(join(dataDir, 'mongod', 'mongod.lock'), 'utf8')));
  } catch {
    return undefined;
  }
}

function keeperOf(): ProcessIdentity | undefined {
  try {
    const keeper: ProcessIdentity = JSON.parse(readFileSync(join(dataDir, 'mongod-state', 'keeper'), 'utf8'));
    return keeper;
  } catch {
    return undefined;
  }
}

async function livingMongod(): Promise<ProcessIdentity> {
  return eventually('mongod runs', mongodOf);
}

async function livingKeeper(): Promise<ProcessIdentity> {
  return eventually('a keeper runs', () => {
    const keeper = keeperOf();
    return keeper !== undefined && isAlive(keeper) ? keeper : undefined;
  });
}

/** Waits for the port: the system may lend it for moments to connections that other processes open. */
async function listen(server: Server, port: number): Promise<void> {
  await eventually(`port ${port} is free`, () => {
    server.listen(port, '127.0.0.1');
    return once(server, 'listening');
  });
}

async function write(uri: string, text: string): Promise<void> {
  const mongo = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 });
  try {
    await mongo
      .db('notes')
      .collection('notes')
      .insertOne({ text }, { writeConcern: { w: 'majority' } });
  } finally {
    await mongo.close();
  }
}

async function read(uri: string): Promise<string[]> {
  const mongo = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 });
  try {
    const notes = await mongo.db('notes').collection<{ text: string }>('notes').find().sort({ _id: 1 }).toArray();
    return notes.map((note) => note.text);
  } finally {
    await mongo.close();
  }
}

async function hasEnded(one: ProcessIdentity): Promise<void> {
  await eventually(`process ${one.pid} has ended`, () => !isAlive(one), { withinMs: 20_000 });
}

describe('the embedded MongoDB', { timeout: 60_000 }, () => {
  test('is joined by a second process, and outlives a kill -9 of the one that started it', async () => {
    await using first = client();
    const uri = await uriOf(first);
    await using second = client();
    expect(await uriOf(second)).toBe(uri);

    const mongod = await livingMongod();
    await first.kill();
    await write(uri, 'after the first was killed');
    expect(await livingMongod()).toEqual(mongod);
  });

  test('is one and the same for processes that start at the same moment', async () => {
    await using a = client();
    await using b = client();
    await using c = client();
    const uris = await Promise.all([a, b, c].map(uriOf));
    expect(new Set(uris).size).toBe(1);
    expect([a, b, c].filter((one) => one.output().includes('started on'))).toHaveLength(1);
  });

  test('ends by itself after the last client was killed, and starts again with its data', async () => {
    const first = client();
    const uri = await uriOf(first);
    await write(uri, 'kept');
    const mongod = await livingMongod();
    const keeper = await livingKeeper();
    await first.kill();
    await hasEnded(mongod);
    await hasEnded(keeper);
    // It was ended cleanly: the lock file of a server that ended by itself is empty.
    expect(readFileSync(join(dataDir, 'mongod', 'mongod.lock'), 'utf8').trim()).toBe('');

    await using second = client();
    expect(await read(await uriOf(second))).toEqual(['kept']);
  });

  test('goes on while a client lives, however long the others have been gone', async () => {
    await using stays = client({ lingerMs: 0 });
    const uri = await uriOf(stays);
    const leaves = client({ lingerMs: 0 });
    await uriOf(leaves);
    leaves.endInput();
    expect(await leaves.ended).toMatchObject({ code: 0 });
    await write(uri, 'still there');
    expect(await read(uri)).toEqual(['still there']);
  });

  test('is started again, on the same port and with its data, when mongod itself is killed', async () => {
    await using running = client();
    const uri = await uriOf(running);
    await write(uri, 'before the crash');
    const mongod = await livingMongod();
    await livingKeeper();
    process.kill(mongod.pid, 'SIGKILL');
    await hasEnded(mongod);
    expect(await read(uri)).toEqual(['before the crash']);
    expect(await livingMongod()).not.toEqual(mongod);
  });

  test('gets another keeper from a living client when the keeper is killed, and still ends after the last client', async () => {
    const running = client();
    await uriOf(running);
    const mongod = await livingMongod();
    const keeper = await livingKeeper();
    process.kill(keeper.pid, 'SIGKILL');
    await hasEnded(keeper);
    expect(await livingKeeper()).not.toEqual(keeper);
    await running.kill();
    await hasEnded(mongod);
  });

  test('is adopted by the next start when clients and keeper were killed', async () => {
    const first = client({ lingerMs: 60_000 });
    const uri = await uriOf(first);
    const mongod = await livingMongod();
    const keeper = await livingKeeper();
    await first.kill();
    process.kill(keeper.pid, 'SIGKILL');
    await hasEnded(keeper);

    await using second = client();
    expect(await uriOf(second)).toBe(uri);
    expect(await livingMongod()).toEqual(mongod);
  });

  test('is found without its state file', async () => {
    await using first = client();
    const uri = await uriOf(first);
    rmSync(join(dataDir, 'mongod-state', 'server'));
    await using second = client();
    expect(await uriOf(second)).toBe(uri);
  });

  test('moves to another port, with its data, when something else has taken its port meanwhile', async () => {
    const first = client();
    const uri = await uriOf(first);
    await write(uri, 'moved');
    const mongod = await livingMongod();
    await first.kill();
    await hasEnded(mongod);

    // It hangs up, as most services do on what they do not understand. On one that stays silent MongoDB waits half a minute.
    const squatter = createServer((socket) => socket.destroy());
    await listen(squatter, Number(new URL(uri).port));
    try {
      await using second = client();
      const moved = await uriOf(second);
      expect(moved).not.toBe(uri);
      expect(await read(moved)).toEqual(['moved']);
    } finally {
      squatter.close();
    }
  });

  test('serves a client that comes just while it is being ended', async () => {
    for (const round of ['first', 'second', 'third']) {
      const running = client({ lingerMs: 0 });
      await write(await uriOf(running), round);
      running.endInput();
      await running.ended;
    }
    await using last = client({ lingerMs: 0 });
    expect(await read(await uriOf(last))).toEqual(['first', 'second', 'third']);
  });

  test('is ended, with its keeper, when the data folder is removed under it', async () => {
    await using running = client();
    await uriOf(running);
    const mongod = await livingMongod();
    const keeper = await livingKeeper();
    await running.kill();
    rmSync(dataDir, { recursive: true, maxRetries: 5 });
    await hasEnded(keeper);
    await hasEnded(mongod);
  });

  test('is not started with a program that is no mongod', async () => {
    await using running = client({ binary: process.execPath });
    const [, reason] = await running.line(/^failed (.+)$/);
    expect(reason).toContain(`MONGOD_BINARY=${process.execPath}: it does not tell a version of MongoDB`);
    expect(await running.ended).toMatchObject({ code: 1 });
  });
});
