import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultMappings as definitions } from '../../../src/connection-setup/default-setup/default-mappings.js';
import { inWebServiceNames } from '../../../src/connection-setup/default-setup/web-service-names.js';
import { PostedInvoices } from '../../support/posted-invoices.js';
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
  'POSTEDSALESINV-INV',
] as const;

/** What NAV 2018 makes when its connection to Dynamics 365 Sales is enabled. */
const defaultMappings = [...jobs, 'SHIPPING AGENT', 'SHIPMENT METHOD', 'PAYMENT TERMS', 'POSTEDSALESLINE-INV'] as const;

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
      'POSTEDSALESINV-INV': 'PostedSalesInvoice',
      'POSTEDSALESLINE-INV': 'PostedSalesInvoiceLines',
    });
    expect(mappings.map(({ name }) => String(name)).toSorted()).toEqual([...defaultMappings].toSorted());
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

  test('leaves nothing of them out but the name of a vendor, which no page of an item or a resource shows', async () => {
    const { node } = await tandem.ask(
      'query($id: ID!) { node(id: $id) { ... on ConnectionSetup { defaultSetup { mappingName action } } } }',
      { id: connectionId },
    );
    const isDefault = (name: unknown): boolean => defaultMappings.some((one) => one === name);
    const rows = (node.defaultSetup as Row[]).filter(({ mappingName }) => isDefault(mappingName));
    expect(rows.map(({ action }) => action)).toEqual(defaultMappings.map(() => 'KEEP'));
    const mappings = await tandem.all(
      'integrationTableMappings',
      'name table fields { field integrationField } tableFilter { field }',
    );
    const names = ({ fields, tableFilter }: { readonly fields?: unknown; readonly tableFilter?: unknown }) => ({
      fields: (fields as Row[]).map(({ field, integrationField }) => `${String(field)} - ${String(integrationField)}`),
      filters: (tableFilter as Row[]).map(({ field }) => field),
    });
    const leftOut = definitions.flatMap((definition) => {
      const made = mappings.find(({ name }) => name === definition.name);
      if (made === undefined) return isDefault(definition.name) ? [definition.name] : [];
      const wanted = names(inWebServiceNames(definition, made['table']));
      expect(names(made).filters).toEqual(wanted.filters);
      const fields = names(made).fields;
      return wanted.fields.filter((one) => !fields.includes(one)).map((one) => `${definition.name}: ${one}`);
    });
    expect(leftOut).toEqual(['RESOURCE-PRODUCT: Vendor_Name - vendorname', 'ITEM-PRODUCT: Vendor_Name - vendorname']);
  });

  test('posted invoices are in Dataverse with their lines and status, drafts and blocked ones are not', async () => {
    const posted = (await tandem.businessRows('salesInvoices')).filter(
      ({ status }) => status !== 'Draft' && status !== 'In_x0020_Review',
    );
    const blocked = new Set(posted.filter((one) => one['hasBlockedLine']).map(({ number }) => number));
    const made = await tandem.salesRows('invoices');
    expect(new Set(made.map(({ invoicenumber }) => invoicenumber))).toEqual(
      new Set(posted.filter(({ number }) => !blocked.has(number)).map(({ number }) => number)),
    );
    const accounts = new Map((await tandem.salesRows('accounts')).map((row) => [row['accountid'], row]));
    for (const one of made) {
      const source = posted.find(({ number }) => number === one['invoicenumber']);
      expect([one['statecode'], one['statuscode']]).toEqual(statusOf(source));
      expect(one).toMatchObject({
        name: source?.['number'],
        totalamount: source?.['totalAmountIncludingTax'],
        description: source?.['shipmentMethodDescription'] || null,
        freightamount: 0,
      });
      expect(accounts.has(one['_customerid_value'])).toBe(true);
    }
    expect(new Set(made.map(({ statuscode }) => statuscode))).toEqual(new Set([4, 100_001, 100_002]));
    const listed = await tandem.all(
      'couplings',
      'businessId error { code }',
      'filter: { mapping: ["POSTEDSALESINV-INV"], state: [FAILED, SKIPPED] }',
    );
    expect(new Set(listed.map(({ businessId }) => businessId))).toEqual(blocked);
    expect(listed.map(({ error }) => error.code)).toEqual(listed.map(() => 'BLOCKED_LINE'));
  });

  test('lines of invoices are about their products, or are written in', async () => {
    const lines = await tandem.salesRows('invoicedetails');
    const invoices = new Map((await tandem.salesRows('invoices')).map((row) => [row['invoiceid'], row]));
    const products = new Map((await tandem.salesRows('products')).map((row) => [row['productid'], row]));
    const sources = new Map<string, Row>();
    for (const { number, salesInvoiceLines } of await tandem.businessRows('salesInvoices?$expand=salesInvoiceLines'))
      for (const line of salesInvoiceLines as Row[]) sources.set(`${String(number)} ${String(line['sequence'])}`, line);
    const kinds = new Set<unknown>();
    for (const line of lines) {
      const number = invoices.get(line['_invoiceid_value'])?.['invoicenumber'];
      const source = sources.get(`${String(number)} ${String(line['lineitemnumber'])}`);
      kinds.add(source?.['lineType']);
      const isProduct = source?.['lineType'] === 'Item' || source?.['lineType'] === 'Resource';
      expect(line).toMatchObject({
        quantity: source?.['quantity'],
        extendedamount: source?.['netAmountIncludingTax'],
        isproductoverridden: !isProduct,
      });
      if (isProduct)
        expect(products.get(line['_productid_value'])?.['productnumber']).toBe(source?.['lineObjectNumber']);
    }
    expect(kinds).toEqual(new Set(['Item', 'Resource', 'Account', 'Comment']));
  });

  test('a payment that comes later closes its invoice', async () => {
    const open = (await tandem.salesRows('invoices')).find(({ statuscode }) => statuscode === 4);
    const source = (await tandem.businessRows('salesInvoices')).find(
      ({ number }) => number === open?.['invoicenumber'],
    );
    await new PostedInvoices(tandem).post(source ?? {}, { remainingAmount: 0 });
    expect(await tandem.runOnce('POSTEDSALESINV-INV')).toMatchObject({ status: 'SUCCESS' });
    const closed = (await tandem.salesRows('invoices')).find(({ invoiceid }) => invoiceid === open?.['invoiceid']);
    expect([closed?.['statecode'], closed?.['statuscode']]).toEqual([2, 100_001]);
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

function statusOf(invoice: Row | undefined): readonly number[] {
  if (invoice?.['remainingAmount'] === 0) return [2, 100_001];
  return invoice?.['remainingAmount'] === invoice?.['totalAmountIncludingTax'] ? [0, 4] : [2, 100_002];
}

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
