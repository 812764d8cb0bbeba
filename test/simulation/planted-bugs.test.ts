import { describe, expect, test } from 'vitest';
import type { Connector, WriteOutcome } from '../../src/connectors/connector.js';
import type { Coupling } from '../../src/coupling/coupling.js';
import type { CouplingChange } from '../../src/coupling/coupling-store.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { SynchStores } from '../../src/synch/synch-run.js';
import type { Scenario } from './scenario.js';
import { type Failure, firstFailure, told } from './shrink.js';
import type { Ports } from './simulation.js';

/** Histories within which each bug has to be found. */
const HISTORIES = 1_500;

/** A port of which some methods are replaced; the others work on the port itself. */
function withMethods<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get: (target, name) => {
      if (name in methods) return Reflect.get(methods, name);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** The cursors of both sides are moved as soon as the changes are read. */
function cursorBeforeSettling(): Ports {
  const read = new Map<string, string>();
  return {
    connector: (connector: Connector, side: Side) =>
      withMethods(connector, {
        async *readChanges(request, signal) {
          for await (const page of connector.readChanges(request, signal)) {
            if (page.cursor !== null) read.set(`${request.table}:${side}`, page.cursor);
            yield page;
          }
        },
      }),
    stores: (stores) => ({
      ...stores,
      couplings: withMethods(stores.couplings, {
        due: async (mappingId, now, afterId, limit) => {
          for (const side of ['BUSINESS', 'SALES'] as const) await moveEarly(stores, mappingId, side);
          return stores.couplings.due(mappingId, now, afterId, limit);
        },
      }),
    }),
  };

  async function moveEarly({ cursors }: SynchStores, mappingId: string, side: Side): Promise<void> {
    const table = mappingId === 'mapping-contact' ? 'contacts' : side === 'BUSINESS' ? 'customers' : 'accounts';
    const cursor = read.get(`${table}:${side}`);
    const known = await cursors.get(mappingId, side);
    if (cursor !== undefined && known !== null) await cursors.move(mappingId, side, { ...known, cursor }, 1_000);
  }
}

/** The coupling of a record to be created is stored once the create was answered. */
const createWithoutIntent = (): Ports => ({
  stores: (stores) => {
    const held = new Map<string, Coupling>();
    return {
      ...stores,
      couplings: withMethods(stores.couplings, {
        insert: async (couplings) => {
          const creating = couplings.filter(({ intents }) => intents.length > 0);
          for (const coupling of creating) held.set(coupling._id, coupling);
          const others = couplings.filter((coupling) => !creating.includes(coupling));
          return new Set([...creating.map(({ _id }) => _id), ...(await stores.couplings.insert(others))]);
        },
        change: async (changes) => {
          const late = changes.flatMap(({ _id }) => held.get(_id) ?? []);
          for (const { _id } of late) held.delete(_id);
          await stores.couplings.insert(late);
          return stores.couplings.change(changes);
        },
      }),
    };
  },
});

/** A change of a coupling names neither what it read nor its lease. */
const settleWithoutFencing = (): Ports => ({
  settlesWithoutLease: true,
  stores: (stores, database) => ({
    ...stores,
    couplings: withMethods(stores.couplings, {
      change: (changes: readonly CouplingChange[]) =>
        stores.couplings.change(
          changes.map(({ _id, set }) => ({ _id, set, revision: database.couplings.get(_id)?.revision ?? 0 })),
        ),
    }),
  }),
});

/** An update reaches its row whatever version that has by now. */
const updateWithoutIfMatch = (): Ports => ({
  operation: (operation, row) =>
    operation.kind === 'UPDATE' && row !== null ? { ...operation, version: row.version } : operation,
});

/** What was sent is taken for what the system answered. */
const baseFromThePlan = (): Ports => ({
  connector: (connector) =>
    withMethods(connector, {
      write: async (request, signal) => {
        const outcomes = await connector.write(request, signal);
        return outcomes.map((outcome, index): WriteOutcome => {
          const operation = request.operations[index];
          if (outcome.kind !== 'WRITTEN' || outcome.row === null || operation === undefined) return outcome;
          const values = operation.kind === 'DELETE' ? {} : operation.values;
          return { kind: 'WRITTEN', row: { ...outcome.row, values: { ...outcome.row.values, ...values } } };
        });
      },
    }),
});

/** What somebody left out of a plan is made all the same. */
const leavesNothingOut = (): Ports => ({ choice: (choice) => ({ ...choice, exceptChangeIds: [] }) });

/** Workers that stand still every now and then, and no other faults. */
const withStalls = (scenario: Scenario): Scenario => ({
  ...scenario,
  requestFaults: [],
  storeFaults: [],
  workerFaults: Array.from({ length: 8 }, (_, index) => ({
    worker: index % 2,
    step: 15 + ((scenario.seed + index * 37) % 160),
    kind: 'STALLS',
  })),
});

describe('a planted bug is found', () => {
  test.each<[string, () => Ports, ((scenario: Scenario) => Scenario)?]>([
    ['the cursor is moved before everything read is settled', cursorBeforeSettling],
    ['a record is created without an intent', createWithoutIntent],
    ['a pair is settled without fencing', settleWithoutFencing, withStalls],
    ['a record is updated without If-Match', updateWithoutIfMatch],
    ['the base is taken from the plan instead of the answer', baseFromThePlan],
    ['what was left out of a plan is made', leavesNothingOut],
  ])('%s', async (_name, plant, shape) => {
    const failure = await firstFailure({ from: 1, count: HISTORIES }, plant(), shape);
    expect(failure).not.toBeNull();
    expect(isSmall(failure!), told(failure!)).toBe(true);
  });
});

/** Little enough to be read by a person. */
const isSmall = ({ scenario: { acts, requestFaults, storeFaults, workerFaults } }: Failure): boolean =>
  acts.length <= 6 && requestFaults.length + storeFaults.length + workerFaults.length <= 5;
