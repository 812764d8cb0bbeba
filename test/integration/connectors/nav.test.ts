import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector } from '../../../src/connectors/connector.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { connectorContract } from './contract.js';
import { all, openSandboxSystem, quickOptions, SandboxControl, sandboxAccess } from './sandbox-system.js';

const never = new AbortController().signal;

const customers = {
  kind: 'NAV_ODATA',
  side: 'BUSINESS',
  name: 'Customer',
  fields: { title: 'Name', phone: 'Phone_No', amount: 'Credit_Limit_LCY', option: 'Blocked' },
  option: 'Ship',
  tooLong: 51,
  newId: () => null,
  writesAs: ['create', 'update', 'delete'],
} as const;

const features = {
  changeTracking: false,
  deletions: false,
  batch: false,
  bulkWrite: false,
  clientAssignedIds: false,
  changeTimes: 'DAY',
} as const;

connectorContract('NAV 2018, changes told by the day', () => openSandboxSystem(customers), features);

connectorContract(
  'NAV 2018, pages with a column of moments, under names of the administrator',
  () =>
    openSandboxSystem({
      ...customers,
      name: 'Debitor',
      settings: {
        NAV: { dateTimeColumns: true, serviceNames: ['Customer=Debitor'], etagProperty: true, blankOption: '_blank_' },
      },
    }),
  features,
);

connectorContract(
  'NAV 2018, with a page of the table Integration Record',
  async () => {
    const system = await openSandboxSystem({ ...customers, settings: { NAV: { integrationRecords: true } } });
    // What a server can do shows when its services are read.
    await system.connector.tables(AbortSignal.timeout(10_000));
    return system;
  },
  { ...features, deletions: true },
);

describe('the connection test of NAV 2018', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
  });
  afterAll(() => sandbox.close());

  test.each([
    [true, 'changes and deletions are told by IntegrationRecords'],
    [false, 'deletions are found by the sweep'],
  ])(
    'tells which pages were recognised under which names, and how changes are found (%s)',
    async (integrationRecords, how) => {
      const settings = { NAV: { integrationRecords, serviceNames: ['Customer=Debitor'], unpublished: ['Resource'] } };
      await new SandboxControl(sandbox.url).send('POST', 'settings', settings);
      const connector = openConnector(sandboxAccess(sandbox.url, 'NAV_ODATA'), quickOptions);
      const { steps } = await connector.test(never);
      await connector.close();
      const told = steps.find(({ step }) => step === 'METADATA')?.message ?? '';
      expect(told).toContain('Debitor (customers)');
      expect(told).not.toContain('resources');
      expect(told).toContain(how);
    },
  );
});

describe('a bare 404, as from a server on which the instance does not run', () => {
  let sandbox: Sandbox;
  let control: SandboxControl;
  let connector: Connector;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    control = new SandboxControl(sandbox.url);
    connector = openConnector(sandboxAccess(sandbox.url, 'NAV_ODATA'), quickOptions);
    await connector.metadata('Customer', never);
  });
  afterAll(async () => {
    await connector.close();
    await sandbox.close();
  });

  test('makes no record gone, neither one that is read nor one that is written', async () => {
    const name = { Name: 'With / and ’ in its number' };
    const create = { kind: 'CREATE', id: null, values: { No: "A/B'C", ...name } } as const;
    const [made] = await connector.write({ table: 'Customer', fields: ['Name'], operations: [create] }, never);
    const row = made?.kind === 'WRITTEN' ? made.row : null;
    const read = { table: 'Customer', fields: ['Name'], ids: [row?.id ?? ''] };
    const update = { kind: 'UPDATE', id: row?.id ?? '', version: row?.version ?? '', values: name } as const;
    const write = () => connector.write({ table: 'Customer', fields: [], operations: [update] }, never);
    await control.fault({ system: 'BUSINESS', effect: { kind: 'status', status: 404, html: true } });
    await expect(connector.readByIds(read, never)).rejects.toMatchObject({
      errorClass: 'CONFIGURATION',
      httpStatus: 404,
    });
    expect(await write()).toMatchObject([{ kind: 'REFUSED', error: { errorClass: 'CONFIGURATION', httpStatus: 404 } }]);
    await control.send('DELETE', 'faults');
    expect(await connector.readByIds(read, never)).toMatchObject([{ values: name }]);
    expect(await write()).toMatchObject([{ kind: 'WRITTEN' }]);
    expect(await connector.readByIds({ ...read, ids: ["X/Y'Z"] }, never)).toEqual([]);
  });
});

describe('posted invoices of NAV 2018', () => {
  let sandbox: Sandbox;
  let connector: Connector;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    await new SandboxControl(sandbox.url).send('POST', 'settings', { NAV: { integrationRecords: true } });
    connector = openConnector(sandboxAccess(sandbox.url, 'NAV_ODATA'), quickOptions);
  });
  afterAll(async () => {
    await connector.close();
    await sandbox.close();
  });

  test('tell what follows from other tables, although no Integration Record says that they changed', async () => {
    const table = 'PostedSalesInvoice';
    const fields = ['No', 'Has_Blocked_Line'];
    const read = async (cursor: string | null) => {
      const pages = await all(connector.readChanges({ table, fields, cursor }, never));
      return { rows: pages.flatMap(({ rows }) => rows), cursor: pages.at(-1)?.cursor ?? null };
    };
    const first = await read(null);
    const blocked = first.rows.filter(({ values }) => values['Has_Blocked_Line'] === true);
    expect(blocked).toHaveLength(2);
    const [line] = await connector.find(
      {
        table: 'PostedSalesInvoiceLines',
        fields: ['Document_No', 'Type', 'No'],
        equal: { Document_No: blocked[0]?.id ?? '', Type: 'Item' },
      },
      never,
    );
    const [item] = await connector.readByIds(
      { table: 'Item', fields: ['Blocked'], ids: [String(line?.values['No'])] },
      never,
    );
    if (item === undefined) throw new Error('the line names no item');
    const [outcome] = await connector.write(
      {
        table: 'Item',
        fields: [],
        operations: [{ kind: 'UPDATE', id: item.id, version: item.version, values: { Blocked: false } }],
      },
      never,
    );
    expect(outcome?.kind).toBe('WRITTEN');
    const second = await read(first.cursor);
    const now = second.rows.find(({ id }) => id === blocked[0]?.id);
    expect(now?.values).toEqual({ No: blocked[0]?.id, Has_Blocked_Line: false });
    expect(now?.version).toBe(blocked[0]?.version);
  });

  test('hold no drafts, neither in lists nor by their number, and nobody changes one', async () => {
    const rows = (await all(connector.sweep('PostedSalesInvoice', never))).flat();
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ id }) => !id.startsWith('PSI-'))).toEqual([]);
    const lines = (await all(connector.sweep('PostedSalesInvoiceLines', never))).flat();
    expect(lines.filter(({ id }) => !id.startsWith('PSI-'))).toEqual([]);
    const [draft] = await connector.readByIds({ table: 'PostedSalesInvoice', fields: [], ids: ['SI-103061'] }, never);
    expect(draft).toBeUndefined();
    const [posted] = rows;
    const [outcome] = await connector.write(
      {
        table: 'PostedSalesInvoice',
        fields: [],
        operations: [
          { kind: 'UPDATE', id: posted?.id ?? '', version: posted?.version ?? '', values: { Ship_to_City: 'Oslo' } },
        ],
      },
      never,
    );
    expect(outcome?.kind).toBe('REFUSED');
  });
});
