import { expect } from 'vitest';
import type { Row, Tandem } from './tandem.js';

/** What the sandbox held before the service ran: how often each firm stood on a side. */
export interface Firms {
  readonly customers: ReadonlyMap<string, number>;
  readonly accounts: ReadonlyMap<string, number>;
}

const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : typeof value === 'number' ? value.toString() : '').trimEnd();
const codeOf = (value: unknown): string => textOf(value).trim().toUpperCase();
const amountOf = (value: unknown): string => Number(value ?? 0).toFixed(2);
const cutTo = (length: number) => (value: unknown) => textOf(value).slice(0, length).trimEnd();

/** The mapped fields of CUSTOMER, and what of a value both systems can hold. */
const mappedFields: readonly {
  readonly business: string;
  readonly sales: string;
  readonly form: (value: unknown) => string;
}[] = [
  { business: 'displayName', sales: 'name', form: cutTo(100) },
  { business: 'contact', sales: 'address1_primarycontactname', form: textOf },
  { business: 'addressLine1', sales: 'address1_line1', form: cutTo(100) },
  { business: 'addressLine2', sales: 'address1_line2', form: cutTo(50) },
  { business: 'postalCode', sales: 'address1_postalcode', form: codeOf },
  { business: 'city', sales: 'address1_city', form: cutTo(30) },
  { business: 'country', sales: 'address1_country', form: codeOf },
  { business: 'state', sales: 'address1_stateorprovince', form: cutTo(30) },
  { business: 'email', sales: 'emailaddress1', form: cutTo(80) },
  { business: 'faxNumber', sales: 'fax', form: cutTo(30) },
  { business: 'website', sales: 'websiteurl', form: cutTo(80) },
  { business: 'phoneNumber', sales: 'telephone1', form: cutTo(30) },
  { business: 'creditLimit', sales: 'creditlimit', form: amountOf },
];

export async function firmsOf(tandem: Tandem): Promise<Firms> {
  return {
    customers: counted(await tandem.businessRows('customers'), 'displayName', 'city'),
    accounts: counted(await tandem.salesRows('accounts'), 'name', 'address1_city'),
  };
}

/**
 * Reads both systems by their own APIs and the couplings by GraphQL: every customer inside the filters is coupled to
 * exactly one account whose mapped fields agree, or listed with a reason; no firm stands on a side more often than before.
 */
export async function expectAgreement(
  tandem: Tandem,
  before: Firms,
): Promise<{ readonly coupled: number; readonly listed: number }> {
  const customers = (await tandem.businessRows('customers')).filter(
    ({ blocked }) => blocked === ' ' || blocked === '_x0020_' || blocked === '',
  );
  const accounts = new Map((await tandem.salesRows('accounts')).map((row) => [String(row.accountid), row]));
  const couplings = await tandem.all(
    'couplings',
    'businessId salesId state title error { class code message }',
    'filter: { mapping: ["CUSTOMER"] }',
  );
  const ofCustomer = Map.groupBy(couplings, ({ businessId }) => businessId as string | null);
  const differences: unknown[] = [];
  let coupled = 0;
  for (const customer of customers) {
    const [coupling, ...others] = ofCustomer.get(String(customer.id)) ?? [];
    if (coupling === undefined || others.length > 0) {
      differences.push({ customer: customer.number, couplings: others.length + (coupling === undefined ? 0 : 1) });
    } else if (coupling.state === 'COUPLED') {
      coupled += 1;
      differences.push(...differencesOf(customer, accounts.get(String(coupling.salesId))));
    } else if (coupling.error === null) {
      differences.push({ customer: customer.number, state: coupling.state, reason: 'none is given' });
    }
  }
  expect(differences).toEqual([]);
  const salesIds = couplings.flatMap(({ salesId }) => salesId ?? []);
  expect(new Set(salesIds).size).toBe(salesIds.length);
  expectNoNewTwins(before.customers, (await firmsOf(tandem)).customers);
  expectNoNewTwins(before.accounts, (await firmsOf(tandem)).accounts);
  return { coupled, listed: couplings.filter(({ state }) => state !== 'COUPLED').length };
}

function differencesOf(customer: Row, account: Row | undefined): unknown[] {
  if (account === undefined) return [{ customer: customer.number, account: 'missing' }];
  return mappedFields.flatMap(({ business, sales, form }) =>
    form(customer[business]) === form(account[sales])
      ? []
      : [{ customer: customer.number, [business]: customer[business], [sales]: account[sales] }],
  );
}

const counted = (rows: readonly Row[], name: string, city: string): ReadonlyMap<string, number> =>
  new Map(
    [
      ...Map.groupBy(rows, (row) => `${cutTo(100)(row[name]).toLowerCase()} / ${cutTo(30)(row[city]).toLowerCase()}`),
    ].map(([firm, same]) => [firm, same.length]),
  );

function expectNoNewTwins(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  expect([...after].filter(([firm, count]) => count > Math.max(1, before.get(firm) ?? 0))).toEqual([]);
}
