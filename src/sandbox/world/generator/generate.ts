import type { Fact } from '../row.js';
import { businessTable, salesTable, seriesFact, type World } from '../world.js';
import { type BusinessContacts, businessContacts } from './business-contacts.js';
import { businessInvoices } from './business-invoices.js';
import { type BusinessProducts, businessProducts } from './business-products.js';
import { type Company, customerNumber, customerRows, type SeedRow, setupRows } from './business-rows.js';
import { LOCAL_CURRENCY } from './catalog.js';
import type { ExpectedCase } from './expected-case.js';
import { FurtherParties } from './further-parties.js';
import { type FurtherPlan, firstSizes, furtherCounts, furtherShared, lastNumbers } from './further-plan.js';
import { openBusiness, salesOpportunities } from './open-business.js';
import { partyCases } from './party-cases.js';
import { PeopleMaker } from './people.js';
import { type Plan, planWorld, type Sizes } from './plan.js';
import { businessPrices, salesPrices } from './price-rows.js';
import { Random } from './random.js';
import { hasPrimaryContact, type SalesContacts, salesContacts } from './sales-contacts.js';
import { salesProducts } from './sales-products.js';
import { accountRows, type SalesSetup, salesSetup } from './sales-rows.js';
import { Times } from './times.js';

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

const MAIN_COMPANY = 'CRONUS International Ltd.';
const SECOND_COMPANY = 'Kestrel Bay Trading';
const SECOND_SIZES = { customers: 5, accounts: 0, people: 6, items: 8, invoices: 4 };

/** Everything that one company of Business Central holds. */
interface BusinessSide {
  readonly plan: Plan;
  readonly setup: readonly SeedRow[];
  readonly customers: readonly SeedRow[];
  readonly contacts: BusinessContacts;
  readonly products: BusinessProducts;
  readonly rest: readonly SeedRow[];
  readonly cases: readonly ExpectedCase[];
}

/** The rows of a large world that are made when they are read; what `World.open` is given to know them again. */
export const furtherRows = (plan: Fact): ReturnType<FurtherParties['tables']> =>
  new FurtherParties(plan as unknown as FurtherPlan).tables();

/**
 * Fills an empty world. The same seed and sizes give the same rows, ids and times. Of a large world only the first part is
 * kept; the rest of it is made when it is read.
 */
export function generateWorld(world: World, seed: string, wanted: Sizes): void {
  const sizes = firstSizes(wanted);
  const random = new Random(`${seed} world`);
  const companies: readonly Company[] = [MAIN_COMPANY, SECOND_COMPANY].map((name) => ({ id: random.guid(), name }));
  const times = new Times(seed);
  const maker = new PeopleMaker(new Random(`${seed} people`));
  world.fill(() => {
    world.setFact(facts.seed, seed);
    world.setFact(facts.sizes, { ...wanted });
    world.setFact(facts.secret, random.guid());
    for (const company of companies)
      world.put({
        table: businessTable('', 'companies'),
        id: company.id,
        values: companyValues(company),
        by: 'setup',
        atMs: times.next(),
      });
    const [main, second] = companies;
    if (main === undefined || second === undefined) return;
    const business = businessSide(setupRows(main, random), seed, sizes, maker);
    const secondSeed = `${seed} ${second.name}`;
    const secondMaker = new PeopleMaker(new Random(`${secondSeed} people`));
    const other = businessSide(setupRows(second, random), secondSeed, SECOND_SIZES, secondMaker);
    const setup = salesSetup(random);
    const accounts = accountRows(business.plan, business.customers, setup, seed);
    const contacts = salesContacts(
      { plan: business.plan, accounts, people: business.contacts.people, setup, maker },
      sizes.contacts,
      seed,
    );
    const products = salesProducts(business.products.items, business.products.resources, sizes.products, setup, seed);
    const prices = salesPrices(products.products, setup, seed);
    const currency = setup.currencyIds.get(LOCAL_CURRENCY.code) ?? null;
    const opportunities = salesOpportunities(accounts, currency, prices.listIds[0] ?? null, seed);

    putBusiness(world, main, business, contacts, times);
    putBusiness(world, second, other, undefined, times);
    const people = [...setup.userIds.values()];
    const later = new Random(`${seed} later writers`);
    const put = (row: SeedRow, by: string, atMs: number) =>
      world.put({ ...row, table: salesTable(row.table), by, atMs: Math.floor(atMs / 1_000) * 1_000 });
    for (const row of [...setup.rows, ...accounts.map((account) => withPrimaryContact(account, contacts))])
      put(row, random.pick(people), times.next());
    for (const row of [...contacts.rows, ...products.rows, ...prices.rows, ...opportunities])
      put(row, later.pick(people), times.later());
    addFurtherParties(world, { seed, companyId: main.id, counts: furtherCounts(wanted), setup });
    world.setFact(facts.cases, [
      ...partyCases(business.plan, business.customers, accounts, business.setup),
      ...business.cases,
      ...contacts.cases,
      ...products.cases,
    ] as unknown as Fact);
  });
}

interface Further extends Pick<FurtherPlan, 'seed' | 'companyId' | 'counts'> {
  readonly setup: SalesSetup;
}

/** Sets versions and numbers aside for the rows that are not kept. */
function addFurtherParties(world: World, { seed, companyId, counts, setup }: Further): void {
  if (Object.values(counts).every((count) => count === 0)) return;
  const { customers, companies, people, accounts, contacts } = counts;
  const plan: FurtherPlan = {
    seed,
    companyId,
    counts,
    shared: furtherShared(counts),
    firstVersions: {
      customers: world.reserveVersions('BUSINESS', customers),
      companies: world.reserveVersions('BUSINESS', companies),
      people: world.reserveVersions('BUSINESS', people),
      accounts: world.reserveVersions('SALES', accounts),
      contacts: world.reserveVersions('SALES', contacts),
    },
    setup: { teamId: setup.teamId, currencyIds: [...setup.currencyIds], userIds: [...setup.userIds] },
  };
  world.makeWhenRead(plan as unknown as Fact);
  for (const [table, last] of Object.entries(lastNumbers(counts)))
    if (last !== undefined) world.setFact(seriesFact(companyId, table), last);
}

function businessSide(
  setup: readonly SeedRow[],
  seed: string,
  sizes: Omit<Sizes, 'contacts' | 'products'>,
  maker: PeopleMaker,
): BusinessSide {
  const plan = planWorld(seed, sizes);
  const customers = customerRows(plan, seed);
  const contacts = businessContacts(plan, customers, maker, sizes.people, seed);
  const products = businessProducts(sizes.items, seed);
  const groups = setup.filter(({ table }) => table === 'customerPriceGroups');
  const prices = businessPrices(groups, products.items, customers, seed);
  const { items, resources } = products;
  const invoices = businessInvoices({ customers, items, resources }, sizes.invoices, seed);
  return {
    plan,
    setup,
    customers,
    contacts,
    products,
    rest: [...prices.rows, ...invoices.rows, ...openBusiness(customers, contacts.people, seed)],
    cases: [...contacts.cases, ...products.cases, ...prices.cases, ...invoices.cases],
  };
}

const companyValues = (company: Company) => ({
  name: company.name,
  displayName: company.name,
  businessProfileId: '',
  systemVersion: '24.0.16410.0',
});

function putBusiness(
  world: World,
  company: Company,
  side: BusinessSide,
  sales: SalesContacts | undefined,
  times: Times,
): void {
  const put = (row: SeedRow, atMs: number) =>
    world.put({ ...row, table: businessTable(company.id, row.table), by: 'setup', atMs });
  for (const row of side.setup) put(row, times.next());
  for (const [at, row] of side.customers.entries()) put(withContacts(row, at, side.contacts, sales), times.next());
  for (const row of [...side.contacts.rows, ...side.products.rows, ...side.rest]) put(row, times.later());
  const last = side.customers.length;
  const lastCustomer = customerNumber(last - 1).startsWith('C') ? customerNumber(last - 1) : customerNumber(last);
  world.setFact(seriesFact(company.id, 'customers'), lastCustomer);
  world.setFact(seriesFact(company.id, 'contacts'), side.contacts.lastNumber);
  world.setFact(seriesFact(company.id, 'items'), side.products.lastItemNumber);
  world.setFact(seriesFact(company.id, 'resources'), side.products.lastResourceNumber);
}

/** Every third customer of both sides has a primary contact that both know, and every second one of the others has one. */
function withContacts(row: SeedRow, at: number, contacts: BusinessContacts, sales: SalesContacts | undefined): SeedRow {
  const known = hasPrimaryContact(at) ? sales?.ofCustomers.get(at)?.person.row.values['number'] : undefined;
  const isShared = sales?.sharedCustomers.has(at) ?? false;
  const own = at % 2 === 0 && !isShared ? contacts.firstPeople.get(at) : undefined;
  return {
    ...row,
    values: {
      ...row.values,
      companyContactNumber: contacts.companyNumbers[at] ?? '',
      primaryContactNumber: known ?? own ?? '',
    },
  };
}

/** The primary contact of an account; of a known customer only where the customer has the same. */
function withPrimaryContact(account: SeedRow, contacts: SalesContacts): SeedRow {
  const primary = contacts.primaryOfAccounts.get(account.id);
  return primary === undefined ? account : { ...account, values: { ...account.values, primarycontactid: primary } };
}
