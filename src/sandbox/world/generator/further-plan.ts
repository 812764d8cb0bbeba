import type { Sizes } from './plan.js';
import type { SalesSetup } from './sales-rows.js';

/** The tables of which a large world has further rows. */
export type FurtherTable = 'customers' | 'companies' | 'people' | 'accounts' | 'contacts';

/** What further rows follow from: kept as a fact of the world, so that they are the same after a restart. */
export interface FurtherPlan {
  readonly seed: string;
  readonly companyId: string;
  readonly counts: Readonly<Record<FurtherTable, number>>;
  /** So many of the first customers are the firms of the first accounts. */
  readonly shared: number;
  readonly firstVersions: Readonly<Record<FurtherTable, number>>;
  readonly setup: Pick<SalesSetup, 'teamId'> & {
    readonly currencyIds: readonly (readonly [string, string])[];
    readonly userIds: readonly (readonly [string, string])[];
  };
}

/** Up to so many rows of a table are made at once, with all special cases among them; the others when they are read. */
const MADE_AT_ONCE = 10_000;

const parties = ['customers', 'accounts', 'people', 'contacts'] as const;

/** The part of a world that is made at once. */
export function firstSizes(sizes: Sizes): Sizes {
  const { customers, people, accounts, contacts } = furtherCounts(sizes);
  return {
    ...sizes,
    customers: sizes.customers - customers,
    people: sizes.people - people,
    accounts: sizes.accounts - accounts,
    contacts: sizes.contacts - contacts,
  };
}

/** How many rows there are beyond; people need a firm to work for. */
export function furtherCounts(sizes: Sizes): FurtherPlan['counts'] {
  const beyond = (name: (typeof parties)[number]): number => Math.max(0, sizes[name] - MADE_AT_ONCE);
  const [customers, accounts] = [beyond('customers'), beyond('accounts')];
  return {
    customers,
    companies: customers,
    people: customers === 0 ? 0 : beyond('people'),
    accounts,
    contacts: accounts === 0 ? 0 : beyond('contacts'),
  };
}

/** As in a small world: six of ten customers have an account, and two thirds of the accounts are customers. */
export const furtherShared = ({ customers, accounts }: FurtherPlan['counts']): number =>
  Math.min(Math.round(customers * 0.6), Math.round(accounts * 0.65));

// Eight digits each, so that numbers and their order as texts agree: behind those of a small world.
export const FIRST_CUSTOMER = 10_000_000;
export const FIRST_COMPANY = 10_000_000;
const FIRST_PERSON = 50_000_000;
/** The numbers of one table leave room for no more. */
const MOST_FURTHER_ROWS = 4_000_000;

/** Tables without further rows are made at once and kept in memory. */
const MOST_KEPT_ROWS = 200_000;

/** How large a table of the world may be asked for. */
export const mostOf = (name: keyof Sizes): number =>
  parties.some((party) => party === name) ? MOST_FURTHER_ROWS : MOST_KEPT_ROWS;

const numbered = (prefix: string, first: number) => (at: number) => `${prefix}${first + at * 10}`;
export const customerNumberAt = numbered('C', FIRST_CUSTOMER);
export const companyNumberAt = numbered('CT', FIRST_COMPANY);
export const personNumberAt = numbered('CT', FIRST_PERSON);

/** The last numbers of the series of customers and contacts; undefined where there are no further ones. */
export const lastNumbers = ({ customers, people }: FurtherPlan['counts']) => ({
  customers: customers === 0 ? undefined : customerNumberAt(customers - 1),
  contacts: people > 0 ? personNumberAt(people - 1) : customers === 0 ? undefined : companyNumberAt(customers - 1),
});
