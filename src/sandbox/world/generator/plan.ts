import { type Firm, FirmMaker } from './firms.js';
import { Random } from './random.js';

/** How large a world is made. */
export interface Sizes {
  readonly customers: number;
  readonly accounts: number;
  /** People of Business Central; each customer has a company contact besides. */
  readonly people: number;
  /** Contacts of Dataverse. */
  readonly contacts: number;
  readonly items: number;
  readonly products: number;
  readonly invoices: number;
}

export const defaultSizes: Sizes = {
  customers: 120,
  accounts: 150,
  people: 200,
  contacts: 275,
  items: 100,
  products: 45,
  invoices: 60,
};

export type CustomerRole =
  | 'plain'
  | 'blockedAll'
  | 'blockedShip'
  | 'blockedInvoice'
  | 'salespersonWithoutUser'
  | 'fundCurrency'
  | 'missingCurrency';

export interface PlannedCustomer {
  readonly firm: Firm;
  readonly role: CustomerRole;
  /** Whether Dataverse knows the firm too. */
  readonly inDataverse: boolean;
}

export type AccountRole =
  | 'pair'
  | 'pairWithDifferences'
  | 'ambiguous'
  | 'customer'
  | 'longName'
  | 'countryTooLong'
  | 'countryUnknown'
  | 'inactive'
  | 'other';

export interface PlannedAccount {
  readonly firm: Firm;
  readonly role: AccountRole;
  /** Index of the customer that is the same firm. */
  readonly customer?: number;
}

export interface Plan {
  readonly customers: readonly PlannedCustomer[];
  readonly accounts: readonly PlannedAccount[];
}

/** Customers that only Business Central knows, and why they are special; the rest of those are plain. */
const specialCustomers: readonly CustomerRole[] = [
  'blockedAll',
  'blockedAll',
  'blockedAll',
  'blockedShip',
  'blockedInvoice',
  'salespersonWithoutUser',
  'fundCurrency',
  'missingCurrency',
];

/** Accounts that only Dataverse knows, and why they are special. */
const specialAccounts: readonly AccountRole[] = [
  'longName',
  'longName',
  'countryTooLong',
  'countryTooLong',
  'countryUnknown',
  'inactive',
  'inactive',
  'inactive',
  'inactive',
];

/** Decides which firms are on which side. Pure: the same seed and sizes give the same plan. */
export function planWorld(seed: string, sizes: Pick<Sizes, 'customers' | 'accounts'>): Plan {
  const random = new Random(`${seed} plan`);
  const maker = new FirmMaker(new Random(`${seed} firms`));
  // Two thirds of the accounts are customers; one of them is the second account of the ambiguous firm.
  const shared = Math.max(0, Math.min(Math.round(sizes.customers * 0.6), Math.round(sizes.accounts * 0.65) - 1));
  const customers = Array.from(
    { length: sizes.customers },
    (_unused, at): PlannedCustomer => ({
      firm: maker.next(),
      role: at < shared ? 'plain' : (specialCustomers[at - shared] ?? 'plain'),
      inDataverse: at < shared,
    }),
  );
  const named = withNameCases(customers, shared);
  const pairs = named.slice(0, shared).map(
    ({ firm }, at): PlannedAccount => ({
      firm,
      role: random.chance(0.02) ? 'pairWithDifferences' : 'pair',
      customer: at,
    }),
  );
  const known = [...pairs, ...ambiguous(named, shared)];
  return { customers: named, accounts: [...known, ...salesOnly(sizes, known.length, maker)] };
}

/** Equal names in different cities, twice, and a name with a trailing blank. */
function withNameCases(customers: readonly PlannedCustomer[], shared: number): readonly PlannedCustomer[] {
  const renamed = [...customers];
  const rename = (at: number, name: string, city?: string): void => {
    const before = renamed[at];
    if (before === undefined || at >= shared) return;
    const address = city === undefined ? before.firm.address : { ...before.firm.address, city };
    renamed[at] = { ...before, firm: { ...before.firm, name, address } };
  };
  rename(1, customers[0]?.firm.name ?? '', 'Twinbridge');
  rename(3, customers[2]?.firm.name ?? '', 'Farhaven');
  rename(4, `${customers[4]?.firm.name ?? ''} `);
  return renamed;
}

/** A second account of one firm, name and city: matching must leave both alone. */
function ambiguous(customers: readonly PlannedCustomer[], shared: number): readonly PlannedAccount[] {
  const twin = customers[AMBIGUOUS_CUSTOMER];
  return twin === undefined || AMBIGUOUS_CUSTOMER >= shared
    ? []
    : [{ firm: twin.firm, role: 'ambiguous', customer: AMBIGUOUS_CUSTOMER }];
}

/** Index of the customer of whom there are two accounts. */
export const AMBIGUOUS_CUSTOMER = 6;

/** The accounts without a customer: two thirds of all accounts are customers, the others are of other types. */
function salesOnly(sizes: Pick<Sizes, 'accounts'>, known: number, maker: FirmMaker): readonly PlannedAccount[] {
  const left = Math.max(0, sizes.accounts - known);
  const customers = Math.max(0, Math.round(sizes.accounts * 0.65) - known);
  return Array.from({ length: left }, (_unused, at): PlannedAccount => {
    const role = at < customers ? (specialAccounts[at] ?? 'customer') : 'other';
    return { firm: maker.next(), role };
  });
}
