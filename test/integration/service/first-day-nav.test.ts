import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, Tandem } from '../../support/tandem.js';

const jobs = [
  'CURRENCY',
  'SALESPEOPLE',
  'UNITOFMEASURE',
  'CUSTOMER',
  'CONTACTS',
  'RESOURCE-PRODUCT',
  'ITEM-PRODUCT',
  'CUSTPRCGRP-PRICE',
  'SALESPRC-PRODPRICE',
] as const;

describe('the first day with Dynamics NAV 2018', () => {
  let tandem: Tandem;
  let connectionId: string;

  beforeAll(async () => {
    tandem = await Tandem.open({ SANDBOX: 'off' });
    // One service under a name of the administrator's own: it is known by its fields.
    await tandem.control('POST', '/settings', { NAV: { serviceNames: ['Customer=Debitor'] } });
    await tandem.start();
    const { createConnectionSetup } = await tandem.ask(
      'mutation($input: CreateConnectionSetupInput!) { createConnectionSetup(input: $input) { connectionSetup { id } userErrors { message } } }',
      { input: connectionTo(tandem.sandboxUrl) },
    );
    expect(createConnectionSetup.userErrors).toEqual([]);
    connectionId = createConnectionSetup.connectionSetup.id;
    const { testConnection } = await tandem.ask(
      'mutation($id: ID!) { testConnection(input: { id: $id }) { business { ok steps { step ok message } } sales { ok steps { step ok message } } } }',
      { id: connectionId },
    );
    expect(
      { business: testConnection.business.ok, sales: testConnection.sales.ok },
      JSON.stringify(testConnection),
    ).toEqual({
      business: true,
      sales: true,
    });
    const { enableConnectionSetup } = await tandem.ask(
      'mutation($id: ID!) { enableConnectionSetup(input: { id: $id }) { userErrors { message } } }',
      { id: connectionId },
    );
    expect(enableConnectionSetup.userErrors).toEqual([]);
    await tandem.ask(
      'mutation($id: ID!) { runFullSynchronization(input: { connectionSetupId: $id, mode: MATCH_THEN_CREATE }) { userErrors { message } } }',
      { id: connectionId },
    );
    await tandem.firstSynchronization();
  }, 120_000);
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('makes every default mapping, in the names of the pages', async () => {
    const mappings = await tandem.all('integrationTableMappings', 'name table fields { field }');
    expect(Object.fromEntries(mappings.map(({ name, table }) => [name, table]))).toMatchObject({
      CUSTOMER: 'Debitor',
      CONTACTS: 'Contact',
      'ITEM-PRODUCT': 'Item',
      'SALESPRC-PRODPRICE': 'SalesPrices',
    });
    expect(mappings.map(({ name }) => name)).toEqual(expect.arrayContaining([...jobs]));
    const customer = mappings.find(({ name }) => name === 'CUSTOMER');
    expect(customer?.fields.map((one: Row) => one['field'])).toEqual(
      expect.arrayContaining(['Name', 'E_Mail', 'Currency_Code', 'Payment_Terms_Code', 'Credit_Limit_LCY']),
    );
  });

  test('couples at least 95 % of the customers inside the filter, by their numbers, and they agree', async () => {
    const inside = (await customers()).filter(({ blocked }) => blocked === '_x0020_');
    const coupled = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }',
    );
    const accounts = new Map((await tandem.salesRows('accounts')).map((row) => [row['accountid'], row]));
    const byNumber = new Map(inside.map((row) => [row['number'], row]));
    const pairs = coupled.flatMap(({ businessId, salesId }) => {
      const [customer, account] = [byNumber.get(businessId), accounts.get(salesId)];
      return customer === undefined || account === undefined ? [] : [{ customer, account }];
    });
    expect(pairs.length / inside.length).toBeGreaterThanOrEqual(0.95);
    const differing = pairs.filter(
      ({ customer, account }) =>
        String(customer['displayName']).slice(0, 50).trimEnd() !== String(account['name']).slice(0, 50).trimEnd() ||
        (customer['city'] || null) !== account['address1_city'],
    );
    expect(differing).toEqual([]);
  });

  test('translates codes by the couplings of their records', async () => {
    for (const mapping of [
      'CURRENCY',
      'UNITOFMEASURE',
      'CONTACTS',
      'ITEM-PRODUCT',
      'CUSTPRCGRP-PRICE',
      'SALESPRC-PRODPRICE',
    ]) {
      const coupled = await tandem.all(
        'couplings',
        'businessId',
        `filter: { mapping: ["${mapping}"], state: [COUPLED] }`,
      );
      expect(coupled.length, mapping).toBeGreaterThan(0);
    }
    const contacts = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CONTACTS"], state: [COUPLED] }',
    );
    const inSales = new Map((await tandem.salesRows('contacts')).map((row) => [row['contactid'], row]));
    const parents = contacts.map(({ salesId }) => inSales.get(salesId)?.['_parentcustomerid_value']);
    expect(parents.filter((id) => typeof id !== 'string')).toEqual([]);
  });

  test('lists each record that is not in step with its reason', async () => {
    const listed = await tandem.all(
      'couplings',
      'mapping { name } title state error { class code message }',
      'filter: { state: [FAILED, SKIPPED, WAITING, CONFLICT, PENDING, BROKEN] }',
    );
    expect(listed.filter(({ error }) => error === null)).toEqual([]);
    const ofProtocol = listed.filter(({ error }) => ['CONFIGURATION', 'INTERNAL'].includes(error.class));
    expect(ofProtocol).toEqual([]);
  });

  test('lists the bad cases of the data as with Business Central', async () => {
    const codes = async (mapping: string) =>
      (
        await tandem.all(
          'couplings',
          'error { code }',
          `filter: { mapping: ["${mapping}"], state: [FAILED, SKIPPED, WAITING] }`,
        )
      ).map(({ error }) => error.code);
    expect(await codes('CUSTPRCGRP-PRICE')).toEqual(['SEVERAL_CURRENCIES']);
    expect(new Set(await codes('SALESPRC-PRODPRICE'))).toEqual(new Set(['REFERENCE_NOT_COUPLED']));
    expect(await codes('ITEM-PRODUCT')).toContain('NO_BASE_UNIT');
    expect(await codes('CURRENCY')).toEqual(['TOO_LONG']);
  });

  test('a change by a person on either side arrives on the other', async () => {
    const [first, second] = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }',
    );
    const id = (await customers()).find(({ number }) => number === first?.['businessId'])?.['id'];
    await tandem.editAsPerson('BUSINESS', 'customers', String(id), { phoneNumber: '+47 55 00 11 22' });
    await tandem.editAsPerson('SALES', 'accounts', second?.['salesId'], { telephone1: '+47 55 33 44 55' });
    expect(await tandem.runOnce('CUSTOMER')).toMatchObject({ status: 'SUCCESS' });
    const account = (await tandem.salesRows('accounts')).find((row) => row['accountid'] === first?.['salesId']);
    const customer = (await customers()).find(({ number }) => number === second?.['businessId']);
    expect([account?.['telephone1'], customer?.['phoneNumber']]).toEqual(['+47 55 00 11 22', '+47 55 33 44 55']);
  });

  test('a further run of the jobs re-reads the day and writes nothing to either side', async () => {
    for (let runs = 0; runs < 2; runs += 1) for (const code of jobs) await tandem.runOnce(code);
    await tandem.control('DELETE', '/requests');
    for (const code of jobs) await tandem.runOnce(code);
    const written = (await tandem.control('GET', '/requests')).operations.filter((one: Row) => one['method'] !== 'GET');
    expect(written).toEqual([]);
  });

  const customers = (): Promise<Row[]> => tandem.businessRows('customers');
});

function connectionTo(sandboxUrl: string) {
  const oauth = {
    authentication: 'OAUTH2_CLIENT_CREDENTIALS',
    tenantId: 'sandbox',
    clientId: 'tandem',
    secret: 'sandbox-secret',
  };
  return {
    name: 'NAV',
    business: {
      kind: 'NAV_ODATA',
      baseUrl: `${sandboxUrl}/DynamicsNAV110`,
      company: 'CRONUS International Ltd.',
      authentication: 'BASIC',
      userName: 'sandbox',
      secret: 'sandbox-key',
    },
    sales: { kind: 'DATAVERSE', baseUrl: sandboxUrl, ...oauth },
  };
}
