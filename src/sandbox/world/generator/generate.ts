import type { Fact } from '../row.js';
import { businessTable, salesTable, type World } from '../world.js';
import { customerNumber, customerRows, setupRows, type Company, type SeedRow } from './business-rows.js';
import { FUND_CURRENCY, MISSING_CURRENCY } from './catalog.js';
import { AMBIGUOUS_CUSTOMER, planWorld, type Plan, type Sizes } from './plan.js';
import { Random } from './random.js';
import { accountRows, salesSetup } from './sales-rows.js';

/** A record that the data contains on purpose, and what the default setup makes of it. */
export interface ExpectedCase {
  readonly case: string;
  readonly system: 'BUSINESS' | 'SALES';
  readonly entitySet: string;
  readonly id: string;
  readonly name: string;
  readonly expected: string;
}

/** Facts that the generator leaves in the world. */
export const facts = {
  seed: 'seed',
  sizes: 'sizes',
  cases: 'cases',
  companies: 'companies',
  secret: 'secret',
} as const;

/** A fact that is known to be a text; blank when it is missing. */
export function textFact(world: World, name: string): string {
  const value = world.fact(name);
  return typeof value === 'string' ? value : '';
}

/** Name of the number series of customers, whose last number is a fact of the world. */
export const customerSeries = (companyId: string): string => `BUSINESS/${companyId}/series/customers`;

const MAIN_COMPANY = 'CRONUS International Ltd.';
const SECOND_COMPANY = 'Kestrel Bay Trading';
// The demo data is older than any reader's first cursor, and the same in every run.
const FIRST_CHANGE_MS = Date.parse('2025-01-06T08:00:00.000Z');
const SPREAD_MS = 240 * 86_400_000;

/** Fills an empty world. The same seed and sizes give the same rows, ids and times. */
export function generateWorld(world: World, seed: string, sizes: Sizes): void {
  const random = new Random(`${seed} world`);
  const plan = planWorld(seed, sizes);
  const companies: readonly Company[] = [MAIN_COMPANY, SECOND_COMPANY].map((name) => ({ id: random.guid(), name }));
  const clock = new Random(`${seed} times`);
  const atMs = (): number => FIRST_CHANGE_MS + Math.floor(clock.next() * SPREAD_MS);
  world.transaction(() => {
    world.setFact(facts.seed, seed);
    world.setFact(facts.sizes, { ...sizes });
    world.setFact(facts.secret, random.guid());
    for (const company of companies)
      world.put({
        table: businessTable('', 'companies'),
        id: company.id,
        values: companyValues(company),
        by: 'setup',
        atMs: atMs(),
      });
    const [main, second] = companies;
    if (main === undefined || second === undefined) return;
    const customers = customerRows(plan, seed);
    putBusiness(world, main, [...setupRows(main, random), ...customers], atMs);
    world.setFact(
      customerSeries(main.id),
      customerNumber(sizes.customers - 1).startsWith('C')
        ? customerNumber(sizes.customers - 1)
        : customerNumber(sizes.customers),
    );
    const few = customerRows(
      planWorld(`${seed} ${second.name}`, { customers: 5, accounts: 0 }),
      `${seed} ${second.name}`,
    );
    putBusiness(world, second, [...setupRows(second, random), ...few], atMs);
    world.setFact(customerSeries(second.id), customerNumber(4));
    const setup = salesSetup(random);
    const accounts = accountRows(plan, customers, setup, seed);
    const people = [...setup.userIds.values()];
    for (const row of [...setup.rows, ...accounts])
      world.put({
        ...row,
        table: salesTable(row.table),
        by: random.pick(people),
        atMs: Math.floor(atMs() / 1_000) * 1_000,
      });
    world.setFact(facts.cases, casesOf(plan, customers, accounts, world, main) as unknown as Fact);
  });
}

const companyValues = (company: Company) => ({
  name: company.name,
  displayName: company.name,
  businessProfileId: '',
  systemVersion: '24.0.16410.0',
});

function putBusiness(world: World, company: Company, rows: readonly SeedRow[], atMs: () => number): void {
  for (const row of rows) world.put({ ...row, table: businessTable(company.id, row.table), by: 'setup', atMs: atMs() });
}

function casesOf(
  plan: Plan,
  customers: readonly SeedRow[],
  accounts: readonly SeedRow[],
  world: World,
  company: Company,
): readonly ExpectedCase[] {
  const cases: ExpectedCase[] = [];
  const currencies = world.table(businessTable(company.id, 'currencies'));
  const fund = currencies.find((row) => row.values['code'] === FUND_CURRENCY);
  if (fund !== undefined)
    cases.push({
      case: 'currency code longer than 5',
      system: 'BUSINESS',
      entitySet: 'currencies',
      id: fund.id,
      name: FUND_CURRENCY,
      expected: 'VALIDATION: a code is never cut',
    });
  for (const [at, { role }] of plan.customers.entries()) {
    const row = customers[at];
    const about = aboutCustomer[role];
    if (row !== undefined && about !== undefined)
      cases.push({
        case: about[0],
        system: 'BUSINESS',
        entitySet: 'customers',
        id: row.id,
        name: String(row.values['number']),
        expected: about[1],
      });
  }
  const twin = customers[AMBIGUOUS_CUSTOMER];
  if (twin !== undefined && plan.accounts.some(({ role }) => role === 'ambiguous'))
    cases.push({
      case: 'two accounts with the name and city of one customer',
      system: 'BUSINESS',
      entitySet: 'customers',
      id: twin.id,
      name: String(twin.values['number']),
      expected: 'neither coupled nor created by matching, listed as DUPLICATE',
    });
  for (const [at, { role, customer }] of plan.accounts.entries()) {
    const row = accounts[at];
    const about = customer === AMBIGUOUS_CUSTOMER ? ambiguousAccount : aboutAccount(role, row);
    if (row !== undefined && about !== undefined)
      cases.push({
        case: about[0],
        system: 'SALES',
        entitySet: 'accounts',
        id: row.id,
        name: String(row.values['name']),
        expected: about[1],
      });
  }
  return cases;
}

type About = readonly [text: string, expected: string];

const ambiguousAccount: About = [
  'one of two accounts with the same name and city',
  'neither coupled nor created by matching, listed as DUPLICATE',
];

const aboutCustomer: Readonly<Record<string, About>> = {
  blockedAll: ['customer blocked with All', 'outside the filter: not looked at'],
  blockedShip: ['customer blocked with Ship', 'outside the filter: not looked at'],
  blockedInvoice: ['customer blocked with Invoice', 'outside the filter: not looked at'],
  salespersonWithoutUser: ['customer whose salesperson is not coupled', 'WAITING, rest of the run goes on'],
  fundCurrency: ['customer with a currency that cannot be coupled', 'WAITING, rest of the run goes on'],
  missingCurrency: [
    `customer with the currency ${MISSING_CURRENCY}, which Dataverse lacks at first`,
    'coupled once currencies were synchronized',
  ],
};

function aboutAccount(role: string, row: SeedRow | undefined): About | undefined {
  switch (role) {
    case 'pairWithDifferences':
      return [
        'account of a known customer that differs in phone or e-mail',
        'coupled by name and city; the differing fields follow the strategy of the mapping',
      ];
    case 'longName':
      return ['name longer than the 100 characters of a customer', 'cut, the pair agrees, never written back'];
    case 'countryTooLong':
      return ['country longer than 10 characters', 'VALIDATION: a code is never cut'];
    case 'countryUnknown':
      return ['country as a name that is no code of a country', 'VALIDATION: refused by Business Central'];
    case 'inactive':
      return ['inactive account of type Customer', 'outside the filter: not looked at'];
    case 'other':
      return row?.values['customertypecode'] === 8
        ? ['account of type Prospect', 'outside the filter: not looked at']
        : undefined;
    default:
      return undefined;
  }
}
