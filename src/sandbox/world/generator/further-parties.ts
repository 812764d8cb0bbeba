import { firstPlace, MadeIds, type MadeRows } from '../made-rows.js';
import type { Row, Scalar, Values } from '../row.js';
import { businessTable, salesTable } from '../world.js';
import { companyValues, personValues } from './business-contacts.js';
import { customerValues, type SeedRow } from './business-rows.js';
import { type Firm, firmFrom } from './firms.js';
import {
  companyNumberAt,
  customerNumberAt,
  FIRST_COMPANY,
  FIRST_CUSTOMER,
  type FurtherPlan,
  type FurtherTable,
  personNumberAt,
} from './further-plan.js';
import { fullNameOf, type PersonName, personFrom } from './people.js';
import type { PlannedAccount } from './plan.js';
import { Random } from './random.js';
import { ownValues, sameValues } from './sales-contacts.js';
import { accountValues, type SalesSetup, typesOfOthers } from './sales-rows.js';
import { changeTimeFrom, LAST_CHANGE_MS } from './times.js';

interface DescribedRows extends Pick<MadeRows, 'keyAt' | 'placesWith'> {
  readonly valuesAt: (at: number) => Values;
}

/** The further rows of both systems. Pure: the same plan gives the same rows. */
export class FurtherParties {
  readonly #plan: FurtherPlan;
  readonly #setup: SalesSetup;

  constructor(plan: FurtherPlan) {
    this.#plan = plan;
    const { currencyIds, userIds, teamId } = plan.setup;
    this.#setup = { rows: [], teamId, currencyIds: new Map(currencyIds), userIds: new Map(userIds) };
  }

  /** The rows by the name that their table has in the world. */
  tables(): readonly (readonly [table: string, rows: MadeRows])[] {
    const inCompany = (name: string): string => businessTable(this.#plan.companyId, name);
    const byId = (): string => '';
    return [
      [
        inCompany('customers'),
        this.#rows('customers', {
          valuesAt: (at) => this.#customer(at),
          keyAt: customerNumberAt,
          placesWith: (column, value) => this.#customersWith(column, value),
        }),
      ],
      [
        inCompany('contacts'),
        this.#rows('companies', {
          valuesAt: (at) => this.#company(at),
          keyAt: companyNumberAt,
          placesWith: (column, value) => this.#companiesWith(column, value),
        }),
      ],
      [
        inCompany('contacts'),
        this.#rows('people', {
          valuesAt: (at) => this.#person(at).values,
          keyAt: personNumberAt,
          placesWith: (column, value) => this.#peopleWith(column, value),
        }),
      ],
      [
        salesTable('account'),
        this.#rows('accounts', {
          valuesAt: (at) => this.#account(at),
          keyAt: byId,
          placesWith: (column, value) => this.#accountsWith(column, value),
        }),
      ],
      [
        salesTable('contact'),
        this.#rows('contacts', {
          valuesAt: (at) => this.#contact(at),
          keyAt: byId,
          placesWith: (column, value) => this.#contactsWith(column, value),
        }),
      ],
    ];
  }

  #rows(table: FurtherTable, { valuesAt, ...described }: DescribedRows): MadeRows {
    const { counts, firstVersions } = this.#plan;
    const [count, firstVersion] = [counts[table], firstVersions[table]];
    const { keyAt } = described;
    const ids = this.#ids(table);
    const isSales = table === 'accounts' || table === 'contacts';
    const writers = [...this.#setup.userIds.values()];
    return {
      ...described,
      count,
      firstVersion,
      lastChangeMs: LAST_CHANGE_MS,
      idAt: (at) => ids.at(at),
      placeOfId: (id) => ids.placeOf(id),
      placeOfKey: (key) => {
        const at = firstPlace(count, (place) => keyAt(place) >= key);
        return at < count && key !== '' && keyAt(at) === key ? at : undefined;
      },
      row: (at): Row => {
        const random = this.#random(`changes ${table}`, at);
        const atMs = changeTimeFrom(random);
        const changedAtMs = isSales ? Math.floor(atMs / 1_000) * 1_000 : atMs;
        const by = isSales ? random.pick(writers) : 'setup';
        return {
          id: ids.at(at),
          version: firstVersion + at,
          createdAtMs: changedAtMs,
          modifiedAtMs: changedAtMs,
          createdBy: by,
          modifiedBy: by,
          values: valuesAt(at),
        };
      },
    };
  }

  #ids(table: FurtherTable): MadeIds {
    const seed = Math.floor(new Random(`${this.#plan.seed} further ids ${table}`).next() * 2 ** 32);
    return new MadeIds(seed, this.#plan.counts[table]);
  }

  #random(what: string, at: number): Random {
    return new Random(`${this.#plan.seed} further ${what} ${at}`);
  }

  #firm(at: number): Firm {
    return firmFrom(this.#random('firm', at), (words) => `${words} No. ${at + 1}`);
  }

  #customer(at: number, firm = this.#firm(at)): Values {
    const planned = { firm, role: 'plain', inDataverse: at < this.#plan.shared } as const;
    return {
      ...customerValues(planned, at, this.#random('customer', at)),
      number: customerNumberAt(at),
      companyContactNumber: companyNumberAt(at),
    };
  }

  #company(at: number, firm = this.#firm(at), customer = this.#customer(at, firm)): Values {
    const { number, currencyCode, salespersonCode } = customer;
    return {
      ...companyValues(companyNumberAt(at), firm),
      currencyCode: currencyCode ?? '',
      salespersonCode: salespersonCode ?? '',
      customerNumber: number ?? '',
    };
  }

  /** The first people work for one customer each, the others for whom it comes to. */
  #person(at: number): { readonly values: Values; readonly name: PersonName } {
    const random = this.#random('person', at);
    const name = personFrom(random, (surname) => `${surname} ${at + 1}`);
    const employer = at % this.#plan.counts.customers;
    const firm = this.#firm(employer);
    const customer = this.#customer(employer, firm);
    const company = this.#company(employer, firm, customer);
    return { name, values: personValues(name, personNumberAt(at), company, customer, random) };
  }

  #account(at: number): Values {
    const { shared, counts } = this.#plan;
    const random = this.#random('account', at);
    if (at < shared) {
      const firm = this.#firm(at);
      const account: PlannedAccount = { firm, role: 'pair', customer: at };
      return accountValues(account, this.#customer(at, firm), 3, false, this.#setup, random);
    }
    const firm = firmFrom(random, (words) => `${words} Acc. ${at + 1}`);
    const isCustomer = at < Math.round(counts.accounts * 0.65);
    const type = isCustomer ? 3 : (typesOfOthers[at % typesOfOthers.length] ?? null);
    return accountValues(
      { firm, role: isCustomer ? 'customer' : 'other' },
      undefined,
      type,
      false,
      this.#setup,
      random,
    );
  }

  /** The first contact of a shared firm is mostly the person whom Business Central knows too. */
  #contact(at: number): Values {
    const { shared, counts } = this.#plan;
    const random = this.#random('contact', at);
    const home = at % counts.accounts;
    const account: SeedRow = { table: 'account', id: this.#ids('accounts').at(home), values: this.#account(home) };
    if (at < shared && at < counts.people && random.chance(0.6)) {
      const { name, values } = this.#person(at);
      return sameValues({ name, row: { table: 'contacts', id: '', values } }, account, random);
    }
    const name = personFrom(random, (surname) => `${surname} ${at + 1}`);
    return { ...ownValues(name, account, this.#setup, random), fullname: fullNameOf({ ...name, middleName: '' }) };
  }

  #customersWith(column: string, value: Scalar): Iterable<number> | undefined {
    if (column === 'displayName') return numberedPlace(value, this.#plan.counts.customers);
    if (column === 'companyContactNumber') return placeOf(value, 'CT', FIRST_COMPANY, this.#plan.counts.customers);
    return column === 'primaryContactNumber' && value !== '' ? [] : undefined;
  }

  #companiesWith(column: string, value: Scalar): Iterable<number> | undefined {
    if (column === 'displayName') return numberedPlace(value, this.#plan.counts.companies);
    if (column === 'companyNumber') return placeOf(value, 'CT', FIRST_COMPANY, this.#plan.counts.companies);
    if (column === 'customerNumber') return placeOf(value, 'C', FIRST_CUSTOMER, this.#plan.counts.companies);
    return undefined;
  }

  #peopleWith(column: string, value: Scalar): Iterable<number> | undefined {
    const { customers, people } = this.#plan.counts;
    if (column === 'displayName' || column === 'surname') return numberedPlace(value, people);
    if (column === 'customerNumber') return value === '' ? undefined : [];
    if (column !== 'companyNumber') return undefined;
    return placeOf(value, 'CT', FIRST_COMPANY, customers).flatMap((first) => everyNth(first, customers, people));
  }

  #accountsWith(column: string, value: Scalar): Iterable<number> | undefined {
    if (value === null) return undefined;
    if (column === 'name') return numberedPlace(value, this.#plan.counts.accounts);
    if (column === 'accountnumber') return placeOf(value, 'C', FIRST_CUSTOMER, this.#plan.shared);
    return column === 'primarycontactid' || column === 'parentaccountid' ? [] : undefined;
  }

  #contactsWith(column: string, value: Scalar): Iterable<number> | undefined {
    const { accounts, contacts } = this.#plan.counts;
    if (column === 'fullname' || column === 'lastname') return numberedPlace(value, contacts);
    if (column !== 'parentcustomerid' || value === null) return undefined;
    const home = this.#ids('accounts').placeOf(String(value).toLowerCase());
    return home === undefined ? [] : everyNth(home, accounts, contacts);
  }
}

/** The place of a number; none where it is of another series. */
function placeOf(value: Scalar, prefix: string, first: number, count: number): readonly number[] {
  const match = /^([A-Z]+)(\d{8})$/i.exec(String(value));
  if (match?.[1]?.toUpperCase() !== prefix) return [];
  const at = (Number(match[2]) - first) / 10;
  return Number.isInteger(at) && at >= 0 && at < count ? [at] : [];
}

/** The place that a name tells: names of firms and surnames of people end with the number of their row, from 1. */
function numberedPlace(name: Scalar, count: number): readonly number[] {
  const number = /(\d+)\s*$/.exec(String(name))?.[1];
  const at = Number(number ?? 0) - 1;
  return at >= 0 && at < count ? [at] : [];
}

function everyNth(first: number, step: number, count: number): readonly number[] {
  const places: number[] = [];
  for (let at = first; at < count; at += step) places.push(at);
  return places;
}
