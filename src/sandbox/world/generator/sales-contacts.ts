import type { Values } from '../row.js';
import type { BusinessPerson } from './business-contacts.js';
import type { SeedRow } from './business-rows.js';
import { LOCAL_CURRENCY } from './catalog.js';
import { type About, type ExpectedCase, salesCase } from './expected-case.js';
import { fullNameOf, jobTitleOf, LONG_SURNAMES, mailOf, type PeopleMaker, type PersonName } from './people.js';
import type { Plan } from './plan.js';
import { Random } from './random.js';
import type { SalesSetup } from './sales-rows.js';

export interface SalesContacts {
  readonly rows: readonly SeedRow[];
  /** Contact by the place of the customer in the plan, for the first person of it whom both sides know. */
  readonly ofCustomers: ReadonlyMap<number, { readonly person: BusinessPerson; readonly contact: SeedRow }>;
  /** Places of the customers that have an account. */
  readonly sharedCustomers: ReadonlySet<number>;
  /** Id of the primary contact by id of the account. */
  readonly primaryOfAccounts: ReadonlyMap<string, string>;
  readonly cases: readonly ExpectedCase[];
}

type Placement = 'customerAccount' | 'otherAccount' | 'contact' | 'none';

const abouts: Readonly<Partial<Record<Placement, About>>> = {
  otherAccount: ['contact under an account that is no customer', 'waits for an account that will not be coupled'],
  contact: ['contact under another contact', 'outside the filter: not looked at'],
  none: ['contact without a parent', 'outside the filter: not looked at'],
};
const longName: About = [
  'contact with a surname above the 30 letters of Business Central',
  'cut, the pair agrees, never written back',
];

const otherMobilePhone: About = [
  'contact of a known person that differs in its mobile phone',
  'coupled by e-mail or name; the differing field follows the strategy of the mapping',
];

/** What contacts of the sales side are made from. */
export interface ContactSources {
  readonly plan: Plan;
  readonly accounts: readonly SeedRow[];
  readonly people: readonly BusinessPerson[];
  readonly setup: SalesSetup;
  /** The maker that named the people of Business Central, so that no name means two people. */
  readonly maker: PeopleMaker;
}

/** Contacts of the sales side: people whom Business Central knows too, and others. */
export function salesContacts(
  { plan, accounts, people, setup, maker }: ContactSources,
  count: number,
  seed: string,
): SalesContacts {
  const random = new Random(`${seed} sales contacts`);
  const ofCustomers = new Map<number, { person: BusinessPerson; contact: SeedRow }>();
  const primaryOfAccounts = new Map<string, string>();
  const rows: SeedRow[] = [];
  const cases: ExpectedCase[] = [];
  const pairs = accountsOfPairs(plan, accounts);
  for (const person of people) {
    const account = person.customer === undefined ? undefined : pairs.get(person.customer);
    if (account === undefined || rows.length >= count || random.chance(0.4)) continue;
    const contact = row(random, sameValues(person, account, random));
    rows.push(contact);
    if (contact.values['mobilephone'] !== blankAsNull(person.row.values['mobilePhoneNumber']))
      cases.push(salesCase('contacts', contact, fullNameOf(person.name), otherMobilePhone));
    const customer = person.customer ?? -1;
    if (ofCustomers.has(customer)) continue;
    ofCustomers.set(customer, { person, contact });
    if (hasPrimaryContact(customer)) primaryOfAccounts.set(account.id, contact.id);
  }
  const homes = homesOf(plan, accounts);
  const shared = rows.length;
  for (let at = shared; at < count; at++) {
    const placement = placementOf(count - 1 - at, count);
    const longSurname = placement === 'customerAccount' ? LONG_SURNAMES[at - shared] : undefined;
    const name = maker.next(longSurname);
    const parent = parentOf(placement, homes, rows, random);
    const contact = row(random, ownValues(name, parent, setup, random));
    rows.push(contact);
    const about = longSurname === undefined ? abouts[placement] : longName;
    if (about !== undefined) cases.push(salesCase('contacts', contact, fullNameOf(name), about));
    if (placement === 'customerAccount' && parent !== undefined && homes.salesOnly.has(parent.id) && random.chance(0.3))
      primaryOfAccounts.set(parent.id, contact.id);
  }
  const sharedCustomers = new Set(plan.accounts.flatMap(({ customer }) => customer ?? []));
  return { rows, ofCustomers, sharedCustomers, primaryOfAccounts, cases };
}

const row = (random: Random, values: Values): SeedRow => ({ table: 'contact', id: random.guid(), values });

/** By place of the customer: the one account of it, where matching will find it. */
function accountsOfPairs(plan: Plan, accounts: readonly SeedRow[]): ReadonlyMap<number, SeedRow> {
  const found = new Map<number, SeedRow>();
  const ambiguous = new Set<number>();
  for (const [at, { customer }] of plan.accounts.entries()) {
    const account = accounts[at];
    if (customer === undefined || account === undefined) continue;
    if (found.has(customer)) ambiguous.add(customer);
    found.set(customer, account);
  }
  for (const customer of ambiguous) found.delete(customer);
  return found;
}

/** Every third customer that both sides know has a primary contact, the same one on both. */
export const hasPrimaryContact = (customer: number): boolean => customer % 3 === 0;

interface Homes {
  /** Ids of the accounts that only the sales side knows. */
  readonly salesOnly: ReadonlySet<string>;
  readonly customers: readonly SeedRow[];
  readonly others: readonly SeedRow[];
}

/** Accounts that get people of their own: those that can be coupled, and those of other types. */
function homesOf(plan: Plan, accounts: readonly SeedRow[]): Homes {
  const good = new Set(['pair', 'pairWithDifferences', 'customer', 'longName']);
  const accountsOf = (holds: (role: string) => boolean): readonly SeedRow[] =>
    accounts.filter((_account, at) => holds(plan.accounts[at]?.role ?? ''));
  const salesOnly = new Set(
    accounts.filter((_one, at) => plan.accounts[at]?.customer === undefined).map(({ id }) => id),
  );
  return { salesOnly, customers: accountsOf((role) => good.has(role)), others: accountsOf((role) => role === 'other') };
}

/** 8 % under other accounts, 5 % under a contact, 7 % without a parent; they are the last ones. */
function placementOf(fromEnd: number, count: number): Placement {
  if (fromEnd < count * 0.07) return 'none';
  if (fromEnd < count * 0.12) return 'contact';
  return fromEnd < count * 0.2 ? 'otherAccount' : 'customerAccount';
}

function parentOf(placement: Placement, homes: Homes, before: readonly SeedRow[], random: Random): SeedRow | undefined {
  const from = { customerAccount: homes.customers, otherAccount: homes.others, contact: before, none: [] }[placement];
  return from.length === 0 ? undefined : random.pick(from);
}

const blankAsNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** What both systems know of a person in the same way. */
export function sameValues(
  { row: { values }, name }: Pick<BusinessPerson, 'row' | 'name'>,
  account: SeedRow,
  random: Random,
): Values {
  const differs = random.chance(0.02);
  return {
    ...nameValues(name),
    jobtitle: blankAsNull(values['jobTitle']),
    ...parentValues(account),
    emailaddress1: blankAsNull(values['email']),
    telephone1: blankAsNull(values['phoneNumber']),
    mobilephone: differs ? `+49 555 ${random.digits(6)}` : blankAsNull(values['mobilePhoneNumber']),
    fax: blankAsNull(values['faxNumber']),
    pager: blankAsNull(values['pager']),
    websiteurl: blankAsNull(values['website']),
    address1_line1: blankAsNull(values['addressLine1']),
    address1_line2: blankAsNull(values['addressLine2']),
    address1_city: blankAsNull(values['city']),
    address1_stateorprovince: blankAsNull(values['state']),
    address1_postalcode: blankAsNull(values['postalCode']),
    address1_country: blankAsNull(values['country']),
    ...always,
    transactioncurrencyid: account.values['transactioncurrencyid'] ?? null,
    exchangerate: account.values['exchangerate'] ?? null,
    ownerid: account.values['ownerid'] ?? null,
    'ownerid:table': account.values['ownerid:table'] ?? 'systemuser',
  };
}

/** A contact that only the sales side knows. */
export function ownValues(name: PersonName, parent: SeedRow | undefined, setup: SalesSetup, random: Random): Values {
  const of = (column: string) => parent?.values[column] ?? null;
  const owners = [...setup.userIds].filter(([mail]) => /^[a-z]+\.[a-z]+@/.test(mail)).slice(0, 7);
  const isTeam = of('ownerid:table') === 'team';
  return {
    ...nameValues(name),
    jobtitle: jobTitleOf(random),
    ...parentValues(parent),
    emailaddress1: mailOf(name, String(of('websiteurl') ?? '')),
    telephone1: of('telephone1'),
    mobilephone: random.chance(0.5) ? `+49 555 ${random.digits(7)}` : null,
    fax: null,
    pager: null,
    websiteurl: null,
    address1_line1: of('address1_line1'),
    address1_line2: of('address1_line2'),
    address1_city: of('address1_city'),
    address1_stateorprovince: of('address1_stateorprovince'),
    address1_postalcode: of('address1_postalcode'),
    address1_country: of('address1_country'),
    ...always,
    transactioncurrencyid: of('transactioncurrencyid') ?? setup.currencyIds.get(LOCAL_CURRENCY.code) ?? null,
    exchangerate: of('exchangerate') ?? LOCAL_CURRENCY.rate,
    ownerid: isTeam ? (owners[0]?.[1] ?? null) : (of('ownerid') ?? owners[0]?.[1] ?? null),
    'ownerid:table': 'systemuser',
  };
}

const nameValues = (name: PersonName): Values => ({
  firstname: name.firstName,
  middlename: blankAsNull(name.middleName),
  lastname: name.surname,
  fullname: `${name.firstName} ${name.surname}`,
  salutation: null,
});

const parentValues = (parent: SeedRow | undefined): Values => ({
  parentcustomerid: parent?.id ?? null,
  'parentcustomerid:table': parent?.table ?? null,
});

const always: Values = {
  address1_line3: null,
  address1_primarycontactname: null,
  address1_freighttermscode: null,
  address1_shippingmethodcode: null,
  birthdate: null,
  creditlimit: null,
  creditlimit_base: null,
  statecode: 0,
  statuscode: 1,
};
