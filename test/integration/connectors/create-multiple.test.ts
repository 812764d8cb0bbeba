import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connector, WriteOperation } from '../../../src/connectors/connector.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { quickOptions, SandboxControl, sandboxAccess } from './sandbox-system.js';

const never = new AbortController().signal;

describe('creating many rows of Dataverse', () => {
  let sandbox: Sandbox;
  let control: SandboxControl;
  let connector: Connector;
  let before = 0;

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    control = new SandboxControl(sandbox.url);
    connector = openConnector(sandboxAccess(sandbox.url, 'DATAVERSE'), quickOptions);
  });
  beforeEach(async () => {
    await control.send('DELETE', 'faults');
    before = (await log()).length;
  });
  afterAll(async () => {
    await connector.close();
    await sandbox.close();
  });

  test('goes in one call with our ids, and answers with the rows as they are stored', async () => {
    const operations = creates(25);
    const outcomes = await write(operations);
    expect(outcomes.map((outcome) => (outcome.kind === 'WRITTEN' ? outcome.row?.id : outcome.kind))).toEqual(
      operations.map(({ id }) => id),
    );
    expect(outcomes[0]).toMatchObject({ row: { values: { name: expect.stringContaining('Many 0') } } });
    expect((await paths()).filter((path) => path.includes('CreateMultiple'))).toHaveLength(1);
    expect((await paths()).filter((path) => path.includes('$batch'))).toHaveLength(0);
  });

  test('tells each row its own outcome when the call is refused for one of them, and creates the others', async () => {
    const operations = creates(12);
    const bad = { ...operations[4], values: { name: 'x'.repeat(200) } } as WriteOperation;
    const outcomes = await write(operations.map((one, index) => (index === 4 ? bad : one)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      operations.map((_, index) => (index === 4 ? 'REFUSED' : 'WRITTEN')),
    );
    expect(outcomes[4]).toMatchObject({ error: { errorClass: 'VALIDATION', code: '0x80044331' } });
  });

  test('finds a row that exists already by its id, and doubles none', async () => {
    const operations = creates(11);
    await write(operations);
    const outcomes = await write(operations);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['KEY_EXISTS']));
  });

  test.each(['resetBefore', 'resetAfter'])(
    'whose answer is lost (%s) is UNKNOWN for each row, and is not repeated',
    async (kind) => {
      await control.fault({ system: 'SALES', path: 'CreateMultiple', times: 1, effect: { kind } });
      const operations = creates(10);
      const outcomes = await write(operations);
      expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['UNKNOWN']));
      const ids = operations.map(({ id }) => id ?? '');
      const found = await connector.readByIds({ table: 'accounts', fields: [], ids }, never);
      expect(found).toHaveLength(kind === 'resetAfter' ? 10 : 0);
    },
  );

  test('after a deadlock, which took all of them back, creates each row once', async () => {
    await control.fault({
      system: 'SALES',
      path: 'CreateMultiple',
      effect: { kind: 'error', status: 500, code: '0x80044150', message: 'Generic SQL error.' },
    });
    expect(new Set((await write(creates(10))).map(({ kind }) => kind))).toEqual(new Set(['WRITTEN']));
  });

  test.each([
    ['many', 12, 412],
    ['many', 12, 500],
    ['few', 3, 412],
    ['few', 3, 500],
  ])(
    'of %s rows, one of which a duplicate detection rule refuses, lists that one as DUPLICATE and creates the others (%i rows, status %i)',
    async (_many, count, status) => {
      const operations = creates(count);
      const message = 'A record was not created or updated because a duplicate of the current record already exists.';
      const effect = { kind: 'error', status, code: '0x80040333', message };
      // A call is refused as a whole; then the rows go by batch, where the rule strikes one of them.
      await control.fault({ system: 'SALES', path: 'CreateMultiple', times: 1, effect });
      await control.fault({ system: 'SALES', operation: 'create', path: '^accounts\\(', nth: 1, effect });
      const outcomes = await write(operations);
      expect(outcomes.filter(({ kind }) => kind === 'WRITTEN')).toHaveLength(count - 1);
      const refused = outcomes.filter(({ kind }) => kind !== 'WRITTEN');
      expect(refused).toMatchObject([{ kind: 'REFUSED', error: { errorClass: 'DUPLICATE', code: '0x80040333' } }]);
      const planned = (await control.send('GET', 'faults')) as { path?: string; struck: number }[];
      expect(planned.find(({ path }) => path === 'CreateMultiple')?.struck).toBe(count > 10 ? 1 : 0);
    },
  );

  test('of a table without the action goes by batch, and is not tried again', async () => {
    await control.send('POST', 'settings', { SALES: { noBulkTables: ['account'] } });
    for (let times = 0; times < 2; times += 1)
      expect(new Set((await write(creates(10))).map(({ kind }) => kind))).toEqual(new Set(['WRITTEN']));
    expect((await paths()).filter((path) => path.includes('CreateMultiple'))).toHaveLength(1);
    await control.send('DELETE', 'settings');
  });

  const creates = (count: number): WriteOperation[] =>
    Array.from({ length: count }, (_, index) => ({
      kind: 'CREATE',
      id: randomUUID(),
      values: { name: `Many ${index} ${randomUUID()}` },
    }));

  const write = (operations: readonly WriteOperation[]) =>
    connector.write({ table: 'accounts', fields: ['name'], operations: [...operations] }, never);

  const log = async () => (await control.send('GET', 'requests/log?last=100000')) as { path: string }[];
  /** Addresses that were asked since the test began. */
  const paths = async (): Promise<string[]> => (await log()).slice(before).map(({ path }) => path);
});
