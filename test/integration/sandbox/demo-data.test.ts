import { describe, expect, test } from 'vitest';
import { rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
type Rows = Record<string, unknown>[];

const customers = async (): Promise<Rows> => rowsOf((await sandbox.business('customers')).body);
const accounts = async (): Promise<Rows> => rowsOf((await sandbox.sales('accounts')).body);
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

  test('holds each case that it claims', async () => {
    const listed = await cases();
    const of = (text: string) => listed.filter((one) => one.case.includes(text));
    const rows = new Map((await accounts()).map((row) => [row['accountid'], row]));
    for (const one of of('name longer')) expect(String(rows.get(one.id)?.['name']).length).toBeGreaterThan(100);
    for (const one of of('country longer'))
      expect(String(rows.get(one.id)?.['address1_country']).length).toBeGreaterThan(10);
    for (const one of of('inactive account')) expect(rows.get(one.id)).toMatchObject({ statecode: 1, statuscode: 2 });
    for (const one of of('Prospect')) expect(rows.get(one.id)?.['customertypecode']).toBe(8);
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
    ])
      expect(of(text).length, text).toBeGreaterThan(0);
  });
});
