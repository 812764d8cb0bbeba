import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, Tandem } from '../../support/tandem.js';

const CREATE = `mutation ($input: CreateIntegrationTableMappingInput!) { createIntegrationTableMapping(input: $input) {
  integrationTableMapping { id name revision warnings { severity code path message } } userErrors { code field message } } }`;

describe('a mapping that a person makes', () => {
  let tandem: Tandem;
  let connectionSetupId: string;
  let made: Row;

  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization();
    connectionSetupId = (await tandem.ask('{ connectionSetup(name: "Sandbox") { id } }'))['connectionSetup'].id;
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  // oxlint-disable-next-line typescript/no-explicit-any
  const create = async (input: Row): Promise<Record<string, any>> =>
    (await tandem.ask(CREATE, { input: { connectionSetupId, ...input } }))['createIntegrationTableMapping'];

  const vendor = {
    name: 'SUPPLIERS',
    description: 'Vendors become accounts',
    table: 'vendors',
    integrationTable: 'accounts',
    direction: 'BIDIRECTIONAL',
    synchOnlyCoupledRecords: false,
    tableFilter: [{ field: 'blocked', expression: "' '" }],
    integrationTableFilter: [{ field: 'customertypecode', expression: 'Vendor' }],
    fields: [
      { field: 'displayName', integrationField: 'name' },
      { field: 'number', integrationField: 'accountnumber', direction: 'TO_INTEGRATION_TABLE' },
      { field: 'city', integrationField: 'address1_city', conflictRule: 'SALES_WINS' },
      { field: '', integrationField: 'customertypecode', constantValue: '11', direction: 'TO_INTEGRATION_TABLE' },
    ],
    templates: [{ side: 'SALES', priority: 1, values: [{ field: 'description', value: 'Made from a vendor' }] }],
  };

  const synchronize = async (): Promise<Row> => {
    const { synchronizeMapping } = await tandem.ask(
      'mutation ($id: ID!) { synchronizeMapping(input: { id: $id }) { run { id code } userErrors { message } } }',
      { id: made['id'] },
    );
    expect(synchronizeMapping.userErrors).toEqual([]);
    await tandem.endOf(synchronizeMapping.run.code);
    const { node } = await tandem.ask(
      'query ($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { status error { message } synchJobs { direction status inserted modified failed } } } }',
      { id: synchronizeMapping.run.id },
    );
    return node;
  };

  test('is refused with everything that is wrong, naming each place', async () => {
    const { integrationTableMapping, userErrors } = await create({
      ...vendor,
      name: 'WRONG',
      table: 'vendorz',
      tableFilter: [{ field: 'number', expression: '10..2*' }],
      fields: [
        { field: 'displayName', integrationField: 'nam' },
        { field: 'x', integrationField: 'revenue', transformations: ['NOSUCH'], lookup: 'NOSUCH' },
      ],
      dependsOn: ['NOBODY'],
    });
    expect(integrationTableMapping).toBeNull();
    expect(
      userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`).toSorted(),
    ).toEqual(
      [
        'INVALID dependsOn.0',
        'INVALID fields.0.integrationField',
        'INVALID fields.1.lookup',
        'INVALID fields.1.transformations.0',
        'INVALID table',
        'INVALID tableFilter.0.expression',
      ].toSorted(),
    );
    expect(userErrors.find(({ field }: Row) => (field as string[])[0] === 'tableFilter').message).toContain(
      'character 5',
    );
  });

  test('is saved, and warns of a text that is longer than its destination, naming both lengths', async () => {
    const { integrationTableMapping, userErrors } = await create(vendor);
    expect(userErrors).toEqual([]);
    made = integrationTableMapping;
    expect(made).toMatchObject({ name: 'SUPPLIERS', revision: 1 });
    const warning = (made['warnings'] as Row[]).find(({ code }) => code === 'TOO_LONG');
    expect(warning?.['message']).toMatch(/\d+ characters and .* \d+/);
    expect((await create(vendor))['userErrors']).toMatchObject([{ code: 'DUPLICATE', field: ['name'] }]);
    // Beside all else that is wrong.
    expect((await create({ ...vendor, table: 'nothing' }))['userErrors']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'DUPLICATE', field: ['name'] }),
        expect.objectContaining({ code: 'INVALID', field: ['table'] }),
      ]),
    );
  });

  test('makes the records of an entity set that no default mapping has, with template, constant and filter', async () => {
    const isOpen = ({ blocked }: Row): boolean => blocked === '_x0020_';
    const isVendor = ({ customertypecode }: Row): boolean => customertypecode === 11;
    const open = (await tandem.businessRows('vendors')).filter(isOpen);
    const before = (await tandem.salesRows('accounts')).filter(isVendor);
    expect(Math.min(open.length, before.length)).toBeGreaterThan(0);
    const run = await synchronize();
    expect(run).toMatchObject({ status: 'SUCCESS', error: null });
    const accounts = (await tandem.salesRows('accounts')).filter(isVendor);
    const byNumber = new Map(accounts.map((account) => [account['accountnumber'], account]));
    for (const { number, displayName } of open)
      expect(byNumber.get(number)).toMatchObject({ name: displayName, description: 'Made from a vendor' });
    const couplings = await tandem.all('couplings', 'state', 'filter: { mapping: ["SUPPLIERS"] }');
    expect(couplings).toHaveLength(open.length + before.length);
    expect((await tandem.businessRows('vendors')).filter(isOpen)).toHaveLength(open.length + before.length);
    expect(couplings.every(({ state }) => state === 'COUPLED')).toBe(true);
  });

  test('carries changes both ways, decides a conflict by the rule of its field, and tells how far it read', async () => {
    const [coupling] = await tandem.all('couplings', 'businessId salesId', 'filter: { mapping: ["SUPPLIERS"] }');
    const { businessId, salesId } = coupling as { businessId: string; salesId: string };
    await tandem.editAsPerson('BUSINESS', 'vendors', businessId, { displayName: 'Renamed vendor', city: 'Bergen' });
    await tandem.editAsPerson('SALES', 'accounts', salesId, { address1_city: 'Oslo' });
    expect(await synchronize()).toMatchObject({ status: 'SUCCESS' });
    const [vendors, accounts] = [await tandem.businessRows('vendors'), await tandem.salesRows('accounts')];
    expect(vendors.find(({ id }) => id === businessId)).toMatchObject({ displayName: 'Renamed vendor', city: 'Oslo' });
    expect(accounts.find(({ accountid }) => accountid === salesId)).toMatchObject({
      name: 'Renamed vendor',
      address1_city: 'Oslo',
    });
    const { integrationTableMapping } = await tandem.ask(
      '{ integrationTableMapping(name: "SUPPLIERS") { synchModifiedOnFilter synchIntegrationTableModifiedOnFilter } }',
    );
    expect(Date.parse(integrationTableMapping.synchModifiedOnFilter)).not.toBeNaN();
    expect(Date.parse(integrationTableMapping.synchIntegrationTableModifiedOnFilter)).not.toBeNaN();
  });

  test('stays while something needs it, and goes when nothing does', async () => {
    const remove = async (id: unknown) =>
      (
        await tandem.ask(
          'mutation ($id: ID!) { deleteIntegrationTableMapping(input: { id: $id }) { deletedId userErrors { code message } } }',
          { id },
        )
      )['deleteIntegrationTableMapping'];
    expect(await remove(made['id'])).toMatchObject({ deletedId: null, userErrors: [{ code: 'IN_USE' }] });
    const { integrationTableMapping: unused } = await create({ ...vendor, name: 'SUPPLIERS2', enabled: false });
    expect(await remove(unused.id)).toMatchObject({ deletedId: unused.id, userErrors: [] });
    expect(await remove(unused.id)).toMatchObject({ deletedId: null, userErrors: [{ code: 'NOT_FOUND' }] });
  });
});
