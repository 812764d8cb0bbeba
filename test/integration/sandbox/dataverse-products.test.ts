import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
beforeEach(async () => {
  await sandbox.control('DELETE', '/settings');
  await sandbox.control('POST', '/reset', {});
});

type Body = Record<string, unknown>;

const create = (set: string, body: Body): Promise<Reply> =>
  sandbox.sales(set, { method: 'POST', body, headers: { prefer: 'return=representation' } });
const patch = (address: string, body: Body): Promise<Reply> =>
  sandbox.sales(address, { method: 'PATCH', body, headers: { 'if-match': '*', prefer: 'return=representation' } });
const all = async (address: string): Promise<Body[]> => rowsOf((await sandbox.sales(address)).body);
const code = (reply: Reply): [number, string] => [reply.status, errorOf(reply).code];

/** The unit group of that name, with its base unit. */
async function group(name: string): Promise<{ id: string; unitId: string }> {
  const [found] = await all(`uomschedules?$filter=name eq '${name}'`);
  const id = String(found?.['uomscheduleid']);
  const [unit] = await all(`uoms?$filter=_uomscheduleid_value eq ${id} and isschedulebaseuom eq true`);
  return { id, unitId: String(unit?.['uomid']) };
}

async function productBody(more: Body = {}): Promise<Body> {
  const { id, unitId } = await group('NAV PCS');
  return {
    productnumber: 'T-1',
    name: 'Test desk',
    quantitydecimal: 2,
    price: 10.5,
    'defaultuomscheduleid@odata.bind': `/uomschedules(${id})`,
    'defaultuomid@odata.bind': `/uoms(${unitId})`,
    ...more,
  };
}

describe('a unit group', () => {
  test('gets its base unit with it', async () => {
    const made = await create('uomschedules', { name: 'NAV TON', baseuomname: 'TON' });
    expect(made.status).toBe(201);
    const units = await all(`uoms?$filter=_uomscheduleid_value eq ${String(made.body['uomscheduleid'])}`);
    expect(units).toEqual([expect.objectContaining({ name: 'TON', quantity: 1, isschedulebaseuom: true })]);
  });

  test('needs the name of its base unit, which nobody changes later', async () => {
    expect(code(await create('uomschedules', { name: 'NAV TON' }))).toEqual([400, '0x80040203']);
    const made = await create('uomschedules', { name: 'NAV TON', baseuomname: 'TON' });
    const renamed = await patch(`uomschedules(${String(made.body['uomscheduleid'])})`, { baseuomname: 'KT' });
    expect(renamed.body['baseuomname']).toBe('TON');
  });

  test('measures its other units in the base unit, whose quantity stays 1', async () => {
    const { id, unitId } = await group('NAV PCS');
    const dozen = await create('uoms', {
      name: 'DOZEN',
      quantity: 12,
      'uomscheduleid@odata.bind': `/uomschedules(${id})`,
    });
    expect(dozen.body).toMatchObject({ _baseuom_value: unitId, isschedulebaseuom: false });
    expect(code(await patch(`uoms(${unitId})`, { quantity: 2 }))).toEqual([400, '0x80043b18']);
    expect((await patch(`uoms(${unitId})`, { name: 'PIECE' })).body['name']).toBe('PIECE');
  });

  test('goes with its units, unless a product needs it', async () => {
    const { id } = await group('NAV PCS');
    expect(code(await sandbox.sales(`uomschedules(${id})`, { method: 'DELETE' }))).toEqual([400, '0x80040227']);
    const made = await create('uomschedules', { name: 'NAV TON', baseuomname: 'TON' });
    const address = `uomschedules(${String(made.body['uomscheduleid'])})`;
    expect((await sandbox.sales(address, { method: 'DELETE' })).status).toBe(204);
    expect(await all("uoms?$filter=name eq 'TON'")).toEqual([]);
  });
});

describe('Dataverse 19: a product', () => {
  test('begins as a draft, by setting of the organisation active', async () => {
    const draft = await create('products', await productBody());
    expect(draft.body).toMatchObject({ statecode: 2, statuscode: 0, productstructure: 1 });
    const [organization] = await all('organizations');
    await sandbox.control('POST', '/edit', {
      system: 'SALES',
      entitySet: 'organizations',
      id: organization?.['organizationid'],
      values: { createproductswithoutparentinactivestate: true },
    });
    const active = await create('products', await productBody({ productnumber: 'T-2' }));
    expect(active.body).toMatchObject({ statecode: 0, statuscode: 1 });
  });

  test.each<[string, Body, string]>([
    ['without a number', { productnumber: null }, '0x80043b05'],
    ['with the number of another one, in other letters', { productnumber: 'ls-104' }, '0x80043b06'],
    ['without a unit group', { 'defaultuomscheduleid@odata.bind': null }, '0x80043b13'],
    ['without a unit', { 'defaultuomid@odata.bind': null }, '0x80043b14'],
    ['without decimals of the quantity', { quantitydecimal: null }, '0x80040203'],
    ['with a negative price', { price: -1 }, '0x80044330'],
    ['in another state than the first', { statecode: 0, statuscode: 1 }, '0x80048408'],
  ])('is refused %s', async (_name, values, expected) => {
    expect(code(await create('products', await productBody(values)))).toEqual([400, expected]);
  });

  test('takes no unit of another group', async () => {
    const { unitId } = await group('NAV HOUR');
    const reply = await create('products', await productBody({ 'defaultuomid@odata.bind': `/uoms(${unitId})` }));
    expect(code(reply)).toEqual([400, '0x80043b14']);
  });

  const [active, retired, draft, revised] = [
    { statecode: 0, statuscode: 1 },
    { statecode: 1, statuscode: 2 },
    { statecode: 2, statuscode: 0 },
    { statecode: 3, statuscode: 3 },
  ];
  test.each<[string, Body[], Body, string | null]>([
    ['draft to active', [], active, null],
    ['draft to retired', [], retired, '0x8004F978'],
    ['draft to under revision', [], revised, '0x8004F913'],
    ['draft to draft', [], draft, '0x8004F981'],
    ['active to under revision', [active], revised, null],
    ['active to retired', [active], retired, null],
    ['active to draft', [active], draft, '0x8004F912'],
    ['active to active', [active], active, '0x8004F982'],
    ['under revision to active', [active, revised], active, null],
    ['under revision to retired', [active, revised], retired, null],
    ['retired to active', [active, retired], active, '0x8004F977'],
    ['retired to draft', [active, retired], draft, '0x8004F979'],
    ['retired to under revision', [active, retired], revised, '0x8004F913'],
    ['retired to retired', [active, retired], retired, '0x8004F980'],
  ])('goes from %s as the life of products allows', async (_name, way, last, expected) => {
    const made = await create('products', await productBody());
    const address = `products(${String(made.body['productid'])})`;
    for (const step of way) expect((await patch(address, step)).status).toBe(200);
    const reply = await patch(address, last);
    if (expected === null) expect(reply.body).toMatchObject(last);
    else expect(code(reply)).toEqual([400, expected]);
  });

  test('that is retired comes back where the organisation allows it', async () => {
    await sandbox.control('POST', '/settings', { SALES: { retiredProductsReturn: true } });
    const made = await create('products', await productBody());
    const address = `products(${String(made.body['productid'])})`;
    for (const step of [active, retired, active]) expect((await patch(address, step)).status).toBe(200);
  });

  test('keeps its unit group and its place in a family once it was published, and takes other changes', async () => {
    const made = await create('products', await productBody());
    const address = `products(${String(made.body['productid'])})`;
    const { id, unitId } = await group('NAV HOUR');
    const hours = {
      'defaultuomscheduleid@odata.bind': `/uomschedules(${id})`,
      'defaultuomid@odata.bind': `/uoms(${unitId})`,
    };
    expect((await patch(address, hours)).status).toBe(200);
    await patch(address, active);
    const [family] = await all('products?$filter=productstructure eq 2');
    const intoFamily = { 'parentproductid@odata.bind': `/products(${String(family?.['productid'])})` };
    expect(code(await patch(address, intoFamily))).toEqual([400, '0x8004F995']);
    const pieces = await productBody();
    expect(code(await patch(address, { ...pieces, productnumber: 'T-1' }))).toEqual([400, '0x8004F995']);
    expect((await patch(address, { price: 11, name: 'Test desk 2' })).body).toMatchObject({
      price: 11,
      price_base: 11,
    });
  });

  test('is published with its family by one action', async () => {
    const family = await create('products', await productBody({ productnumber: 'F-1', productstructure: 2 }));
    const parent = `/products(${String(family.body['productid'])})`;
    const member = await create('products', await productBody({ 'parentproductid@odata.bind': parent }));
    const published = await sandbox.sales(`${parent.slice(1)}/Microsoft.Dynamics.CRM.PublishProductHierarchy`, {
      method: 'POST',
      body: {},
    });
    expect(published.status).toBe(204);
    const shown = await sandbox.sales(`products(${String(member.body['productid'])})?$select=statecode`);
    expect(shown.body['statecode']).toBe(0);
  });
});

describe('a price list', () => {
  test('is kept in the base currency unless another one is given, for good', async () => {
    const made = await create('pricelevels', { name: 'Autumn' });
    expect(made.body).toMatchObject({ statecode: 0, statuscode: 100_001 });
    const [dollar] = await all("transactioncurrencies?$filter=isocurrencycode eq 'USD'");
    const bind = `/transactioncurrencies(${String(dollar?.['transactioncurrencyid'])})`;
    const later = await patch(`pricelevels(${String(made.body['pricelevelid'])})`, {
      'transactioncurrencyid@odata.bind': bind,
    });
    expect(later.body['_transactioncurrencyid_value']).toBe(made.body['_transactioncurrencyid_value']);
    const inDollars = await create('pricelevels', { name: 'Dollars', 'transactioncurrencyid@odata.bind': bind });
    expect(inDollars.body['_transactioncurrencyid_value']).toBe(dollar?.['transactioncurrencyid']);
  });

  async function priceBody(): Promise<Body> {
    const list = await create('pricelevels', { name: 'Autumn' });
    const [product] = await all("products?$filter=productnumber eq 'LS-104'");
    return {
      amount: 5.005,
      'pricelevelid@odata.bind': `/pricelevels(${String(list.body['pricelevelid'])})`,
      'productid@odata.bind': `/products(${String(product?.['productid'])})`,
      'uomid@odata.bind': `/uoms(${String(product?.['_defaultuomid_value'])})`,
    };
  }

  test('holds one price for a product and a unit', async () => {
    const body = await priceBody();
    const made = await create('productpricelevels', body);
    expect(made.body).toMatchObject({ productnumber: 'LS-104', amount: 5.01, pricingmethodcode: 1 });
    expect(made.body['_uomscheduleid_value']).toBe((await group('NAV PCS')).id);
    expect(code(await create('productpricelevels', body))).toEqual([400, '0x80043b08']);
  });

  test('takes no price in another currency, and none in a unit that the product does not have', async () => {
    const body = await priceBody();
    const [dollar] = await all("transactioncurrencies?$filter=isocurrencycode eq 'USD'");
    const bind = `/transactioncurrencies(${String(dollar?.['transactioncurrencyid'])})`;
    expect(code(await create('productpricelevels', { ...body, 'transactioncurrencyid@odata.bind': bind }))).toEqual([
      400,
      '0x80048cf6',
    ]);
    const { unitId } = await group('NAV HOUR');
    expect(code(await create('productpricelevels', { ...body, 'uomid@odata.bind': `/uoms(${unitId})` }))).toEqual([
      400,
      '0x80043b14',
    ]);
  });

  test('goes with its prices', async () => {
    const body = await priceBody();
    const made = await create('productpricelevels', body);
    const list = String(made.body['_pricelevelid_value']);
    expect((await sandbox.sales(`pricelevels(${list})`, { method: 'DELETE' })).status).toBe(204);
    expect(await all(`productpricelevels?$filter=_pricelevelid_value eq ${list}`)).toEqual([]);
  });
});

describe('an invoice', () => {
  async function invoice(): Promise<{ address: string; body: Body }> {
    const [account] = await all('accounts?$filter=statecode eq 0 and customertypecode eq 3&$top=1');
    const made = await create('invoices', {
      name: 'Invoice 1',
      invoicenumber: 'PSI-1',
      duedate: '2026-02-01',
      'customerid_account@odata.bind': `/accounts(${String(account?.['accountid'])})`,
    });
    expect(made.status).toBe(201);
    return { address: `invoices(${String(made.body['invoiceid'])})`, body: made.body };
  }

  async function lineBody(address: string): Promise<Body> {
    const [product] = await all("products?$filter=productnumber eq 'LS-104'");
    return {
      quantity: 3,
      priceperunit: 2.5,
      manualdiscountamount: 1,
      tax: 0.5,
      'invoiceid@odata.bind': `/${address}`,
      'productid@odata.bind': `/products(${String(product?.['productid'])})`,
      'uomid@odata.bind': `/uoms(${String(product?.['_defaultuomid_value'])})`,
    };
  }

  test('needs a customer, keeps the number that it got, and makes one where none is given', async () => {
    expect(code(await create('invoices', { name: 'Nobody' }))).toEqual([400, '0x80040203']);
    const { address, body } = await invoice();
    expect(body).toMatchObject({ invoicenumber: 'PSI-1', statecode: 0, statuscode: 1 });
    expect((await patch(address, { invoicenumber: 'PSI-2' })).body['invoicenumber']).toBe('PSI-1');
    const unnumbered = await create('invoices', {
      name: 'No number',
      'customerid_account@odata.bind': `/accounts(${String(body['_customerid_value'])})`,
    });
    expect(unnumbered.body['invoicenumber']).toMatch(/^INV-/);
  });

  test('has lines of active products with computed amounts, and write-in lines', async () => {
    const { address } = await invoice();
    const line = await create('invoicedetails', await lineBody(address));
    expect(line.body).toMatchObject({ baseamount: 7.5, extendedamount: 7, lineitemnumber: 1 });
    const own = { 'invoiceid@odata.bind': `/${address}`, isproductoverridden: true, quantity: 1, priceperunit: 4 };
    expect(code(await create('invoicedetails', own))).toEqual([400, '0x80040203']);
    const written = await create('invoicedetails', { ...own, productdescription: '8400 Packing.' });
    expect(written.body).toMatchObject({ lineitemnumber: 2, baseamount: 4 });
    const [draft] = await all('products?$filter=statecode eq 2');
    const ofDraft = {
      ...(await lineBody(address)),
      'productid@odata.bind': `/products(${String(draft?.['productid'])})`,
      'uomid@odata.bind': `/uoms(${String(draft?.['_defaultuomid_value'])})`,
    };
    expect(code(await create('invoicedetails', ofDraft))).toEqual([400, '0x80040203']);
  });

  test('takes no changes once it is paid, but goes on to other statuses', async () => {
    const { address } = await invoice();
    const line = await create('invoicedetails', await lineBody(address));
    expect((await patch(address, { statecode: 2, statuscode: 100_002, description: 'paid in part' })).status).toBe(200);
    expect((await patch(address, { description: 'late' })).status).toBe(400);
    expect((await create('invoicedetails', await lineBody(address))).status).toBe(400);
    const lineAddress = `invoicedetails(${String(line.body['invoicedetailid'])})`;
    expect((await sandbox.sales(lineAddress, { method: 'DELETE' })).status).toBe(400);
    expect((await patch(address, { statuscode: 100_001 })).body).toMatchObject({ statecode: 2, statuscode: 100_001 });
    expect((await patch(address, { statecode: 0, statuscode: 4 })).status).toBe(200);
    expect((await sandbox.sales(address, { method: 'DELETE' })).status).toBe(204);
    expect((await sandbox.sales(lineAddress)).status).toBe(404);
  });
});

test('orders and opportunities know their states, and an opportunity its customer', async () => {
  const [account] = await all('accounts?$top=1');
  const bind = `/accounts(${String(account?.['accountid'])})`;
  const order = await create('salesorders', { name: 'Order', 'customerid_account@odata.bind': bind });
  const address = `salesorders(${String(order.body['salesorderid'])})`;
  expect((await patch(address, { statecode: 1 })).body).toMatchObject({ statecode: 1, statuscode: 3 });
  expect((await patch(address, { datefulfilled: '2026-01-31' })).status).toBe(400);
  expect((await patch(address, { statecode: 0 })).status).toBe(200);
  expect((await patch(address, { datefulfilled: '2026-01-31' })).body['datefulfilled']).toBe('2026-01-31');
  const chance = await create('opportunities', {
    name: 'Refit',
    'parentaccountid@odata.bind': bind,
    estimatedvalue: 10,
  });
  expect(chance.body).toMatchObject({ _customerid_value: account?.['accountid'], statecode: 0, statuscode: 1 });
});

test('deleting an account deletes its contacts, with tombstones, and clears other lookups to it', async () => {
  const account = await create('accounts', { name: 'Doomed' });
  const child = await create('accounts', {
    name: 'Child',
    'parentaccountid@odata.bind': `/accounts(${String(account.body['accountid'])})`,
  });
  const contact = await create('contacts', {
    lastname: 'Doomed',
    'parentcustomerid_account@odata.bind': `/accounts(${String(account.body['accountid'])})`,
  });
  const tracked = await sandbox.sales('contacts?$select=lastname', { headers: { prefer: 'odata.track-changes' } });
  await sandbox.sales(`accounts(${String(account.body['accountid'])})`, { method: 'DELETE' });
  const changes = rowsOf((await sandbox.sales(String(tracked.body['@odata.deltaLink']))).body);
  expect(changes).toEqual([expect.objectContaining({ id: contact.body['contactid'], reason: 'deleted' })]);
  const left = await sandbox.sales(`accounts(${String(child.body['accountid'])})`);
  expect(left.body['_parentaccountid_value']).toBeNull();
});

test('metadata tells the state of each status, and which attributes only repeat others', async () => {
  const product = "EntityDefinitions(LogicalName='product')";
  const status = await sandbox.sales(
    `${product}/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet`,
  );
  const options = (status.body['OptionSet'] as { Options: { Value: number; State: number }[] }).Options;
  expect(options.map(({ Value, State }) => [Value, State])).toEqual([
    [1, 0],
    [2, 1],
    [0, 2],
    [3, 3],
  ]);
  const attributes = rowsOf(
    (
      await sandbox.sales(
        "EntityDefinitions(LogicalName='contact')/Attributes?$select=LogicalName,AttributeOf,IsValidODataAttribute,AttributeType",
      )
    ).body,
  );
  const of = (name: string) => attributes.find((one) => one['LogicalName'] === name);
  expect(of('ownerid')).toMatchObject({ AttributeOf: null, IsValidODataAttribute: true });
  expect(of('owneridname')).toMatchObject({ AttributeOf: 'ownerid', IsValidODataAttribute: false });
  expect(of('parentcustomeridtype')).toMatchObject({ AttributeOf: 'parentcustomerid', AttributeType: 'EntityName' });
  expect(of('statecodename')).toMatchObject({ AttributeOf: 'statecode', AttributeType: 'Virtual' });
});
