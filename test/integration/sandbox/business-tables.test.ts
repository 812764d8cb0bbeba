import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const ZERO = '00000000-0000-0000-0000-000000000000';
beforeEach(async () => {
  await sandbox.control('DELETE', '/settings');
  await sandbox.control('POST', '/reset', {});
});

type Body = Record<string, unknown>;

const ask = (address: string): Promise<Reply> => sandbox.business(`${sandbox.companion}${address}`);
const all = async (address: string): Promise<Body[]> => rowsOf((await ask(address)).body);
const first = async (address: string): Promise<Body> => (await all(address))[0] ?? {};
const create = (set: string, body: Body): Promise<Reply> =>
  sandbox.business(`${sandbox.companion}${set}`, { method: 'POST', body });
const patch = (set: string, row: Body, body: Body): Promise<Reply> =>
  sandbox.business(`${sandbox.companion}${set}(${String(row['id'])})`, {
    method: 'PATCH',
    body,
    headers: { 'if-match': '*' },
  });
const edit = (entitySet: string, values: Body, more: Body = {}) =>
  sandbox.control('POST', '/edit', { system: 'BUSINESS', entitySet, values, ...more });

describe('a contact', () => {
  test('that is a person is named by the parts of the name', async () => {
    const made = await create('contacts', { type: 'Person', firstName: 'Ada', middleName: 'K.', surname: 'Borkamp' });
    expect(made.body).toMatchObject({ displayName: 'Ada K. Borkamp', companyNumber: '', customerId: ZERO });
    expect(made.body['number']).toMatch(/^CT\d{6}$/);
    expect((await patch('contacts', made.body, { middleName: '' })).body['displayName']).toBe('Ada Borkamp');
    const renamed = await patch('contacts', made.body, { displayName: 'Somebody' });
    expect(renamed.body).toMatchObject({ displayName: 'Somebody', firstName: 'Ada', surname: 'Borkamp' });
  });

  test('needs a name', async () => {
    expect(errorOf(await create('contacts', { type: 'Person' })).message).toContain(
      'A "displayName" must be provided.',
    );
    const person = await first("contacts?$filter=type eq 'Person'");
    const reply = await patch('contacts', person, { firstName: '', middleName: '', surname: '' });
    expect(errorOf(reply).message).toContain('The blank "displayName" is not allowed.');
  });

  test('works for the customer that it is given, by way of the customer’s company contact', async () => {
    const customer = await first("customers?$filter=number eq 'C00020'");
    const made = await create('contacts', { type: 'Person', surname: 'Borkamp', customerId: customer['id'] });
    expect(made.body).toMatchObject({
      customerId: customer['id'],
      companyName: customer['displayName'],
      contactBusinessRelation: 'Customer',
    });
    const company = await first(`contacts?$filter=number eq '${String(made.body['companyNumber'])}'`);
    expect(company).toMatchObject({ type: 'Company', companyNumber: company['number'], customerId: customer['id'] });
    const alone = await patch('contacts', made.body, { customerId: ZERO });
    expect(alone.body).toMatchObject({ companyNumber: '', companyName: '', customerId: ZERO });
  });

  test('brings a company contact to a customer that was made without one, and the customer does not change by that', async () => {
    const customer = (await create('customers', { displayName: 'Fresh', city: 'Altfurt' })).body;
    const made = await create('contacts', { type: 'Person', surname: 'Borkamp', customerId: customer['id'] });
    expect(made.body).toMatchObject({ companyName: 'Fresh', customerId: customer['id'] });
    const again = await create('contacts', { type: 'Person', surname: 'Nystrand', customerId: customer['id'] });
    expect(again.body['companyNumber']).toBe(made.body['companyNumber']);
    expect((await ask(`customers(${String(customer['id'])})`)).body['@odata.etag']).toBe(customer['@odata.etag']);
    const primary = await patch('customers', customer, { primaryContactId: again.body['id'] });
    expect(primary.body['primaryContactNumber']).toBe(again.body['number']);
  });

  test('whose company is no customer has none, and a person is no company', async () => {
    const listed = (await sandbox.control('GET', '/cases')).body as unknown as { case: string; id: string }[];
    const other = listed.find((one) => one.case.includes('company is no customer'));
    const shown = (await ask(`contacts(${String(other?.id)})`)).body;
    expect(shown).toMatchObject({ customerId: ZERO, contactBusinessRelation: 'None' });
    expect(shown['companyNumber']).not.toBe('');
    const reply = await create('contacts', { type: 'Person', surname: 'X', companyNumber: shown['number'] });
    expect(errorOf(reply).code).toBe('Internal_InvalidTableRelation');
    const wrong = await create('contacts', { type: 'Person', surname: 'X', customerId: shown['id'] });
    expect(errorOf(wrong).message).toContain('The "customerId" does not match to a Customer.');
  });

  test('shows in the standard API what is documented, and no more', async () => {
    const [shown] = rowsOf((await sandbox.business('contacts?$top=1')).body);
    expect(shown).toHaveProperty('companyNumber');
    for (const name of ['firstName', 'surname', 'customerId', 'salespersonCode'])
      expect(shown).not.toHaveProperty(name);
  });

  test('that somebody works for is not deleted', async () => {
    const company = await first("contacts?$filter=type eq 'Company'");
    const reply = await sandbox.business(`${sandbox.companion}contacts(${String(company['id'])})`, {
      method: 'DELETE',
      headers: { 'if-match': '*' },
    });
    expect(errorOf(reply).code).toBe('Application_DialogException');
  });
});

describe('a customer', () => {
  test('takes references by id or by code, and shows both', async () => {
    const agent = await first("shippingAgents?$filter=code eq 'DHL'");
    const group = await first("customerPriceGroups?$filter=code eq 'RETAIL'");
    const seller = await first("salespeoplePurchasers?$filter=code eq 'AK'");
    const customer = await first('customers');
    const byId = { shippingAgentId: agent['id'], customerPriceGroupId: group['id'], salespersonId: seller['id'] };
    const codes = { shippingAgentCode: 'DHL', customerPriceGroup: 'RETAIL', salespersonCode: 'AK' };
    expect((await patch('customers', customer, byId)).body).toMatchObject({ ...byId, ...codes });
    expect((await patch('customers', customer, { shippingAgentId: ZERO })).body).toMatchObject({
      shippingAgentCode: '',
    });
    expect((await patch('customers', customer, codes)).body).toMatchObject(byId);
    const both = await patch('customers', customer, { shippingAgentId: agent['id'], shippingAgentCode: 'UPS' });
    expect(errorOf(both).message).toContain('The shipping Agent values do not match to a specific Shipping Agent.');
  });

  test('has a primary contact of its own company alone', async () => {
    const customer = await first("customers?$filter=primaryContactNumber ne ''");
    const own = await first(`contacts?$filter=number eq '${String(customer['primaryContactNumber'])}'`);
    expect(own).toMatchObject({ customerId: customer['id'] });
    expect(customer['primaryContactId']).toBe(own['id']);
    const others = await all("contacts?$filter=type eq 'Person'");
    const stranger = others.find((one) => one['customerId'] !== customer['id']);
    const reply = await patch('customers', customer, { primaryContactId: stranger?.['id'] });
    expect(errorOf(reply).message).toContain('is related to a different company than customer');
  });

  test('keeps what refers to it when it is renamed', async () => {
    const customer = await first("customers?$filter=number eq 'C00020'");
    const [person] = (await all("contacts?$filter=type eq 'Person'")).filter(
      (one) => one['customerId'] === customer['id'],
    );
    await patch('customers', customer, { number: 'RENAMED' });
    expect((await ask(`contacts(${String(person?.['id'])})`)).body['customerId']).toBe(customer['id']);
  });
});

describe('an item', () => {
  test('takes unit and vendor that exist, and no inventory when it is made', async () => {
    const made = await create('items', { displayName: 'New', baseUnitOfMeasureCode: 'pcs', vendorNumber: 'V00010' });
    const vendor = await first("vendors?$filter=number eq 'V00010'");
    const unit = await first("unitsOfMeasure?$filter=code eq 'PCS'");
    expect(made.body).toMatchObject({
      baseUnitOfMeasureId: unit['id'],
      vendorName: vendor['displayName'],
      type: 'Inventory',
    });
    expect(errorOf(await create('items', { displayName: 'New', baseUnitOfMeasureCode: 'NONE' })).code).toBe(
      'Internal_InvalidTableRelation',
    );
    expect(errorOf(await create('items', { displayName: 'New', inventory: 4 })).message).toContain(
      'Inventory cannot be changed during on insert.',
    );
  });

  test('has an inventory that changes without a trace', async () => {
    const item = await first('items');
    await edit('items', { inventory: 7 }, { id: item['id'] });
    const after = (await ask(`items(${String(item['id'])})`)).body;
    expect(after).toMatchObject({
      inventory: 7,
      '@odata.etag': item['@odata.etag'],
      lastModifiedDateTime: item['lastModifiedDateTime'],
    });
  });

  test('and a resource count in units; resources are in the custom API alone', async () => {
    const resource = await first("resources?$filter=type eq 'Machine'");
    expect(resource).toMatchObject({ baseUnitOfMeasureCode: 'DAY', type: 'Machine' });
    expect(errorOf(await patch('resources', resource, { capacity: 5 })).code).toBe('BadRequest_InvalidOperation');
    expect((await patch('resources', resource, { name: 'Press' })).body['name']).toBe('Press');
    expect(errorOf(await sandbox.business('resources')).code).toBe('BadRequest_ResourceNotFound');
  });
});

describe('prices', () => {
  test('give their group its currency when they have but one', async () => {
    const groups = await all('customerPriceGroups');
    const of = (code: string) => groups.find((one) => one['code'] === code);
    const dollar = await first("currencies?$filter=code eq 'USD'");
    expect(of('ONLINE')).toMatchObject({ currencyCode: 'USD', currencyId: dollar['id'], priceCurrencyCount: 1 });
    expect(of('RETAIL')).toMatchObject({ currencyCode: 'EUR', currencyId: ZERO, priceCurrencyCount: 1 });
    expect(of('EXPORT')).toMatchObject({ currencyCode: '', currencyId: ZERO, priceCurrencyCount: 2 });
  });

  test('know item, group and unit by id, and there are no two with the same key', async () => {
    const price = await first(
      "salesPrices?$filter=salesType eq 'Customer_x0020_Price_x0020_Group' and salesCode eq 'RETAIL'",
    );
    const item = await first(`items?$filter=number eq '${String(price['itemNumber'])}'`);
    const group = await first("customerPriceGroups?$filter=code eq 'RETAIL'");
    expect(price).toMatchObject({
      itemId: item['id'],
      customerPriceGroupId: group['id'],
      salesType: 'Customer_x0020_Price_x0020_Group',
    });
    const { itemNumber, salesType, salesCode, startingDate, currencyCode, unitOfMeasureCode } = price;
    const same = { itemNumber, salesType, salesCode, startingDate, currencyCode, unitOfMeasureCode };
    expect(errorOf(await create('salesPrices', same)).code).toBe('Internal_EntityWithSameKeyExists');
    expect((await create('salesPrices', { ...same, minimumQuantity: 50 })).status).toBe(201);
  });
});

describe('invoices', () => {
  test('are drafts and posted ones in one set, and the custom API tells of each how much is paid', async () => {
    const drafts = rowsOf((await sandbox.business("salesInvoices?$filter=status eq 'Draft'")).body);
    expect(drafts).toHaveLength(3);
    const paid = (one: Body): string =>
      one['status'] === 'Draft' ||
      one['status'] === 'In_x0020_Review' ||
      one['remainingAmount'] === one['totalAmountIncludingTax']
        ? 'Open'
        : one['remainingAmount'] === 0
          ? 'Paid'
          : 'Partial';
    const invoices = await all('salesInvoices');
    expect(invoices).toHaveLength(60);
    expect(invoices.map((one) => one['paymentStatus'])).toEqual(invoices.map(paid));
    expect(new Set(invoices.map(paid))).toEqual(new Set(['Open', 'Paid', 'Partial']));
  });

  test('have lines below them, in a list of their own with a filter, and expanded', async () => {
    const [invoice] = rowsOf((await sandbox.business('salesInvoices?$top=1&$expand=salesInvoiceLines')).body);
    const id = String(invoice?.['id']);
    const below = rowsOf((await sandbox.business(`salesInvoices(${id})/salesInvoiceLines`)).body);
    const filtered = rowsOf((await sandbox.business(`salesInvoiceLines?$filter=documentId eq ${id}`)).body);
    expect(below.length).toBeGreaterThan(0);
    expect(filtered).toEqual(below);
    expect(invoice?.['salesInvoiceLines']).toEqual(below);
    expect(errorOf(await sandbox.business('salesInvoiceLines')).message).toContain(
      'You must specify an Id or a Document Id to get the lines.',
    );
    const count = await sandbox.business(`salesInvoices(${id})/salesInvoiceLines/$count`);
    expect(Number(count.text)).toBe(below.length);
  });

  test('are pages of lines below a document, which next links continue', async () => {
    const invoices = await all('salesInvoices?$expand=salesInvoiceLines');
    const long = invoices.find((one) => (one['salesInvoiceLines'] as Body[]).length > 2);
    const own = long?.['salesInvoiceLines'];
    const page = await sandbox.business(
      `${sandbox.companion}salesInvoices(${String(long?.['id'])})/salesInvoiceLines`,
      {
        headers: { prefer: 'odata.maxpagesize=2' },
      },
    );
    const rest = await sandbox.business(String(page.body['@odata.nextLink']));
    expect([...rowsOf(page.body), ...rowsOf(rest.body)]).toEqual(own);
  });

  test('add up, and say whether a line is of a blocked item', async () => {
    const listed = (await sandbox.control('GET', '/cases')).body as unknown as { case: string; id: string }[];
    const blocked = new Set(listed.filter((one) => one.case === 'invoice with a blocked item').map(({ id }) => id));
    expect(blocked.size).toBe(2);
    for (const one of await all('salesInvoices?$expand=salesInvoiceLines')) {
      const lines = one['salesInvoiceLines'] as Body[];
      const total = lines.reduce((sum, line) => sum + Number(line['netAmountIncludingTax']), 0);
      expect(total).toBeCloseTo(Number(one['totalAmountIncludingTax']), 2);
      expect(one['hasBlockedLine']).toBe(blocked.has(String(one['id'])));
    }
  });

  test('are changed by posting, not through the API', async () => {
    const invoice = await first('salesInvoices?$filter=remainingAmount gt 0');
    expect(errorOf(await patch('salesInvoices', invoice, { remainingAmount: 0 })).code).toBe(
      'BadRequest_MethodNotAllowed',
    );
    await edit('salesInvoices', { remainingAmount: 0, status: 'Paid' }, { id: invoice['id'] });
    const after = (await ask(`salesInvoices(${String(invoice['id'])})`)).body;
    expect(after).toMatchObject({ remainingAmount: 0, paymentStatus: 'Paid' });
    expect(after['@odata.etag']).not.toBe(invoice['@odata.etag']);
  });
});

describe('the rate of a currency', () => {
  test('follows the exchange rates of today, and a change of one is a change of the currency', async () => {
    const before = await first("currencies?$filter=code eq 'JPY'");
    const rates = await all("currencyExchangeRates?$filter=currencyCode eq 'JPY'");
    const latest = rates.toSorted((a, b) => String(b['startingDate']).localeCompare(String(a['startingDate'])))[0];
    expect(before['exchangeRate']).toBeCloseTo(
      Number(latest?.['exchangeRateAmount']) / Number(latest?.['relationalExchangeRateAmount']),
      9,
    );
    await edit('currencyExchangeRates', { relationalExchangeRateAmount: 0.5 }, { id: latest?.['id'] });
    const after = await first("currencies?$filter=code eq 'JPY'");
    expect(after['exchangeRate']).toBe(200);
    expect(Date.parse(String(after['lastModifiedDateTime']))).toBeGreaterThan(
      Date.parse(String(before['lastModifiedDateTime'])),
    );
    await edit('currencyExchangeRates', {
      currencyCode: 'JPY',
      startingDate: '2999-01-01',
      exchangeRateAmount: 100,
      relationalExchangeRateAmount: 9,
    });
    expect((await first("currencies?$filter=code eq 'JPY'"))['exchangeRate']).toBe(200);
    expect((await sandbox.business('currencies?$top=1')).text).not.toContain('exchangeRate');
  });

  test('may be quoted in another currency', async () => {
    const [dollar, pound] = [
      await first("currencies?$filter=code eq 'USD'"),
      await first("currencies?$filter=code eq 'GBP'"),
    ];
    await edit('currencyExchangeRates', {
      currencyCode: 'GBP',
      startingDate: '2025-12-01',
      exchangeRateAmount: 1,
      relationalCurrencyCode: 'USD',
      relationalExchangeRateAmount: 2,
    });
    const after = (await ask(`currencies(${String(pound['id'])})`)).body;
    expect(after['exchangeRate']).toBeCloseTo(Number(dollar['exchangeRate']) / 2, 9);
  });
});

test('numbers come from the series of each table, which may be missing or refuse others', async () => {
  const made = await create('resources', { name: 'New', type: 'Person', baseUnitOfMeasureCode: 'HOUR' });
  expect(made.body['number']).toBe('R0160');
  await sandbox.control('POST', '/settings', {
    BUSINESS: { noManualNumbers: ['items'], noNumberSeries: ['contacts'] },
  });
  expect(errorOf(await create('items', { number: 'X1', displayName: 'X' })).message).toContain('No. Series ITEM');
  expect(errorOf(await create('contacts', { displayName: 'X' })).message).toContain(
    'Contact Nos. must have a value in Marketing Setup',
  );
});

test('options are created in the tables that option mappings fill', async () => {
  for (const [set, body] of [
    ['paymentTerms', { code: 'net 90', displayName: 'Net 90' }],
    ['shipmentMethods', { code: 'will call', displayName: 'Will call' }],
    ['shippingAgents', { code: 'airborne', name: 'Airborne' }],
  ] as const) {
    const made = await create(set, body);
    expect([made.status, made.body['code']]).toEqual([201, body.code.toUpperCase()]);
    expect(errorOf(await create(set, body)).code).toBe('Internal_EntityWithSameKeyExists');
  }
});

test('$metadata tells for each id which set it points to', async () => {
  const { text } = await ask('$metadata');
  const type = /<EntityType Name="customer">[\s\S]*?<\/EntityType>/.exec(text)?.[0] ?? '';
  expect(type).toContain('<ReferentialConstraint Property="primaryContactId" ReferencedProperty="id" />');
  expect(type).toContain('Type="Microsoft.NAV.salespersonPurchaser"');
  const contact = /<EntityType Name="contact">[\s\S]*?<\/EntityType>/.exec(text)?.[0] ?? '';
  expect(contact).toContain('<ReferentialConstraint Property="customerId" ReferencedProperty="id" />');
  expect(contact).toMatch(/<Property Name="companyName"[^>]*><Annotation Term="Org.OData.Core.V1.Computed"/);
  expect(contact).not.toMatch(/<Property Name="customerId"[^>]*><Annotation/);
  const standard = (await sandbox.business('$metadata')).text;
  expect(standard).not.toContain('primaryContactId');
});
