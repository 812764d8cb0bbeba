import { setTimeout as delay } from 'node:timers/promises';
import { rowsOf } from './agreement-of-mappings.js';
import { blankValue, newValue, type Surroundings } from './edits.js';
import { valuesToEnterAgain } from './entered-again.js';
import type { MappedField, MappedTable } from './mapped-fields.js';
import { type Person, RefusedError, type System } from './person.js';
import type { Seeded } from './seeded.js';
import type { Row, Tandem } from './tandem.js';
import { raw, Translation } from './translation.js';

/** How often people of one system do what, of a hundred times; the rest are edits. */
const CREATIONS = 10;
const DELETIONS = 4;
const SECOND_THOUGHTS = 3;
/** Records that stand there, deleted and entered again under the same number. */
const RETURNS = 5;
const BLANKS = 12;
/** After so many things done people look around again: records of others are there by then. */
const LOOK_AGAIN_AFTER = 25;
/** People are slower than programs; without it nothing but their requests would be served. */
const PAUSE_MS = 10;
const LONGEST_ABSENCE_MS = 1_500;

export interface Work {
  edits: number;
  creations: number;
  deletions: number;
  /** Deleted records that were entered again under their number. */
  returns: number;
  /** What the system itself did not take. */
  refusals: number;
}

/** The people who work with one system: they edit, create, delete and enter anew what is mapped, by its own API. */
export class Office {
  readonly work: Work = { edits: 0, creations: 0, deletions: 0, returns: 0, refusals: 0 };
  /** Ids of the records that people entered here, by entity set. */
  readonly entered = new Map<string, Set<string>>();
  /** The last value that people gave a field, as `id field`. */
  readonly lastEntered = new Map<string, unknown>();
  private rows = new Map<string, ReadonlyMap<string, Row>>();
  private surroundings: Surroundings | null = null;
  private counter = 0;

  constructor(
    private readonly system: System,
    private readonly tandem: Tandem,
    private readonly person: Person,
    private readonly tables: readonly MappedTable[],
    private readonly random: Seeded,
  ) {}

  async workUntil(isOver: () => boolean): Promise<void> {
    for (let done = 0; !isOver(); done += 1) {
      if (done % LOOK_AGAIN_AFTER === 0) await this.lookAround();
      try {
        await this.doSomething();
      } catch (error) {
        // People try what their system does not allow; what breaks is no such thing.
        if (!(error instanceof RefusedError) || error.status >= 500) throw error;
        this.work.refusals += 1;
      }
      await delay(PAUSE_MS);
    }
  }

  private async lookAround(): Promise<void> {
    for (const table of this.tables) this.rows.set(table.name, (await rowsOf(this.person, table))[this.system]);
    const contacts = this.tables.find(({ name }) => name === 'CONTACTS');
    if (contacts === undefined) throw new Error('nobody works with contacts');
    this.surroundings = {
      translation: await Translation.read(this.tandem, this.person),
      countries: (await this.person.rows('BUSINESS', 'countriesRegions')).map(({ code }) => String(code)),
      vendors: (await this.person.rows('BUSINESS', 'vendors')).map(({ number }) => String(number)),
      contacts: await rowsOf(this.person, contacts),
    };
  }

  private async doSomething(): Promise<void> {
    const table = this.random.one(this.tables);
    const row = this.random.one([...(this.rows.get(table?.name ?? '')?.values() ?? [])]);
    if (table === undefined || row === undefined) return;
    // However few things there is time for, one of them is that.
    if (this.work.returns === 0 && this.random.happens(50)) return this.deleteAndEnterAgain(table, row);
    const luck = this.random.fraction() * 100;
    if (luck < CREATIONS) await this.create(table, this.newRecord(table));
    else if (luck < CREATIONS + DELETIONS) await this.remove(table, row);
    else if (luck < CREATIONS + DELETIONS + SECOND_THOUGHTS) await this.enterAnew(table);
    else if (luck < CREATIONS + DELETIONS + SECOND_THOUGHTS + RETURNS) await this.deleteAndEnterAgain(table, row);
    else await this.edit(table, row);
  }

  private async edit(table: MappedTable, row: Row): Promise<void> {
    const field = this.random.one(
      table.fields.filter((one) => one[this.system] !== null && isEditable(one, this.system)),
    );
    if (field === undefined || this.surroundings === null) return;
    const value = this.random.happens(BLANKS)
      ? blankValue(field, this.system)
      : newValue(field, this.system, row, this.unique(), this.random.one, this.surroundings);
    if (value === undefined) return;
    const id = String(row[table.key[this.system]]);
    await this.person.update(this.system, table.table[this.system], id, value.payload);
    this.work.edits += 1;
    if (field.lookup === null) this.lastEntered.set(`${id} ${field[this.system]?.name}`, value.value);
  }

  private async create(table: MappedTable, values: Row | undefined): Promise<string | undefined> {
    if (values === undefined) return undefined;
    const row = await this.person.create(this.system, table.table[this.system], values);
    const id = String(row[table.key[this.system]]);
    const known = this.entered.get(table.table[this.system]) ?? new Set();
    this.entered.set(table.table[this.system], known.add(id));
    this.work.creations += 1;
    // Of a currency that was entered again the rate may be there still.
    if (this.system === 'BUSINESS' && table.name === 'CURRENCY')
      await this.tandem.createExchangeRate(String(values.code)).catch(() => undefined);
    return id;
  }

  /** False for what people do not give up. */
  private async remove(table: MappedTable, row: Row): Promise<boolean> {
    const id = String(row[table.key[this.system]]);
    // Of what others refer to from everywhere people give up their own: a company does not give up a currency on a Monday.
    if (!isDeletedByPeople(table.name) && this.entered.get(table.table[this.system])?.has(id) !== true) return false;
    await this.person.remove(this.system, table.table[this.system], id);
    this.work.deletions += 1;
    return true;
  }

  /** Whether the jobs notice the deletion before is left to chance. */
  private async deleteAndEnterAgain(table: MappedTable, row: Row): Promise<void> {
    const values = valuesToEnterAgain(table.name, this.system, row);
    if (values === undefined || !(await this.remove(table, row))) return;
    await delay(this.random.fraction() * LONGEST_ABSENCE_MS);
    if ((await this.create(table, values)) !== undefined) this.work.returns += 1;
  }

  /** Enters a record, deletes it and enters it once more, as people do who began wrongly. */
  private async enterAnew(table: MappedTable): Promise<void> {
    const values = this.newRecord(table);
    const id = await this.create(table, values);
    if (id === undefined) return;
    await delay(this.random.fraction() * 300);
    await this.person.remove(this.system, table.table[this.system], id);
    this.work.deletions += 1;
    await this.create(table, values);
  }

  private newRecord({ name }: MappedTable): Row | undefined {
    const translation = this.surroundings?.translation;
    const one = (mapping: string) => this.random.one(translation?.coupled(mapping, this.system) ?? []);
    const [customer, unit, item] = [one('CUSTOMER'), one('UNITOFMEASURE'), one('ITEM-PRODUCT')];
    if (customer === undefined || unit === undefined || item === undefined) return undefined;
    const number = this.unique();
    if (this.system === 'SALES')
      return salesRecords(number, customer, { group: unit, unit: translation?.baseUnitOf(unit) ?? '' })[name];
    const group = this.random.one([...(this.rows.get('CUSTPRCGRP-PRICE')?.values() ?? [])]);
    return name === 'SALESPRC-PRODPRICE'
      ? newPrice(number, item, group?.code)
      : businessRecords(number, customer, unit)[name];
  }

  private unique(): number {
    this.counter += 1;
    return this.counter;
  }
}

/** Mappings whose records people delete, whoever entered them. */
const isDeletedByPeople = (mapping: string): boolean =>
  ['CUSTOMER', 'CONTACTS', 'ITEM-PRODUCT', 'RESOURCE-PRODUCT', 'SALESPRC-PRODPRICE'].includes(mapping);

/** A code of three letters that no currency has. */
const inventedCurrency = (number: number, letter: string): string =>
  letter + String.fromCharCode(65 + (Math.floor(number / 26) % 26)) + String.fromCharCode(65 + (number % 26));

const newPrice = (number: number, itemId: string, group: unknown): Row => ({
  itemId,
  salesType: 'Customer_x0020_Price_x0020_Group',
  salesCode: group,
  unitPrice: number,
  startingDate: '2031-01-01',
});

/** Users are edited by administrators alone, keys of set-up tables stay. */
const isEditable = (field: MappedField, system: System): boolean =>
  !(field.mapping === 'SALESPEOPLE' && system === 'SALES') &&
  !(field.field === 'code' && system === 'BUSINESS') &&
  !['exchangeRate', 'capacity', 'vendorName'].includes(field.field) &&
  // What a price is for is told by other fields of it, and the currency of a group by its prices.
  !(system === 'BUSINESS' && ['customerPriceGroupId', 'priceUnitOfMeasureId'].includes(field.field)) &&
  !(system === 'BUSINESS' && field.mapping === 'CUSTPRCGRP-PRICE' && field.field === 'currencyId') &&
  // A product that is retired takes its item out of the filter, and comes back by no edit of a field.
  field.integrationField !== 'statecode';

/** Records by mapping as people enter them, each with a name of its own. */
const businessRecords = (number: number, customerId: string, unitId: string): Readonly<Record<string, Row>> => ({
  CURRENCY: { code: inventedCurrency(number, 'Q'), displayName: `Kept currency ${number}`, symbol: 'q' },
  UNITOFMEASURE: { code: `KEPT${number}`, displayName: `Kept unit ${number}` },
  SALESPEOPLE: { code: `K${number}`, displayName: `Kept seller ${number}`, email: `kept.${number}@example.com` },
  'CUSTPRCGRP-PRICE': { code: `KEPT${number}`, description: `Kept group ${number}` },
  CUSTOMER: { displayName: `Kept firm ${number}`, city: 'Oslo', phoneNumber: `+47 ${number}` },
  CONTACTS: { type: 'Person', firstName: 'Kari', surname: `Kept ${number}`, customerId },
  'RESOURCE-PRODUCT': { name: `Kept crew ${number}`, unitPrice: number, baseUnitOfMeasureId: unitId },
  'ITEM-PRODUCT': { displayName: `Kept ware ${number}`, unitPrice: number, baseUnitOfMeasureId: unitId },
});

function salesRecords(
  number: number,
  accountId: string,
  { group, unit }: { readonly group: string; readonly unit: string },
): Readonly<Record<string, Row>> {
  const product = {
    productnumber: `SOLD-${number}`,
    quantitydecimal: 2,
    'defaultuomscheduleid@odata.bind': `/uomschedules(${group})`,
    'defaultuomid@odata.bind': `/uoms(${unit})`,
  };
  return {
    CURRENCY: {
      isocurrencycode: inventedCurrency(number, 'S'),
      currencyname: `Sold currency ${number}`,
      currencysymbol: 's',
      currencyprecision: 2,
      exchangerate: 1.5,
    },
    UNITOFMEASURE: { name: `NAV SOLD${number}`, baseuomname: `SOLD${number}` },
    'CUSTPRCGRP-PRICE': { name: `SOLD${number}` },
    CUSTOMER: { name: `Sold firm ${number}`, address1_city: 'Bergen', customertypecode: 3 },
    CONTACTS: {
      firstname: 'Ola',
      lastname: `Sold ${number}`,
      'parentcustomerid_account@odata.bind': `/accounts(${accountId})`,
    },
    'RESOURCE-PRODUCT': { ...product, name: `Sold crew ${number}`, producttypecode: 3 },
    'ITEM-PRODUCT': { ...product, name: `Sold ware ${number}`, producttypecode: 1 },
  };
}

/** Changes of people that are on neither side of a pair any more. */
export function lostChanges(
  field: MappedField,
  rows: Readonly<Record<System, Row>>,
  ids: Readonly<Record<System, string>>,
  offices: readonly Office[],
  translation: Translation,
): readonly unknown[] {
  if (field.lookup !== null || field.editedOn.length < 2) return [];
  const entered = (['BUSINESS', 'SALES'] as const).flatMap((side) => {
    const key = `${ids[side]} ${field[side]?.name}`;
    return offices.flatMap(({ lastEntered }) =>
      lastEntered.has(key) ? [translation.shown(field, side, lastEntered.get(key))] : [],
    );
  });
  const business = field.BUSINESS;
  if (entered.length === 0 || business === null) return [];
  const kept = translation.shown(field, 'BUSINESS', raw(business, 'BUSINESS', rows.BUSINESS));
  return entered.includes(kept) ? [] : entered;
}
