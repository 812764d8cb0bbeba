import { describe, expect, test } from 'vitest';
import { rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
type Rows = Record<string, unknown>[];

const customers = async (): Promise<Rows> => rowsOf((await sandbox.business('customers')).body);
const accounts = async (): Promise<Rows> => rowsOf((await sandbox.sales('accounts')).body);
const companion = async (address: string): Promise<Rows> =>
  rowsOf((await sandbox.business(`${sandbox.companion}${address}`)).body);
const cases = async () =>
  (await sandbox.control('GET', '/cases')).body as unknown as {
    case: string;
    entitySet: string;
    id: string;
    name: string;
    expected: string;
  }[];

/** Name and city, as matching compares them. */
const place = (name: unknown, city: unknown): string =>
  `${String(name).trim().toLowerCase()} / ${String(city).trim().toLowerCase()}`;

describe('the demo data', () => {
  test('has 120 customers and 150 accounts, three of five customers the same firm on both sides', async () => {
    const [business, sales] = [await customers(), await accounts()];
    expect([business.length, sales.length]).toEqual([120, 150]);
    const known = new Set(sales.map((row) => place(row['name'], row['address1_city'])));
    const shared = business.filter((row) => known.has(place(row['displayName'], row['city'])));
    expect(shared.length).toBe(72);
  });

  test('lets at least 95 of 100 customers inside the filter be coupled', async () => {
    const inside = (await customers()).filter((row) => row['blocked'] === '_x0020_');
    const hopeless = (await cases()).filter(
      (one) => one.entitySet === 'customers' && /WAITING|DUPLICATE|VALIDATION/.test(one.expected),
    );
    expect(hopeless.length).toBeGreaterThan(0);
    expect(hopeless.length / inside.length).toBeLessThanOrEqual(0.05);
    const sales = await accounts();
    const active = sales.filter((row) => row['statecode'] === 0 && row['customertypecode'] === 3);
    // A customer without an account is created; one with exactly one account is matched.
    for (const row of inside) {
      const same = active.filter(
        (one) => place(one['name'], one['address1_city']) === place(row['displayName'], row['city']),
      );
      if (same.length > 1) expect(hopeless.map(({ id }) => id)).toContain(row['id']);
    }
  });

  test('names of customers are unique but for two pairs in different cities', async () => {
    const names = (await customers()).map((row) => String(row['displayName']));
    expect(names.length - new Set(names).size).toBe(2);
    const places = (await customers()).map((row) => place(row['displayName'], row['city']));
    expect(new Set(places).size).toBe(places.length);
  });

  test('uses reserved domains alone, and references that exist', async () => {
    const business = await customers();
    for (const row of business) {
      for (const name of ['email', 'website']) if (row[name] !== '') expect(String(row[name])).toMatch(/\.example$/);
    }
    const codes = new Set(rowsOf((await sandbox.business('salespeoplePurchasers')).body).map((row) => row['code']));
    expect(business.every((row) => row['salespersonCode'] === '' || codes.has(row['salespersonCode']))).toBe(true);
  });

  test('has salespeople of whom seven have a user, and users that must not be used', async () => {
    const people = rowsOf((await sandbox.business('salespeoplePurchasers')).body);
    const users = rowsOf((await sandbox.sales('systemusers')).body);
    const mails = new Set(
      users
        .filter(
          (row) => row['isdisabled'] === false && row['islicensed'] === true && row['isintegrationuser'] === false,
        )
        .map((row) => row['internalemailaddress']),
    );
    expect(people.filter((row) => mails.has(row['email']))).toHaveLength(7);
    expect(
      users.some((row) => row['isdisabled'] === true) &&
        users.some((row) => row['islicensed'] === false) &&
        users.some((row) => row['isintegrationuser'] === true),
    ).toBe(true);
  });

  test('has the same local and base currency, and a currency that is too long for Dataverse', async () => {
    const setup = rowsOf((await sandbox.business('generalLedgerSetup')).body)[0];
    const company = rowsOf((await sandbox.business('companyInformation')).body)[0];
    const organization = rowsOf(
      (await sandbox.sales('organizations?$expand=basecurrencyid($select=isocurrencycode)')).body,
    )[0];
    expect(company?.['currencyCode']).toBe(setup?.['localCurrencyCode']);
    expect(organization?.['basecurrencyid']).toMatchObject({ isocurrencycode: setup?.['localCurrencyCode'] });
    const codes = rowsOf((await sandbox.business('currencies')).body).map((row) => String(row['code']));
    expect(codes.filter((code) => code.length > 5)).toEqual(['FUNDAX']);
    expect(rowsOf((await sandbox.business('currencyExchangeRates')).body)).toHaveLength(codes.length * 3);
  });

  test('has people on both sides who are the same, by e-mail, names and company', async () => {
    const people = await companion("contacts?$filter=type eq 'Person'");
    const contacts = rowsOf((await sandbox.sales('contacts')).body);
    expect([people.length, contacts.length]).toEqual([200, 275]);
    const mails = people.map((row) => row['email']);
    expect(new Set(mails).size).toBe(mails.length);
    const names = new Map((await accounts()).map((row) => [row['accountid'], row['name']]));
    const companies = new Map((await customers()).map((row) => [row['id'], row['displayName']]));
    const byMail = new Map(contacts.map((row) => [row['emailaddress1'], row]));
    const known = people.filter((row) => byMail.has(row['email']));
    expect(known.length).toBeGreaterThan(40);
    for (const row of known) {
      const contact = byMail.get(row['email']);
      expect([contact?.['firstname'], contact?.['lastname']]).toEqual([row['firstName'], row['surname']]);
      expect(String(companies.get(row['customerId'])).trim()).toBe(names.get(contact?.['_parentcustomerid_value']));
    }
    const primary = (await companion('customers')).filter((row) => row['primaryContactNumber'] !== '');
    expect(primary.length).toBeGreaterThan(20);
    const withPrimary = (await accounts()).filter((row) => row['_primarycontactid_value'] !== null);
    const employer = new Map(contacts.map((row) => [row['contactid'], row['_parentcustomerid_value']]));
    expect(withPrimary.length).toBeGreaterThan(10);
    for (const row of withPrimary) expect(employer.get(row['_primarycontactid_value'])).toBe(row['accountid']);
  });

  test('has items and products that are the same by number, in the unit that both have', async () => {
    const items = await companion('items');
    const products = rowsOf((await sandbox.sales('products')).body);
    expect([items.length, products.length, (await companion('resources')).length]).toEqual([100, 45, 15]);
    const byNumber = new Map(products.map((row) => [row['productnumber'], row]));
    const same = items.filter((row) => byNumber.has(row['number']));
    expect(same.length).toBeGreaterThanOrEqual(15);
    const groups = new Map(
      rowsOf((await sandbox.sales('uomschedules')).body).map((row) => [row['uomscheduleid'], row['name']]),
    );
    for (const row of same) {
      const product = byNumber.get(row['number']);
      expect(groups.get(product?.['_defaultuomscheduleid_value'])).toBe(`NAV ${String(row['baseUnitOfMeasureCode'])}`);
      expect(product).toMatchObject({ name: row['displayName'], statecode: 0, producttypecode: 1 });
    }
    const states = Map.groupBy(products, (row) => row['statecode']);
    expect([states.get(2)?.length, states.get(1)?.length]).toEqual([5, 3]);
    const used = new Set(items.map((row) => row['baseUnitOfMeasureCode']));
    expect((await companion('unitsOfMeasure')).filter((row) => !used.has(row['code'])).length).toBeGreaterThanOrEqual(
      2,
    );
    for (const row of items)
      if (row['unitPrice'] !== 0) expect(Number(row['unitPrice'])).toBeGreaterThan(Number(row['unitCost']));
  });

  test('lets most items, people and invoices be synchronized', async () => {
    const hopeless = (entitySet: string) => count(entitySet, /WAITING|VALIDATION|DUPLICATE/);
    const count = async (entitySet: string, expected: RegExp) =>
      (await cases()).filter((one) => one.entitySet === entitySet && expected.test(one.expected)).length;
    expect((await hopeless('items')) / 96).toBeLessThan(0.08);
    expect(await hopeless('unitsOfMeasure')).toBe(2);
    const prices = await companion("salesPrices?$filter=salesType eq 'Customer_x0020_Price_x0020_Group'");
    expect(prices).toHaveLength(60);
    const keys = prices.map((row) => `${String(row['salesCode'])} ${String(row['itemNumber'])}`);
    expect(new Set(keys).size).toBe(keys.length);
    const invoices = (await companion('salesInvoices')).filter(
      ({ status }) => status !== 'Draft' && status !== 'In_x0020_Review',
    );
    const paid = invoices.filter((row) => row['remainingAmount'] === 0).length;
    const open = invoices.filter((row) => row['remainingAmount'] === row['totalAmountIncludingTax']).length;
    for (const share of [paid, open, invoices.length - paid - open])
      expect(share / invoices.length).toBeGreaterThan(0.25);
  });

  test('holds each case that it claims', async () => {
    const listed = await cases();
    const of = (text: string) => listed.filter((one) => one.case.includes(text));
    const rows = new Map((await accounts()).map((row) => [row['accountid'], row]));
    for (const one of of('name longer')) expect(String(rows.get(one.id)?.['name']).length).toBeGreaterThan(100);
    for (const one of of('country longer'))
      expect(String(rows.get(one.id)?.['address1_country']).length).toBeGreaterThan(10);
    for (const one of of('inactive account')) expect(rows.get(one.id)).toMatchObject({ statecode: 1, statuscode: 2 });
    for (const one of of('Prospect')) expect(rows.get(one.id)?.['customertypecode']).toBe(8);
    const contacts = new Map(rowsOf((await sandbox.sales('contacts')).body).map((row) => [row['contactid'], row]));
    for (const one of of('surname above'))
      expect(String(contacts.get(one.id)?.['lastname']).length).toBeGreaterThan(30);
    for (const one of of('contact without a parent'))
      expect(contacts.get(one.id)).toMatchObject({ _parentcustomerid_value: null });
    const items = new Map((await companion('items')).map((row) => [row['id'], row]));
    for (const one of of('item without base unit')) expect(items.get(one.id)?.['baseUnitOfMeasureCode']).toBe('');
    for (const one of of('negative inventory')) expect(Number(items.get(one.id)?.['inventory'])).toBeLessThan(0);
    for (const one of of('blocked item').filter(({ entitySet }) => entitySet === 'items'))
      expect(items.get(one.id)?.['blocked']).toBe(true);
    const twins = of('one of two accounts').map(({ id }) => rows.get(id));
    expect(twins).toHaveLength(2);
    expect(place(twins[0]?.['name'], twins[0]?.['address1_city'])).toBe(
      place(twins[1]?.['name'], twins[1]?.['address1_city']),
    );
    for (const text of [
      'name longer',
      'country longer',
      'inactive account',
      'Prospect',
      'currency code longer',
      'blocked with All',
      'salesperson is not coupled',
      'no code of a country',
      'item without base unit',
      'group in Dataverse has two units',
      'company is no customer',
      'prices in two currencies',
      'blocked item',
      'draft product',
    ])
      expect(of(text).length, text).toBeGreaterThan(0);
  });
});
