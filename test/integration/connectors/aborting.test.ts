import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Connector, EndpointAccess } from '../../../src/connectors/connector.js';
import { type Gate, type Gates, LocalGate } from '../../../src/connectors/odata/gate.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { all, quickOptions, SandboxControl, sandboxAccess } from './sandbox-system.js';

const ENDS_WITHIN_MS = 2_000;

interface System {
  readonly kind: EndpointAccess['kind'];
  readonly side: 'BUSINESS' | 'SALES';
  readonly table: string;
  readonly title: string;
  /** Id and version of a row, as far as the system looks at them before it asks. */
  readonly id: string;
}

const systems: readonly System[] = [
  { kind: 'DATAVERSE', side: 'SALES', table: 'accounts', title: 'name', id: randomUUID() },
  { kind: 'BUSINESS_CENTRAL', side: 'BUSINESS', table: 'customers', title: 'displayName', id: randomUUID() },
  { kind: 'NAV_ODATA', side: 'BUSINESS', table: 'Customer', title: 'Name', id: 'C00010' },
];

/** Everything that a connector can be asked for. */
const operations: Readonly<
  Record<string, (connector: Connector, system: System, signal: AbortSignal) => Promise<unknown>>
> = {
  identity: (connector, _system, signal) => connector.identity(signal),
  test: (connector, _system, signal) => connector.test(signal),
  readChanges: (connector, { table, title }, signal) =>
    all(connector.readChanges({ table, fields: [title], cursor: null }, signal)),
  peekChanges: async (connector, { table, title }, signal) => {
    const request = { table, fields: [title], cursor: null };
    // NAV is asked for several tables one by one.
    return connector.peekChanges === undefined
      ? all(connector.readChanges(request, signal))
      : connector.peekChanges([request, { ...request, fields: [] }], signal);
  },
  readByIds: (connector, { table, title, id }, signal) =>
    connector.readByIds({ table, fields: [title], ids: [id] }, signal),
  find: (connector, { table, title }, signal) =>
    connector.find({ table, fields: [title], equal: { [title]: 'Nobody' } }, signal),
  readMatching: (connector, { table, title }, signal) =>
    all(connector.readMatching({ table, fields: [title], filter: [] }, signal)),
  sweep: (connector, { table }, signal) => all(connector.sweep(table, signal)),
  create: (connector, { kind, table, title }, signal) => {
    const id = kind === 'DATAVERSE' ? randomUUID() : null;
    const operation = { kind: 'CREATE', id, values: { [title]: 'Never made' } } as const;
    return connector.write({ table, fields: [title], operations: [operation] }, signal);
  },
  'create many': (connector, { kind, table, title }, signal) => {
    const creates = Array.from({ length: 20 }, () => {
      const id = kind === 'DATAVERSE' ? randomUUID() : null;
      return { kind: 'CREATE', id, values: { [title]: 'Never made' } } as const;
    });
    return connector.write({ table, fields: [title], operations: creates }, signal);
  },
  update: (connector, { table, title, id }, signal) => {
    const operation = { kind: 'UPDATE', id, version: 'W/"1"', values: { [title]: 'Never written' } } as const;
    return connector.write({ table, fields: [title], operations: [operation] }, signal);
  },
  delete: (connector, { table, id }, signal) => {
    const operation = { kind: 'DELETE', id, version: 'W/"1"' } as const;
    return connector.write({ table, fields: [], operations: [operation] }, signal);
  },
};
/** What has to be asked of a system before anything else. */
const firstOperations: typeof operations = {
  tables: (connector, _system, signal) => connector.tables(signal),
  metadata: (connector, { table }, signal) => connector.metadata(table, signal),
};

let sandbox: Sandbox;
let control: SandboxControl;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  control = new SandboxControl(sandbox.url);
});
afterEach(() => control.send('DELETE', 'faults'));
afterAll(() => sandbox.close());

/** One gate for everybody, whose pauses are told and whose only place can be taken. */
class OneGate implements Gates {
  readonly gate = new LocalGate({ initial: 1, maximum: 1 });
  #tell: () => void = () => undefined;
  readonly paused = new Promise<void>((resolve) => {
    this.#tell = resolve;
  });

  gateOf(): Gate {
    return {
      enter: (signal) => this.gate.enter(signal),
      adviseConcurrency: () => undefined,
      narrow: () => undefined,
      pause: (durationMs) => {
        this.gate.pause(durationMs);
        this.#tell();
      },
    };
  }

  async waits(): Promise<void> {
    while (this.gate.use().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A connector that has signed in and knows its table, where it is `warm`; it waits as long as a system may ask. */
async function open({ kind, table }: System, warm: boolean): Promise<{ connector: Connector; gates: OneGate }> {
  const gates = new OneGate();
  const retry = { ...quickOptions.retry, budgetMs: 600_000 };
  const http = { requestMs: 600_000, headersMs: 600_000, bodyMs: 600_000 };
  const connector = openConnector(sandboxAccess(sandbox.url, kind), { ...quickOptions, retry, http, gates });
  onTestFinished(() => connector.close());
  if (warm) await connector.metadata(table, new AbortController().signal);
  return { connector, gates };
}

/** Aborts once `reached` tells that the call waits where it should, and expects it to end soon with the reason. */
async function endsSoon(call: (signal: AbortSignal) => Promise<unknown>, reached: () => Promise<unknown>) {
  const stopping = new AbortController();
  const reason = new Error('the lease is lost');
  const ended = call(stopping.signal).then(
    () => 'an answer',
    (error: unknown) => error,
  );
  await reached();
  const abortedAt = performance.now();
  stopping.abort(reason);
  expect(await ended).toBe(reason);
  expect(performance.now() - abortedAt).toBeLessThan(ENDS_WITHIN_MS);
}

const named = (some: typeof operations) => Object.entries(some).map(([name, run]) => ({ name, run }));

describe.each(systems)('an aborted run of $kind', (system) => {
  test.each([...named(operations), ...named(firstOperations)])(
    'ends $name whose answer hangs, whose token hangs, that waits for its turn, or that the system asked to wait',
    async ({ name, run }) => {
      const isFirst = name in firstOperations;

      const hanging = await open(system, !isFirst);
      await control.fault({ system: system.side, effect: { kind: 'hang' } });
      const { begun } = await control.begins((event) => event['system'] === system.side);
      await endsSoon(
        (signal) => run(hanging.connector, system, signal),
        () => begun,
      );
      await control.send('DELETE', 'faults');

      if (system.kind !== 'NAV_ODATA') {
        const signedOut = await open(system, false);
        await control.fault({ system: system.side, operation: 'token', effect: { kind: 'hang' } });
        const { begun: asked } = await control.begins((event) => event['entitySet'] === 'token');
        await endsSoon(
          (signal) => run(signedOut.connector, system, signal),
          () => asked,
        );
        await control.send('DELETE', 'faults');
      }

      const queued = await open(system, !isFirst);
      const permit = await queued.gates.gate.enter(new AbortController().signal);
      await endsSoon(
        (signal) => run(queued.connector, system, signal),
        () => queued.gates.waits(),
      );
      permit.release();

      const throttled = await open(system, !isFirst);
      const effect = { kind: 'status', status: 429, retryAfterSeconds: 300 };
      for (const operation of ['read', 'create', 'update', 'delete', 'batch'])
        await control.fault({ system: system.side, operation, effect });
      await endsSoon(
        (signal) => run(throttled.connector, system, signal),
        () => throttled.gates.paused,
      );
    },
  );

  test('ends one that waits for what another call is loading, which goes on', async () => {
    const { connector } = await open(system, false);
    await control.fault({ system: system.side, times: 1, effect: { kind: 'delay', ms: 1_000 } });
    const { begun } = await control.begins((event) => event['system'] === system.side);
    const other = connector.metadata(system.table, new AbortController().signal);
    await endsSoon(
      (signal) => connector.metadata(system.table, signal),
      () => begun,
    );
    expect((await other).name).toBe(system.table);
  });
});
