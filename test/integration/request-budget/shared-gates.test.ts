import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Gate, Permit } from '../../../src/connectors/odata/gate.js';
import { requestBudgetQueries } from '../../../src/request-budget/request-budget-queries.js';
import { SharedGates } from '../../../src/request-budget/shared-gates.js';
import { SystemUseStore, type ToldUse } from '../../../src/request-budget/system-use-store.js';
import { testDatabase } from '../../support/database.js';

const database = testDatabase();
const logger = pino({ level: 'silent' });
const never = new AbortController().signal;
const limits = { initial: 4, maximum: 4, window: { requests: 6_000, seconds: 300 } };

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const eventually = (look: () => unknown, timeout = 10_000): Promise<unknown> =>
  vi.waitFor(look, { timeout, interval: 25 });

let count = 0;
const newName = () => `https://system.example user-${(count += 1)}`;

/** Gates as another process of the service would have them. */
function processGates(store: Pick<SystemUseStore, 'tell'> = new SystemUseStore(database.db)): SharedGates {
  const gates = new SharedGates({ store, logger });
  opened.push(gates);
  return gates;
}

/** Takes as many permits as the gate gives, for ever. */
function taking(gate: Gate, wanted: number): Permit[] {
  const taken: Permit[] = [];
  for (let one = 0; one < wanted; one += 1) void gate.enter(never).then((permit) => taken.push(permit));
  return taken;
}

const budgetOf = async (name: string) => (await requestBudgetQueries(database.db).byGateNames([name]))[0];

/** A process of its own, see programs/gate-user.mjs. */
class GateUser {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: string[] = [];

  constructor(name: string) {
    const program = fileURLToPath(new URL('../../support/programs/gate-user.mjs', import.meta.url));
    const args = [program, database.uri, database.name, name, String(limits.maximum)];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.lines.push(line));
    opened.push({ close: async () => this.kill() });
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  get entered(): number {
    return this.lines.filter((line) => line === 'entered').length;
  }
}

describe('the permits of a system', () => {
  test('are divided between two processes, and come back when one of them dies', async () => {
    const name = newName();
    const mine = taking(processGates().gateOf(name, limits), 4);
    await eventually(() => expect(mine).toHaveLength(4));
    const other = new GateUser(name);
    other.say('enter 4');
    // The other one hears of us before its first request: it has its half from the start.
    await eventually(() => expect(other.entered).toBe(2));
    await eventually(async () => expect(await budgetOf(name)).toMatchObject({ concurrent: 6, used: 6, limit: 6_000 }));
    for (const permit of mine.splice(0)) permit.release();
    const again = taking(processGates().gateOf(name, limits), 4);
    await eventually(() => expect(again.length).toBeGreaterThan(0));
    other.kill();
    await eventually(() => expect(again).toHaveLength(4), 15_000);
  }, 30_000);

  test('are at least one each, however many processes there are', async () => {
    const name = newName();
    const taken = Array.from({ length: 6 }, () => taking(processGates().gateOf(name, limits), 2));
    await eventually(() => expect(taken.every(({ length }) => length > 0)).toBe(true));
  });

  test('of a process that rests are for the others', async () => {
    const name = newName();
    const [resting, busy] = [processGates().gateOf(name, limits), processGates().gateOf(name, limits)];
    (await resting.enter(never)).release();
    const taken = taking(busy, 4);
    await eventually(() => expect(taken).toHaveLength(4));
    await eventually(async () => expect((await budgetOf(name))?.used).toBe(5));
  });

  test('are one while the database does not answer, and all again when it does', async () => {
    const name = newName();
    const real = new SystemUseStore(database.db);
    let isSlow = true;
    const slow = {
      tell: (gate: string, told: ToldUse, timeoutMS: number) =>
        isSlow ? Promise.reject(new Error('no primary')) : real.tell(gate, told, timeoutMS),
    };
    const taken = taking(processGates(slow).gateOf(name, limits), 4);
    await eventually(() => expect(taken).toHaveLength(1));
    isSlow = false;
    await eventually(() => expect(taken).toHaveLength(4));
    await eventually(async () => expect(await budgetOf(name)).toMatchObject({ used: 4 }));
  });

  test('hold nobody up when the database hangs', async () => {
    const hanging = { tell: () => new Promise<never>(() => undefined) };
    const gates = new SharedGates({ store: hanging, logger });
    const startedAt = performance.now();
    (await gates.gateOf(newName(), limits).enter(never)).release();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('a Retry-After', () => {
  test('told to one process holds for the other one, also when it asks for the first time', async () => {
    const name = newName();
    const other = new GateUser(name);
    other.say('pause 1500');
    await eventually(() => expect(other.lines).toContain('paused'));
    await eventually(async () => expect((await budgetOf(name))?.pausedUntil).toBeInstanceOf(Date));
    const { pausedUntil } = (await budgetOf(name)) ?? {};
    await processGates().gateOf(name, limits).enter(never);
    const hello = await database.client.db('admin').command({ hello: 1 });
    expect(Number(hello.localTime)).toBeGreaterThanOrEqual(Number(pausedUntil) - 20);
    expect((await budgetOf(name))?.pausedUntil).toBeNull();
  });

  test('of one user is none of another user', async () => {
    const [one, other] = [newName(), newName()];
    const gates = processGates();
    gates.gateOf(one, limits).pause(60_000);
    await gates.gateOf(other, limits).enter(never);
  });
});

describe('the cost', () => {
  test('is one write a second and system in use, and none while nothing is asked', async () => {
    const name = newName();
    const real = new SystemUseStore(database.db);
    const told: ToldUse[] = [];
    const counting = {
      tell: (gate: string, use: ToldUse, timeoutMS: number) => {
        told.push(use);
        return real.tell(gate, use, timeoutMS);
      },
    };
    const gate = processGates(counting).gateOf(name, limits);
    for (let request = 0; request < 500; request += 1) (await gate.enter(never)).release();
    await eventually(() => expect(told.at(-1)?.leaves).toBe(true));
    expect(told.length).toBeLessThanOrEqual(4);
    expect((await budgetOf(name))?.used).toBe(500);
  });
});
