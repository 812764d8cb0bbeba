import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Connector, ConnectorError, type ReadChangesRequest } from '../../../src/connectors/connector.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { peekChanges } from '../../../src/connectors/peek-changes.js';
import { startSandbox } from '../../../src/sandbox/server.js';
import { quickOptions, SandboxControl, sandboxAccess } from './sandbox-system.js';

const never = new AbortController().signal;

describe.each([
  {
    kind: 'DATAVERSE' as const,
    side: 'SALES',
    tables: [
      { table: 'accounts', field: 'name' },
      { table: 'contacts', field: 'lastname' },
    ],
    newId: (): string | null => randomUUID(),
  },
  {
    kind: 'BUSINESS_CENTRAL' as const,
    side: 'BUSINESS',
    tables: [
      { table: 'customers', field: 'displayName' },
      { table: 'contacts', field: 'displayName' },
    ],
    newId: (): string | null => null,
  },
])('a look at the changes of several tables of $kind', ({ kind, side, tables, newId }) => {
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let connector: Connector;
  let control: SandboxControl;

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    control = new SandboxControl(sandbox.url);
    connector = openConnector(sandboxAccess(sandbox.url, kind), quickOptions);
  });
  afterEach(() => control.send('DELETE', 'faults'));
  afterAll(async () => {
    await connector.close();
    await sandbox.close();
  });

  async function readToEnd(): Promise<ReadChangesRequest[]> {
    return Promise.all(
      tables.map(async ({ table, field }) => {
        let cursor: string | null = null;
        for await (const page of connector.readChanges({ table, fields: [field], cursor: null }, never))
          ({ cursor } = page);
        return { table, fields: [field], cursor };
      }),
    );
  }

  const createIn = async ({ table, field }: (typeof tables)[number], value: string): Promise<string> => {
    const operation = { kind: 'CREATE' as const, id: newId(), values: { [field]: value } };
    const [outcome] = await connector.write({ table, fields: [field], operations: [operation] }, never);
    if (outcome?.kind !== 'WRITTEN') throw new Error(JSON.stringify(outcome));
    return outcome.row!.id;
  };

  const valuesSeen = async (requests: ReadChangesRequest[]) =>
    (await peekChanges(connector, requests, never)).map((seen, index) => {
      if (seen instanceof ConnectorError) return seen.code;
      return seen.rows.map(({ values }) => values[tables[index]!.field]);
    });

  test('shows what is newer than each cursor in one request, and moves no cursor', async () => {
    const requests = await readToEnd();
    await createIn(tables[0]!, 'Seen once');
    await createIn(tables[1]!, 'Seen twice');
    const before = ((await control.send('GET', 'requests/log?last=100000')) as unknown[]).length;
    const seen = await valuesSeen(requests);
    expect(seen[0]).toContain('Seen once');
    expect(seen[1]).toContain('Seen twice');
    const log = (await control.send('GET', 'requests/log?last=100000')) as Record<string, unknown>[];
    const sent = log.slice(before).filter(({ system, method }) => system === side && method === 'POST');
    expect(sent).toHaveLength(1);
    expect(await valuesSeen(requests)).toEqual(seen);
  });

  test('shows the first hundred, and that there are more', async () => {
    const { table, field } = tables[0]!;
    const requests = await readToEnd();
    const operations = Array.from({ length: 130 }, (_, index) => ({
      kind: 'CREATE' as const,
      id: newId(),
      values: { [field]: `Many ${index}` },
    }));
    await connector.write({ table, fields: [field], operations }, never);
    const [first, second] = await peekChanges(connector, requests, never);
    expect(first).toMatchObject({ isWhole: false, rows: expect.objectContaining({ length: 100 }) });
    expect(second).toMatchObject({ isWhole: true });
  });

  test('tells for each table by itself why it could not be seen', async () => {
    const [first, second] = await readToEnd();
    const seen = await peekChanges(connector, [first!, { ...second!, table: 'nothings' }], never);
    expect(seen[0]).not.toBeInstanceOf(ConnectorError);
    expect(seen[1]).toBeInstanceOf(ConnectorError);
  });
});
