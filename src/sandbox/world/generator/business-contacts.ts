import type { Values } from '../row.js';
import type { SeedRow } from './business-rows.js';
import { foreignCurrencies } from './catalog.js';
import { type About, businessCase, type ExpectedCase } from './expected-case.js';
import { type Firm, FirmMaker } from './firms.js';
import { fullNameOf, jobTitleOf, LONGEST_SURNAME, mailOf, type PeopleMaker, type PersonName } from './people.js';
import type { Plan } from './plan.js';
import { Random } from './random.js';

/** A person of Business Central, with the place in the plan of the customer that the person works for. */
export interface BusinessPerson {
  readonly row: SeedRow;
  readonly name: PersonName;
  readonly customer?: number;
}

export interface BusinessContacts {
  readonly rows: readonly SeedRow[];
  readonly people: readonly BusinessPerson[];
  /** Number of the first person of a customer, by the place of the customer. */
  readonly firstPeople: ReadonlyMap<number, string>;
  /** Number of the company contact of each customer. */
  readonly companyNumbers: readonly string[];
  readonly lastNumber: string;
  readonly cases: readonly ExpectedCase[];
}

/** People without a company, and people whose company is no customer. */
const WITHOUT_COMPANY = 10;
const OF_OTHER_COMPANIES = 8;
const OTHER_COMPANIES = 4;

const numberAt = (at: number): string => `CT${String((at + 1) * 10).padStart(6, '0')}`;
const knownCurrencies = new Set(foreignCurrencies.filter((one) => one.inDataverse).map((one) => one.code));

const withoutCompany: About = ['contact without a company', 'outside the filter: not looked at'];
const ofOtherCompany: About = ['contact whose company is no customer', 'skipped: there is no account to put it under'];

/** A company contact for each customer and for some other firms, and the people who work for them. */
export function businessContacts(
  plan: Plan,
  customers: readonly SeedRow[],
  maker: PeopleMaker,
  count: number,
  seed: string,
): BusinessContacts {
  const random = new Random(`${seed} contacts`);
  const firms = new FirmMaker(new Random(`${seed} other firms`));
  const companies = customers.map((customer, at) => companyOf(plan, customer, at, random));
  const others = Array.from({ length: customers.length === 0 ? 0 : OTHER_COMPANIES }, (_unused, at) =>
    otherCompany(firms.next(), numberAt(companies.length + at), random),
  );
  const first = companies.length + others.length;
  const people = Array.from({ length: count }, (_unused, at): BusinessPerson => {
    const employer = employerOf(at, count, customers.length, random);
    const name = maker.next(at === 0 ? LONGEST_SURNAME : undefined);
    const company = employer.kind === 'customer' ? companies[employer.at] : others[employer.at];
    const customer = employer.kind === 'customer' ? customers[employer.at] : undefined;
    const values = personValues(name, numberAt(first + at), company?.values, customer?.values, random);
    const row = { table: 'contacts', id: random.guid(), values };
    return employer.kind === 'customer' ? { row, name, customer: employer.at } : { row, name };
  });
  return {
    rows: [...companies, ...others, ...people.map(({ row }) => row)],
    people,
    firstPeople: firstOfCustomers(people),
    companyNumbers: companies.map((company) => String(company.values['number'])),
    lastNumber: numberAt(first + count - 1),
    cases: people.flatMap(({ row, customer }) => {
      if (customer !== undefined) return [];
      const about = row.values['companyNumber'] === '' ? withoutCompany : ofOtherCompany;
      return [businessCase('contacts', row, String(row.values['number']), about)];
    }),
  };
}

function firstOfCustomers(people: readonly BusinessPerson[]): ReadonlyMap<number, string> {
  const first = new Map<number, string>();
  for (const { customer, row } of people)
    if (customer !== undefined && !first.has(customer)) first.set(customer, String(row.values['number']));
  return first;
}

function companyOf(plan: Plan, customer: SeedRow, at: number, random: Random): SeedRow {
  const number = numberAt(at);
  return {
    table: 'contacts',
    id: random.guid(),
    values: {
      ...companyValues(number, plan.customers[at]?.firm),
      currencyCode: customer.values['currencyCode'] ?? '',
      salespersonCode: customer.values['salespersonCode'] ?? '',
      customerNumber: customer.values['number'] ?? '',
    },
  };
}

const otherCompany = (firm: Firm, number: string, random: Random): SeedRow => ({
  table: 'contacts',
  id: random.guid(),
  values: companyValues(number, firm),
});

const blank: Values = {
  jobTitle: '',
  searchName: '',
  privacyBlocked: false,
  taxRegistrationNumber: '',
  lastInteractionDate: '',
  firstName: '',
  middleName: '',
  surname: '',
  pager: '',
  salutationCode: '',
  currencyCode: '',
  salespersonCode: '',
  customerNumber: '',
};

/** A contact that is a company. */
export const companyValues = (number: string, firm: Firm | undefined): Values => ({
  ...blank,
  number,
  type: 'Company',
  displayName: firm?.name ?? '',
  companyNumber: number,
  addressLine1: firm?.address.line1 ?? '',
  addressLine2: firm?.address.line2 ?? '',
  city: firm?.address.city ?? '',
  state: firm?.address.state ?? '',
  country: firm?.address.country ?? '',
  postalCode: firm?.address.postalCode ?? '',
  phoneNumber: firm?.phone ?? '',
  mobilePhoneNumber: firm?.mobile ?? '',
  faxNumber: firm?.fax ?? '',
  email: firm?.email ?? '',
  website: firm?.website ?? '',
});

type Employer = { readonly kind: 'customer' | 'other' | 'none'; readonly at: number };

/** Every customer has somebody; the last people work for other firms, or for none. */
function employerOf(at: number, count: number, customers: number, random: Random): Employer {
  const fromEnd = count - 1 - at;
  if (customers === 0 || fromEnd < WITHOUT_COMPANY) return { kind: 'none', at: -1 };
  if (fromEnd < WITHOUT_COMPANY + OF_OTHER_COMPANIES) return { kind: 'other', at: fromEnd % OTHER_COMPANIES };
  return { kind: 'customer', at: at < customers ? at : random.whole(0, customers - 1) };
}

/** A contact that is a person, and works for the company. */
export function personValues(
  name: PersonName,
  number: string,
  company: Values | undefined,
  customer: Values | undefined,
  random: Random,
): Values {
  const from = (column: string): string => String(company?.[column] ?? '');
  const currency = String(customer?.['currencyCode'] ?? '');
  return {
    ...blank,
    number,
    type: 'Person',
    displayName: fullNameOf(name),
    ...name,
    jobTitle: jobTitleOf(random),
    companyNumber: from('number'),
    addressLine1: from('addressLine1'),
    addressLine2: from('addressLine2'),
    city: from('city'),
    state: from('state'),
    country: from('country'),
    postalCode: from('postalCode'),
    phoneNumber: random.chance(0.8) ? from('phoneNumber') : `+49 555 ${random.digits(6)}`,
    mobilePhoneNumber: random.chance(0.5) ? `+49 555 ${random.digits(7)}` : '',
    faxNumber: random.chance(0.2) ? from('faxNumber') : '',
    pager: random.chance(0.05) ? random.digits(7) : '',
    email: mailOf(name, from('website')),
    website: random.chance(0.3) ? from('website') : '',
    currencyCode: knownCurrencies.has(currency) ? currency : '',
    salespersonCode: String(customer?.['salespersonCode'] ?? ''),
  };
}
