import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type {
  Connector,
  EndpointAccess,
  SourceRow,
  WriteOperation,
  WriteOutcome,
} from '../../../src/connectors/connector.js';
import { type Gate, type GateLimits, type Gates, LocalGates } from '../../../src/connectors/odata/gate.js';
import type { ConnectorOptions } from '../../../src/connectors/odata/options.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { asRun } from '../../../src/connectors/requests-of-run.js';
import type { FieldValues } from '../../../src/mapping/field-value.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { all, quickOptions, SandboxControl, sandboxAccess } from './sandbox-system.js';

const never = new AbortController().signal;

let sandbox: Sandbox;
let control: SandboxControl;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  control = new SandboxControl(sandbox.url);
});
afterEach(async () => {
  await control.send('DELETE', 'faults');
});
afterAll(() => sandbox.close());

function open(access: EndpointAccess, options: ConnectorOptions = {}): Connector {
  const connector = openConnector(access, { ...quickOptions, ...options });
  onTestFinished(() => connector.close());
  return connector;
}
const dataverse = (options?: ConnectorOptions) => open(sandboxAccess(sandbox.url, 'DATAVERSE'), options);
const businessCentral = (options?: ConnectorOptions) => open(sandboxAccess(sandbox.url, 'BUSINESS_CENTRAL'), options);

const createAccount = (values: FieldValues): WriteOperation => ({ kind: 'CREATE', id: randomUUID(), values });
const createCustomer = (values: FieldValues): WriteOperation => ({ kind: 'CREATE', id: null, values });
const writeAccounts = (
  connector: Connector,
  operations: WriteOperation[],
  fields = ['name'],
): Promise<WriteOutcome[]> => connector.write({ table: 'accounts', fields, operations }, never);
const writeCustomers = (
  connector: Connector,
  operations: WriteOperation[],
  fields = ['displayName'],
): Promise<WriteOutcome[]> => connector.write({ table: 'customers', fields, operations }, never);

function written(outcome: WriteOutcome | undefined): SourceRow {
  if (outcome?.kind === 'WRITTEN' && outcome.row !== null) return outcome.row;
  throw new Error(`expected a written row, got ${JSON.stringify(outcome)}`);
}

async function firstRows(connector: Connector, table: string, fields: string[]): Promise<readonly SourceRow[]> {
  for await (const { rows } of connector.readChanges({ table, fields, cursor: null }, never)) return rows;
  return [];
}

async function during<T>(settings: object, back: object, task: () => Promise<T>): Promise<T> {
  await control.send('POST', 'settings', settings);
  try {
    return await task();
  } finally {
    await control.send('POST', 'settings', back);
  }
}

/** Gates that tell when one of them was paused for the first time. */
class WatchedGates implements Gates {
  readonly #gates = new LocalGates();
  #tell: (at: number) => void = () => undefined;
  readonly paused = new Promise<number>((resolve) => {
    this.#tell = resolve;
  });

  gateOf(name: string, limits: GateLimits): Gate {
    const gate = this.#gates.gateOf(name, limits);
    return {
      enter: (signal) => gate.enter(signal),
      adviseConcurrency: (requests) => gate.adviseConcurrency(requests),
      narrow: () => gate.narrow(),
      pause: (durationMs) => {
        gate.pause(durationMs);
        this.#tell(performance.now());
      },
    };
  }
}

const batchesSoFar = async (): Promise<Record<string, unknown>[]> => {
  const log = (await control.send('GET', 'requests/log?last=100000')) as Record<string, unknown>[];
  return log.filter(({ kind }) => kind === 'batch');
};

describe('the connection test', () => {
  test.each<[string, (url: string) => EndpointAccess, string, object]>([
    [
      'a wrong secret',
      (url) => sandboxAccess(url, 'DATAVERSE', { secret: 'wrong-secret' }),
      'AUTHENTICATE',
      { errorClass: 'AUTHENTICATION', code: 'AADSTS7000215' },
    ],
    [
      'an expired secret',
      (url) => sandboxAccess(url, 'BUSINESS_CENTRAL', { clientId: 'expired-secret' }),
      'AUTHENTICATE',
      { errorClass: 'AUTHENTICATION', code: 'AADSTS7000222' },
    ],
    [
      'an unknown application',
      (url) => sandboxAccess(url, 'DATAVERSE', { clientId: 'nobody' }),
      'AUTHENTICATE',
      { errorClass: 'CONFIGURATION', code: 'AADSTS700016' },
    ],
    [
      'an application that is no user of Dataverse',
      (url) => sandboxAccess(url, 'DATAVERSE', { clientId: 'not-a-member' }),
      'COMPANY',
      { errorClass: 'PERMISSION', code: '0x80072560' },
    ],
    [
      'a company that does not exist',
      (url) => ({ ...sandboxAccess(url, 'BUSINESS_CENTRAL'), company: 'ADATUM' }),
      'COMPANY',
      {
        errorClass: 'CONFIGURATION',
        code: 'COMPANY_NOT_FOUND',
        message: expect.stringContaining('CRONUS International Ltd.'),
      },
    ],
    [
      'nobody at the address',
      () => sandboxAccess('http://127.0.0.1:1', 'DATAVERSE'),
      'REACH',
      { errorClass: 'TRANSIENT', code: 'UNREACHABLE' },
    ],
  ])('stops at %s and says so', async (_name, access, step, error) => {
    const { ok, steps } = await open(access(sandbox.url)).test(never);
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ step, ok: false, error });
    expect(steps.slice(0, -1).every((earlier) => earlier.ok)).toBe(true);
    expect(JSON.stringify(steps)).not.toMatch(/wrong-secret|sandbox-secret/);
  });

  test('stops where the services of Business Central are switched off', async () => {
    const result = await during({ BUSINESS: { servicesEnabled: false } }, { BUSINESS: { servicesEnabled: true } }, () =>
      businessCentral().test(never),
    );
    expect(result.steps.at(-1)).toMatchObject({
      step: 'COMPANY',
      ok: false,
      error: { errorClass: 'CONFIGURATION', httpStatus: 405 },
    });
  });

  test('an address that is none is refused when the connector is opened', () => {
    const access = { ...sandboxAccess(sandbox.url, 'DATAVERSE'), baseUrl: 'not an address' };
    expect(() => openConnector(access)).toThrow(expect.objectContaining({ code: 'BAD_ADDRESS' }));
    expect(() => openConnector({ ...access, kind: 'NAV_ODATA' })).toThrow(
      expect.objectContaining({ code: 'BAD_ADDRESS' }),
    );
  });

  test('the address of Business Central may be given in several forms, the company by name or id', async () => {
    const access = sandboxAccess(sandbox.url, 'BUSINESS_CENTRAL');
    const id = await open(access).identity(never);
    const forms = [`${access.baseUrl}/`, `${access.baseUrl}/api/v2.0`, `${access.baseUrl}/api/v2.0/`];
    for (const baseUrl of forms) expect(await open({ ...access, baseUrl }).identity(never)).toBe(id);
    expect(await open({ ...access, company: id.toUpperCase() }).identity(never)).toBe(id);
  });
});

describe('signing in', () => {
  test('a token that the system no longer takes is replaced once', async () => {
    const connector = dataverse();
    await connector.identity(never);
    await control.send('DELETE', 'requests');
    await control.fault({ system: 'SALES', operation: 'read', times: 1, effect: { kind: 'status', status: 401 } });
    await connector.identity(never);
    const { requests } = (await control.send('GET', 'requests')) as { requests: object[] };
    expect(requests).toContainEqual(expect.objectContaining({ entitySet: 'token', count: 1 }));
    await control.fault({ system: 'SALES', operation: 'read', effect: { kind: 'status', status: 401 } });
    await expect(connector.identity(never)).rejects.toMatchObject({ errorClass: 'AUTHENTICATION' });
  });

  test('a write with a wrong secret is refused, not unknown', async () => {
    const outcomes = await writeAccounts(open(sandboxAccess(sandbox.url, 'DATAVERSE', { secret: 'wrong-secret' })), [
      createAccount({ name: 'X' }),
    ]);
    expect(outcomes).toMatchObject([{ kind: 'REFUSED', error: { errorClass: 'AUTHENTICATION' } }]);
  });
});

describe('Dataverse', () => {
  test('reads and writes lookups as references to one entity set', async () => {
    const connector = dataverse();
    const metadata = await connector.metadata('accounts', never);
    expect(metadata.fields.get('transactioncurrencyid')).toMatchObject({
      type: 'REFERENCE',
      target: 'transactioncurrencies',
    });
    expect(metadata.fields.get('ownerid')).toMatchObject({ type: 'REFERENCE', target: 'systemusers' });
    const currencies = await firstRows(connector, 'transactioncurrencies', ['isocurrencycode']);
    const users = (await firstRows(connector, 'systemusers', ['isdisabled'])).filter(
      ({ values }) => values['isdisabled'] === false,
    );
    const reference = { transactioncurrencyid: currencies[1]?.id ?? null, ownerid: users[1]?.id ?? null };
    const [outcome] = await writeAccounts(
      connector,
      [createAccount({ name: 'Firm', ...reference })],
      ['transactioncurrencyid', 'ownerid'],
    );
    expect(written(outcome).values).toEqual(reference);
  });

  test('a lookup that points to a row of another table than the expected one reads as blank', async () => {
    const connector = dataverse();
    const edit = (entitySet: string, values: object) =>
      control.send('POST', 'edit', { system: 'SALES', entitySet, values }) as Promise<Record<string, string>>;
    const account = await edit('accounts', { name: 'Parent' });
    const person = await edit('contacts', { lastname: 'Parent' });
    const parents = ['account', 'contact'] as const;
    const targets = { account: `/accounts(${account['accountid']})`, contact: `/contacts(${person['contactid']})` };
    const children = await Promise.all(
      parents.map((kind) =>
        edit('contacts', { lastname: 'Child', [`parentcustomerid_${kind}@odata.bind`]: targets[kind] }),
      ),
    );
    const rows = await connector.readByIds(
      { table: 'contacts', fields: ['parentcustomerid'], ids: children.map(({ contactid = '' }) => contactid) },
      never,
    );
    const parentOf = (child: Record<string, string> | undefined) =>
      rows.find(({ id }) => id === child?.['contactid'])?.values['parentcustomerid'];
    expect([parentOf(children[0]), parentOf(children[1])]).toEqual([account['accountid'], null]);
  });

  test('a lookup to a missing row is a DEPENDENCY, and the row itself is not taken for gone', async () => {
    const connector = dataverse();
    const row = written((await writeAccounts(connector, [createAccount({ name: 'Firm' })]))[0]);
    const values = { transactioncurrencyid: randomUUID() };
    const [outcome] = await writeAccounts(connector, [{ kind: 'UPDATE', id: row.id, version: row.version, values }]);
    expect(outcome).toMatchObject({ kind: 'REFUSED', error: { errorClass: 'DEPENDENCY' } });
  });

  test('answers with what it made of a value', async () => {
    const [outcome] = await writeAccounts(
      dataverse(),
      [createAccount({ name: 'Firm', creditlimit: '1.239', telephone1: '1 ' })],
      ['creditlimit', 'telephone1'],
    );
    expect(written(outcome).values).toEqual({ creditlimit: '1.24', telephone1: '1' });
  });

  test('a table without change tracking is read by time of change', async () => {
    const connector = dataverse();
    const read = async (cursor: string | null) => {
      const pages = [];
      for await (const page of connector.readChanges({ table: 'organizations', fields: ['name'], cursor }, never))
        pages.push(page);
      return pages;
    };
    const [first] = await read(null);
    expect(first?.rows).toHaveLength(1);
    const [second] = await read(first?.cursor ?? null);
    expect(second?.rows).toEqual([]);
    expect(second?.cursor).not.toBeNull();
  });

  test.each([3, 12])(
    'an alternate key that another row has is told for the row that has it, among %i that are created',
    async (count) => {
      const settings = { SALES: { alternateKeys: ['account:accountnumber'] } };
      await during(settings, { SALES: { alternateKeys: [] } }, async () => {
        const number = randomUUID().slice(0, 8);
        const connector = dataverse();
        written((await writeAccounts(connector, [createAccount({ name: 'First', accountnumber: number })]))[0]);
        const outcomes = await writeAccounts(
          connector,
          Array.from({ length: count }, (_unused, at) =>
            createAccount({
              name: `Numbered ${at}`,
              accountnumber: at === 1 ? number.toUpperCase() : randomUUID().slice(9, 19),
            }),
          ),
        );
        expect(outcomes.map(({ kind }) => kind)).toEqual(
          outcomes.map((_unused, at) => (at === 1 ? 'KEY_EXISTS' : 'WRITTEN')),
        );
        expect(outcomes[1]).toMatchObject({ error: { errorClass: 'DUPLICATE', code: '0x80060892' } });
      });
    },
  );

  test('parts that met a deadlock or were throttled are written by repeating them alone', async () => {
    const connector = dataverse();
    await control.fault({
      system: 'SALES',
      operation: 'create',
      nth: 1,
      effect: { kind: 'error', status: 500, code: '0x80044150', message: 'Generic SQL error.' },
    });
    await control.fault({
      system: 'SALES',
      operation: 'create',
      nth: 2,
      effect: { kind: 'status', status: 429, retryAfterSeconds: 0 },
    });
    const names = ['A', 'B', 'C'].map((name) => `Repeated ${name} ${randomUUID()}`);
    const outcomes = await writeAccounts(
      connector,
      names.map((name) => createAccount({ name })),
    );
    expect(outcomes.map((outcome) => written(outcome).values['name'])).toEqual(names);
  });

  test.each([
    ['cut off', { kind: 'truncate' }],
    ['an error page of a gateway', { kind: 'status', status: 502 }],
  ])('a batch whose answer is %s is UNKNOWN and not sent again', async (_name, effect) => {
    const connector = dataverse();
    await connector.metadata('accounts', never);
    await control.fault({ system: 'SALES', operation: 'batch', times: 1, effect });
    const before = (await batchesSoFar()).length;
    const outcomes = await writeAccounts(connector, [createAccount({ name: 'One' })]);
    expect(outcomes).toMatchObject([{ kind: 'UNKNOWN' }]);
    expect((await batchesSoFar()).length).toBe(before + 1);
  });

  test('requests carry the id of their run, those that read too', async () => {
    const runId = randomUUID();
    const connector = dataverse();
    await asRun(runId, async () => {
      const made = written((await writeAccounts(connector, [createAccount({ name: 'Run' })]))[0]);
      await connector.readByIds({ table: 'accounts', fields: ['name'], ids: [made.id] }, never);
    });
    expect(await control.send('GET', 'requests/log?last=2')).toMatchObject([
      { runId, method: 'POST' },
      { runId, method: 'GET' },
    ]);
  });

  test('a write whose answer hangs ends UNKNOWN by the time-out', async () => {
    const connector = dataverse({ http: { ...quickOptions.http, requestMs: 300 } });
    await connector.metadata('accounts', never);
    await control.fault({ system: 'SALES', operation: 'batch', effect: { kind: 'hang' } });
    expect(await writeAccounts(connector, [createAccount({ name: 'Late' })])).toMatchObject([
      { kind: 'UNKNOWN', error: { code: 'TIMEOUT' } },
    ]);
  });

  test('connectors of one user share the limits of the system', async () => {
    const gates = new WatchedGates();
    const [one, other] = [dataverse({ gates }), dataverse({ gates })];
    await Promise.all([one.metadata('accounts', never), other.identity(never)]);
    const throttle = { kind: 'status', status: 429, retryAfterSeconds: 1 };
    await control.fault({ system: 'SALES', operation: 'batch', times: 1, effect: throttle });
    const write = writeAccounts(one, [createAccount({ name: 'Throttled' })]);
    const pausedAt = await gates.paused;
    await other.identity(never);
    expect(performance.now() - pausedAt).toBeGreaterThanOrEqual(990);
    expect((await write).map(({ kind }) => kind)).toEqual(['WRITTEN']);
  });
});

describe.each([
  ['BUSINESS_CENTRAL', 'customers', 'displayName', 'phoneNumber'],
  ['NAV_ODATA', 'Customer', 'Name', 'Phone_No'],
] as const)('reading changes of %s by time', (kind, table, title, phone) => {
  const settings = { NAV: { dateTimeColumns: true } };
  const changedSince = async (connector: Connector, cursor: string | null) => {
    const pages = await all(connector.readChanges({ table, fields: [title, phone], cursor }, never));
    return { rows: pages.flatMap(({ rows }) => rows), cursor: pages.at(-1)?.cursor ?? null };
  };

  test.each([-3, 3])('goes by the clock of the server, which is %i hours from ours', async (hours) => {
    const clockOffsetMs = hours * 3_600_000;
    await during({ ...settings, BUSINESS: { clockOffsetMs } }, { BUSINESS: { clockOffsetMs: 0 } }, async () => {
      const connector = open(sandboxAccess(sandbox.url, kind), { overlapMs: 2_000 });
      const create = createCustomer({ [title]: `Clock ${hours}` });
      const [outcome] = await connector.write({ table, fields: [title], operations: [create] }, never);
      const { id, version } = written(outcome);
      const { cursor } = await changedSince(connector, null);
      // Its page tells what was written within the overlap once more, and nothing of the hours between the clocks.
      const [known] = (await changedSince(connector, cursor)).rows.filter((row) => row.id === id);
      expect(known === undefined || known.version === version).toBe(true);
      const edit = { kind: 'UPDATE', id, version, values: { [phone]: '+49 1' } } as const;
      await connector.write({ table, fields: [], operations: [edit] }, never);
      const { rows } = await changedSince(connector, cursor);
      expect(rows.find((row) => row.id === id)?.values[phone]).toBe('+49 1');
      expect(rows.length).toBeLessThan(20);
    });
  });

  test.each([
    ['sees', 300_000, 60, true],
    ['leaves to the sweep', 10_000, 600, false],
  ])(
    '%s what was committed later than it was changed (overlap %i ms, late by %i s)',
    async (_what, overlapMs, seconds, isSeen) => {
      await during(settings, { NAV: { dateTimeColumns: false } }, async () => {
        const connector = open(sandboxAccess(sandbox.url, kind), { overlapMs });
        const { cursor } = await changedSince(connector, null);
        const name = `Late ${randomUUID()}`;
        const late = {
          system: 'BUSINESS',
          entitySet: 'customers',
          values: { displayName: name },
          committedLateSeconds: seconds,
        };
        await control.send('POST', 'edit', late);
        const { rows } = await changedSince(connector, cursor);
        expect(rows.some(({ values }) => values[title] === name)).toBe(isSeen);
        const swept = (await all(connector.sweep(table, never))).flat().map(({ id }) => id);
        const [found] = await connector.find({ table, fields: [title], equal: { [title]: name } }, never);
        expect(swept).toContain(found?.id);
      });
    },
  );

  test('finds every row where the pages of the server are smaller than what is asked for', async () => {
    const small = { BUSINESS: { maxPageSize: 7 }, NAV: { maxPageSize: 7, respectsMaxPageSize: false } };
    const back = { BUSINESS: { maxPageSize: 20_000 }, NAV: { maxPageSize: 1_000, respectsMaxPageSize: true } };
    const connector = open(sandboxAccess(sandbox.url, kind), { pageSize: 5 });
    const { rows } = await changedSince(connector, null);
    await during(small, back, async () => {
      const again = await changedSince(connector, null);
      expect(again.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
      const ids = rows.slice(0, 60).map(({ id }) => id);
      const byIds = await connector.readByIds({ table, fields: [title], ids }, never);
      expect(byIds.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    });
  });
});

describe('Business Central', () => {
  test('uses the companion API where it is, for fields that the standard API lacks', async () => {
    const connector = businessCentral();
    const [outcome] = await writeCustomers(
      connector,
      [createCustomer({ displayName: 'With fax', faxNumber: '+49 1' })],
      ['faxNumber'],
    );
    expect(written(outcome).values).toEqual({ faxNumber: '+49 1' });
  });

  test('without the companion API has the fields of the standard API', async () => {
    const settings = { BUSINESS: { companionApi: false } };
    const back = { BUSINESS: { companionApi: true } };
    await during(settings, back, async () => {
      const connector = businessCentral();
      const { fields } = await connector.metadata('customers', never);
      expect([fields.has('displayName'), fields.has('faxNumber')]).toEqual([true, false]);
      const outcomes = await writeCustomers(connector, [
        createCustomer({ displayName: 'Standard' }),
        createCustomer({ displayName: 'X', faxNumber: '1' }),
      ]);
      expect(outcomes).toMatchObject([
        { kind: 'WRITTEN' },
        { kind: 'REFUSED', error: { errorClass: 'CONFIGURATION', field: 'faxNumber' } },
      ]);
      await expect(connector.metadata('customerPriceGroups', never)).rejects.toMatchObject({
        code: 'UNKNOWN_TABLE',
        message: expect.stringContaining('companion'),
      });
    });
  });

  test('tells codes, options, references and lengths', async () => {
    const { fields } = await businessCentral().metadata('customers', never);
    expect(fields.get('number')).toMatchObject({ type: 'CODE', maxLength: 20 });
    expect(fields.get('displayName')).toMatchObject({ type: 'TEXT', maxLength: 100 });
    expect(fields.get('blocked')?.options.map(({ value }) => value)).toEqual(['Ship', 'Invoice', 'All']);
    expect(fields.get('currencyId')).toMatchObject({ type: 'REFERENCE', target: 'currencies' });
    expect(fields.get('balanceDue')?.readOnly).toBe(true);
  });

  test.each([true, false])('reads and writes options with names escaped: %s', async (escapeEnums) => {
    await during({ BUSINESS: { escapeEnums } }, { BUSINESS: { escapeEnums: true } }, async () => {
      const connector = businessCentral();
      const [outcome] = await writeCustomers(
        connector,
        [createCustomer({ displayName: 'Blocked', blocked: 'All' })],
        ['blocked'],
      );
      const row = written(outcome);
      expect(row.values).toEqual({ blocked: 'All' });
      const [freed] = await writeCustomers(
        connector,
        [{ kind: 'UPDATE', id: row.id, version: row.version, values: { blocked: null } }],
        ['blocked'],
      );
      expect(written(freed).values).toEqual({ blocked: null });
    });
  });

  test('a stale version is CHANGED, whichever status the version of the server gives it', async () => {
    await during({ BUSINESS: { staleEtagStatus: 412 } }, { BUSINESS: { staleEtagStatus: 409 } }, async () => {
      const connector = businessCentral();
      const row = written((await writeCustomers(connector, [createCustomer({ displayName: 'Firm' })]))[0]);
      const update = (version: string): WriteOperation => ({
        kind: 'UPDATE',
        id: row.id,
        version,
        values: { displayName: 'Firm 2' },
      });
      expect((await writeCustomers(connector, [update(row.version)]))[0]?.kind).toBe('WRITTEN');
      expect(await writeCustomers(connector, [update(row.version)])).toEqual([{ kind: 'CHANGED' }]);
    });
  });

  test('finds a created customer although its blank currency is shown as the local one', async () => {
    const connector = businessCentral();
    const values = { displayName: `Local ${randomUUID()}`, currencyCode: null, city: null };
    const row = written((await writeCustomers(connector, [createCustomer(values)]))[0]);
    const found = await connector.find({ table: 'customers', fields: ['displayName'], equal: values }, never);
    expect(found.map(({ id }) => id)).toEqual([row.id]);
  });

  test('keeps all digits of an amount', async () => {
    const [outcome] = await writeCustomers(
      businessCentral(),
      [createCustomer({ displayName: 'Precise', creditLimit: '12345678901.12345' })],
      ['creditLimit'],
    );
    expect(written(outcome).values).toEqual({ creditLimit: '12345678901.12345' });
  });

  test('creates of one table are sent one batch after another, also from several callers', async () => {
    const connector = businessCentral({ batchSize: 5 });
    await connector.metadata('customers', never);
    const before = (await batchesSoFar()).length;
    const many = () => Array.from({ length: 12 }, () => createCustomer({ displayName: 'Serial' }));
    const settings = { BUSINESS: { latencyMs: 5 } };
    const outcomes = await during(settings, { BUSINESS: { latencyMs: 0 } }, () =>
      Promise.all([writeCustomers(connector, many()), writeCustomers(connector, many())]),
    );
    expect(new Set(outcomes.flat().map(({ kind }) => kind))).toEqual(new Set(['WRITTEN']));
    const batches = (await batchesSoFar()).slice(before);
    expect(batches).toHaveLength(6);
    const overlapping = batches.filter(
      (batch, index) => index > 0 && String(batch['beganAt']) < String(batches[index - 1]?.['endedAt']),
    );
    expect(overlapping).toEqual([]);
  });

  test('reads by time overlap, so that a row committed late is seen', async () => {
    const connector = businessCentral({ overlapMs: 60_000 });
    const row = written((await writeCustomers(connector, [createCustomer({ displayName: 'Overlap' })]))[0]);
    let cursor: string | null = null;
    for await (const page of connector.readChanges({ table: 'customers', fields: ['displayName'], cursor }, never))
      cursor = page.cursor;
    const seen: string[] = [];
    for await (const page of connector.readChanges({ table: 'customers', fields: ['displayName'], cursor }, never))
      seen.push(...page.rows.map(({ id }) => id));
    expect(seen).toContain(row.id);
  });

  test('a record that is locked is written by repeating it', async () => {
    const connector = businessCentral();
    const message = 'The operation could not be completed because a record was locked by another user.';
    await control.fault({
      system: 'BUSINESS',
      operation: 'create',
      times: 1,
      effect: { kind: 'error', status: 400, code: 'Internal_ServerError', message },
    });
    const outcomes = await writeCustomers(connector, [createCustomer({ displayName: 'Locked' })]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN']);
  });
});
