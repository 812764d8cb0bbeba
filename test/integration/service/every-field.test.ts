import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareAll, rowsOf } from '../../support/agreement-of-mappings.js';
import { blankValue, type NewValue, newValue, type Surroundings } from '../../support/edits.js';
import { jobs, type MappedField, type MappedTable, mappedTables } from '../../support/mapped-fields.js';
import { Person, type System } from '../../support/person.js';
import { type Row, Tandem } from '../../support/tandem.js';
import { raw, Translation } from '../../support/translation.js';

type Reasons = Readonly<Record<string, string>>;

/** What nobody can edit by the system's own API, and why. By mapping, the field of both sides, and the side. */
const notEdited: Reasons = {
  'CONTACTS type -  on SALES': 'a constant: there is no field',
  'RESOURCE-PRODUCT  - transactioncurrencyid on BUSINESS': 'a constant: there is no field',
  'ITEM-PRODUCT  - transactioncurrencyid on BUSINESS': 'a constant: there is no field',
  'CURRENCY code - isocurrencycode on BUSINESS': 'Dataverse takes the ISO code on creation only',
  'UNITOFMEASURE code - name on BUSINESS': 'a renamed unit: see the test of its own',
  'UNITOFMEASURE code - baseuomname on BUSINESS': 'Dataverse takes the name of the base unit on creation only',
  'SALESPEOPLE email - internalemailaddress on SALES': 'users are edited by administrators: see the test of its own',
  'SALESPEOPLE displayName - fullname on SALES': 'computed of the first and last name of a user',
  'SALESPEOPLE phoneNo - mobilephone on SALES': 'users are edited by administrators: see the test of its own',
  'CURRENCY exchangeRate - exchangerate on BUSINESS': 'computed of the exchange rates: see the test of its own',
  'RESOURCE-PRODUCT capacity - quantityonhand on BUSINESS': 'computed of the entries: see the test of its own',
  'RESOURCE-PRODUCT vendorName - vendorname on BUSINESS': 'computed: it follows the vendor number',
  'ITEM-PRODUCT vendorName - vendorname on BUSINESS': 'computed: it follows the vendor number',
  'CUSTOMER blocked - statecode on SALES':
    'an inactive account leaves the filter: see the test of the special handling',
  'RESOURCE-PRODUCT blocked - statecode on SALES': 'a retired product leaves the filter: see the test of its own',
  'ITEM-PRODUCT blocked - statecode on SALES': 'a retired product leaves the filter: see the test of its own',
};

/** What cannot be without a value, and why. */
const neverBlank: Reasons = {
  'CURRENCY symbol - currencysymbol on BUSINESS': 'Not Null: Dataverse keeps the symbol it has',
  'CURRENCY displayName - currencyname on BUSINESS': 'Dataverse asks for a name',
  'CUSTOMER displayName - name on BUSINESS': 'Business Central asks for a name',
  'CUSTOMER displayName - name on SALES': 'Business Central asks for a name',
  'CONTACTS customerId - parentcustomerid on BUSINESS': 'without a company the contact leaves the filter',
  'CONTACTS customerId - parentcustomerid on SALES': 'without a company the contact leaves the filter',
  'RESOURCE-PRODUCT name - name on BUSINESS': 'Dataverse asks for a name',
  'RESOURCE-PRODUCT name - name on SALES': 'Dataverse asks for a name',
  'RESOURCE-PRODUCT number - productnumber on BUSINESS': 'Business Central asks for a number',
  'ITEM-PRODUCT displayName - name on BUSINESS': 'Dataverse asks for a name',
  'ITEM-PRODUCT displayName - name on SALES': 'Dataverse asks for a name',
  'ITEM-PRODUCT number - productnumber on BUSINESS': 'Business Central asks for a number',
  ...Object.fromEntries(
    ['RESOURCE-PRODUCT', 'ITEM-PRODUCT'].flatMap((mapping) => [
      [`${mapping} baseUnitOfMeasureId - defaultuomscheduleid on BUSINESS`, 'a product needs a unit group'],
      [`${mapping} baseUnitOfMeasureId - defaultuomscheduleid on SALES`, 'a product needs a unit group'],
      [`${mapping} baseUnitOfMeasureId - defaultuomid on BUSINESS`, 'a product needs a unit'],
    ]),
  ),
};

/** One-way fields that nobody edits where they arrive, and why. */
const notEditedAtDestination: Reasons = {
  'CURRENCY code - isocurrencycode on SALES': 'Dataverse takes the ISO code on creation only',
  'UNITOFMEASURE code - baseuomname on SALES': 'Dataverse takes the name of the base unit on creation only',
  'CONTACTS type -  on BUSINESS': 'a company instead of a person leaves the filter',
  'RESOURCE-PRODUCT baseUnitOfMeasureId - defaultuomid on SALES': 'there is no other unit in the group',
  'ITEM-PRODUCT baseUnitOfMeasureId - defaultuomid on SALES': 'there is no other unit in the group',
  'CUSTOMER blocked - statecode on BUSINESS': 'a blocked customer leaves the filter',
  'RESOURCE-PRODUCT blocked - statecode on BUSINESS': 'a blocked resource leaves the filter',
  'ITEM-PRODUCT blocked - statecode on BUSINESS': 'a blocked item leaves the filter',
};

const nameOf = (field: MappedField, side: System): string =>
  `${field.mapping} ${field.field} - ${field.integrationField} on ${side}`;

/** A field of one pair that a person edits on one side. */
interface Edit {
  readonly table: MappedTable;
  readonly field: MappedField;
  readonly side: System;
  readonly id: Readonly<Record<System, string>>;
  readonly written: NewValue;
}

describe('every field of the default setup', () => {
  let tandem: Tandem;
  let person: Person;
  let tables: readonly MappedTable[];
  let edits: readonly Edit[];

  beforeAll(async () => {
    tandem = await Tandem.open();
    // A company that may give published products another unit group.
    await tandem.control('POST', '/settings', { SALES: { unitGroupIsFixed: false } });
    await tandem.start();
    await tandem.firstSynchronization();
    person = new Person(tandem.sandboxUrl);
    tables = await mappedTables(tandem, person);
    edits = await chooseEdits(({ editedOn }) => editedOn, notEdited);
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('is edited in each of its directions, or named with the reason why nobody can edit it', () => {
    const all = tables.flatMap(({ fields }) =>
      fields.flatMap((field) => field.editedOn.map((side) => nameOf(field, side))),
    );
    const covered = [...edits.map(({ field, side }) => nameOf(field, side)), ...Object.keys(notEdited)];
    expect(covered.toSorted()).toEqual(all.toSorted());
    expect(Object.keys(neverBlank).filter((name) => !all.includes(name))).toEqual([]);
  });

  test('travels: an edit on one side is on the other after one run, in its own form', async () => {
    for (const { table, side, id, written } of edits)
      await person.update(side, table.table[side], id[side], written.payload);
    await runAll();
    expect(await notArrived(edits)).toEqual([]);
    expect(await notCoupled(edits)).toEqual([]);
  });

  test('travels as blank too, where a record may be without it', async () => {
    const blanked = edits
      .filter(({ field, side }) => neverBlank[nameOf(field, side)] === undefined)
      .map((edit) => ({ ...edit, written: blankValue(edit.field, edit.side) }));
    for (const { table, side, id, written } of blanked)
      await person.update(side, table.table[side], id[side], written.payload);
    await runAll();
    expect(await notArrived(blanked)).toEqual([]);
    expect(await notCoupled(blanked)).toEqual([]);
  });

  test('that goes one way gets the value of its source back when it is edited where it arrives', async () => {
    const destinationOf = ({ editedOn }: MappedField): readonly System[] =>
      editedOn.length === 1 ? [editedOn[0] === 'BUSINESS' ? 'SALES' : 'BUSINESS'] : [];
    const overwritten = await chooseEdits(destinationOf, notEditedAtDestination);
    const all = tables.flatMap(({ fields }) =>
      fields.flatMap((field) => destinationOf(field).map((side) => nameOf(field, side))),
    );
    const covered = [
      ...overwritten.map(({ field, side }) => nameOf(field, side)),
      ...Object.keys(notEditedAtDestination),
    ];
    expect(covered.toSorted()).toEqual(all.toSorted());
    for (const { table, side, id, written } of overwritten)
      await person.update(side, table.table[side], id[side], written.payload);
    await runAll();
    expect((await compareAll(tandem, person, tables)).differences).toEqual([]);
    expect(await notCoupled(overwritten)).toEqual([]);
  });

  test('that the other system refuses is listed with the refusal, and travels with the others once it is mended', async () => {
    const [pair] = await coupledPairs(tableOf('CUSTOMER'));
    if (pair === undefined) throw new Error('no customer is coupled');
    await person.update('SALES', 'accounts', pair.SALES, { name: null, telephone1: '+47 700 11 111' });
    await tandem.runOnce('CUSTOMER');
    expect(JSON.parse(await reason(tableOf('CUSTOMER'), pair))).toMatchObject([
      { state: 'FAILED', error: { class: 'VALIDATION', message: expect.stringContaining('displayName') } },
    ]);
    await person.update('SALES', 'accounts', pair.SALES, { name: 'Mended' });
    await tandem.runOnce('CUSTOMER');
    expect(await businessRow('CUSTOMER', pair.BUSINESS)).toMatchObject({
      displayName: 'Mended',
      phoneNumber: '+47 700 11 111',
    });
  });

  test('of a user travels when an administrator edits it', async () => {
    const [pair] = await coupledPairs(tableOf('SALESPEOPLE'));
    const values = { internalemailaddress: 'new.address@example.com', mobilephone: '+47 900 00 001' };
    await editAsAdministrator('SALES', 'systemusers', pair?.SALES, values);
    await tandem.runOnce('SALESPEOPLE');
    expect(await businessRow('SALESPEOPLE', pair?.BUSINESS)).toMatchObject({
      email: values.internalemailaddress,
      phoneNo: values.mobilephone,
    });
  });

  test('that is computed of other tables travels with the next change of its record: exchange rates, capacity', async () => {
    const [currency] = (await coupledPairs(tableOf('CURRENCY'))).toReversed();
    const { code } = await businessRow('CURRENCY', currency?.BUSINESS);
    const rates = (await person.rows('BUSINESS', 'currencyExchangeRates')).filter((rate) => rate.currencyCode === code);
    for (const { id } of rates)
      await editAsAdministrator('BUSINESS', 'currencyExchangeRates', id, {
        exchangeRateAmount: 100,
        relationalExchangeRateAmount: 80,
      });
    const [crew] = await coupledPairs(tableOf('RESOURCE-PRODUCT'));
    await editAsAdministrator('BUSINESS', 'resources', crew?.BUSINESS, { capacity: 321.5, unitCost: 7.75 });
    await runAll();
    expect(await salesRow('CURRENCY', currency?.SALES)).toMatchObject({ exchangerate: 1.25 });
    expect(await salesRow('RESOURCE-PRODUCT', crew?.SALES)).toMatchObject({
      quantityonhand: 321.5,
      standardcost: 7.75,
    });
  });

  test('of a renamed unit of measure gives its unit group the new name, and products stay in it', async () => {
    const [unit] = await coupledPairs(tableOf('UNITOFMEASURE'));
    const before = await products(unit?.SALES);
    await person.update('BUSINESS', 'unitsOfMeasure', String(unit?.BUSINESS), { code: 'RENAMED' });
    await runAll();
    expect(await salesRow('UNITOFMEASURE', unit?.SALES)).toMatchObject({ name: 'NAV RENAMED' });
    const units = (await person.rows('SALES', 'uoms')).filter((one) => one._uomscheduleid_value === unit?.SALES);
    expect(units.map(({ name }) => name)).toEqual(['RENAMED']);
    expect(await products(unit?.SALES)).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
    expect(await keptBySystem('UNITOFMEASURE', unit?.SALES)).toEqual(['baseuomname']);
  });

  test.each([
    { mapping: 'ITEM-PRODUCT', what: 'an item' },
    { mapping: 'RESOURCE-PRODUCT', what: 'a resource' },
  ])('of a product in $mapping that is retired blocks $what, which leaves the filter then', async ({ mapping }) => {
    const pair = (await coupledPairs(tableOf(mapping))).at(-1);
    await person.update('SALES', 'products', String(pair?.SALES), { statecode: 1, statuscode: 2 });
    await tandem.runOnce(mapping);
    expect(await businessRow(mapping, pair?.BUSINESS)).toMatchObject({ blocked: true });
    await tandem.runOnce(mapping);
    expect(JSON.parse(await reason(tableOf(mapping), pair ?? { BUSINESS: '', SALES: '' }))).toMatchObject([
      { state: 'SKIPPED', error: { code: 'OUTSIDE_FILTER' } },
    ]);
  });

  test('that Dataverse takes on creation only is listed with its reason when it changes: the code of a currency', async () => {
    const [currency] = await coupledPairs(tableOf('CURRENCY'));
    const { code } = await businessRow('CURRENCY', currency?.BUSINESS);
    await person.update('BUSINESS', 'currencies', String(currency?.BUSINESS), { code: 'XTS' });
    // Renaming a currency renames it in its exchange rates.
    const rates = (await person.rows('BUSINESS', 'currencyExchangeRates')).filter((rate) => rate.currencyCode === code);
    for (const { id } of rates)
      await editAsAdministrator('BUSINESS', 'currencyExchangeRates', id, { currencyCode: 'XTS' });
    await runAll();
    expect(await salesRow('CURRENCY', currency?.SALES)).toMatchObject({ isocurrencycode: code });
    expect(await keptBySystem('CURRENCY', currency?.SALES)).toEqual(['isocurrencycode']);
  });

  test('is not written again once it agrees', async () => {
    await runAll();
    await tandem.control('DELETE', '/requests');
    await runAll();
    expect(await tandem.writeRequests()).toBe(0);
  });

  test('agrees in all coupled pairs in the end', async () => {
    const { compared, differences } = await compareAll(tandem, person, tables);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(300);
  });

  function tableOf(name: string): MappedTable {
    const table = tables.find((one) => one.name === name);
    if (table === undefined) throw new Error(`there is no mapping ${name}`);
    return table;
  }

  const businessRow = async (mapping: string, id: string | undefined): Promise<Row> =>
    (await rowsOf(person, tableOf(mapping))).BUSINESS.get(id ?? '') ?? {};
  const salesRow = async (mapping: string, id: string | undefined): Promise<Row> =>
    (await rowsOf(person, tableOf(mapping))).SALES.get(id ?? '') ?? {};

  /** Ids of the products of a unit group. */
  const products = async (unitGroup: string | undefined): Promise<unknown[]> =>
    (await person.rows('SALES', 'products'))
      .filter((product) => product._defaultuomscheduleid_value === unitGroup)
      .map(({ productid }) => productid);

  /** Fields of a record that Dataverse does not change, as the product lists them. */
  async function keptBySystem(mapping: string, salesId: string | undefined): Promise<unknown[]> {
    const errors = await tandem.all(
      'synchJobErrors',
      'salesId error { class field }',
      `filter: { mapping: [${JSON.stringify(mapping)}], code: ["ALTERED_BY_SYSTEM"] }`,
    );
    return errors.filter((one) => one.salesId === salesId).map(({ error }) => error.field);
  }

  /** What a person does in the system itself, and its API does not offer. */
  const editAsAdministrator = (system: System, entitySet: string, id: unknown, values: Row) =>
    tandem.control('POST', '/edit', { system, entitySet, action: 'update', id, values });

  async function runAll(): Promise<void> {
    for (const code of jobs) await tandem.runOnce(code);
  }

  /** For each field and direction a pair of its own, as far as a table has that many. */
  async function chooseEdits(
    sidesOf: (field: MappedField) => readonly System[],
    except: Reasons,
  ): Promise<readonly Edit[]> {
    const surroundings = await look();
    const chosen: Edit[] = [];
    for (const table of tables) {
      const rows = await rowsOf(person, table);
      const pairs = await coupledPairs(table);
      const wanted = table.fields
        .flatMap((field) => sidesOf(field).map((side) => ({ field, side })))
        .filter(({ field, side }) => except[nameOf(field, side)] === undefined);
      for (const [index, { field, side }] of wanted.entries()) {
        const edit = firstPossible(pairs, index, (id) => {
          const taken = chosen.filter((one) => one.id.BUSINESS === id.BUSINESS);
          if (taken.some((one) => touchesSame(one.field, field))) return undefined;
          const row = rows[side].get(id[side]) ?? {};
          const written = newValue(field, side, row, chosen.length + 100, ([first]) => first, surroundings);
          return written === undefined ? undefined : { table, field, side, id, written };
        });
        if (edit !== undefined) chosen.push(edit);
      }
    }
    return chosen;
  }

  async function look(): Promise<Surroundings> {
    const [countries, vendors] = [
      await person.rows('BUSINESS', 'countriesRegions'),
      await person.rows('BUSINESS', 'vendors'),
    ];
    return {
      translation: await Translation.read(tandem, person),
      countries: countries.map(({ code }) => String(code)),
      vendors: vendors.map(({ number }) => String(number)),
      contacts: await rowsOf(person, tableOf('CONTACTS')),
    };
  }

  async function coupledPairs({ name }: MappedTable): Promise<readonly Readonly<Record<System, string>>[]> {
    const couplings = await tandem.all(
      'couplings',
      'businessId salesId',
      `filter: { mapping: [${JSON.stringify(name)}], state: [COUPLED] }`,
    );
    return couplings.map(({ businessId, salesId }) => ({ BUSINESS: businessId, SALES: salesId }));
  }

  /** Edits whose pair is on the list of what is not in step. */
  async function notCoupled(made: readonly Edit[]): Promise<string[]> {
    const coupled = new Set<string>();
    for (const table of tables) for (const { BUSINESS } of await coupledPairs(table)) coupled.add(BUSINESS);
    return Promise.all(
      made
        .filter(({ id }) => !coupled.has(id.BUSINESS))
        .map(async ({ table, field, side, id }) => `${nameOf(field, side)}: ${await reason(table, id)}`),
    );
  }

  /** What did not come through as it should, in words. */
  async function notArrived(made: readonly Edit[]): Promise<string[]> {
    const translation = await Translation.read(tandem, person);
    const problems: string[] = [];
    for (const table of tables) {
      const rows = await rowsOf(person, table);
      for (const { field, side, id, written } of made.filter((one) => one.table === table)) {
        const other = side === 'BUSINESS' ? 'SALES' : 'BUSINESS';
        const [own, target] = [field[side], field[other]];
        if (own === null || target === null) throw new Error(`${nameOf(field, side)} is a constant`);
        const kept = translation.shown(field, side, raw(own, side, rows[side].get(id[side]) ?? {}));
        const sent = translation.shown(field, side, written.value);
        if (kept !== sent) problems.push(`${nameOf(field, side)}: ${sent} was entered, and ${kept} stands there`);
        const arrived = translation.shown(field, other, raw(target, other, rows[other].get(id[other]) ?? {}));
        const expected = translation.expected(field, other, written.value);
        if (expected !== undefined && arrived !== expected)
          problems.push(
            `${nameOf(field, side)}: ${JSON.stringify(expected)} expected on the other side, and ${JSON.stringify(arrived)} stands there; ${await reason(table, id)}`,
          );
      }
    }
    return problems;
  }

  async function reason({ name }: MappedTable, { BUSINESS }: Readonly<Record<System, string>>): Promise<string> {
    const couplings = await tandem.all(
      'couplings',
      'title state error { class code field message }',
      `filter: { mapping: [${JSON.stringify(name)}], businessId: "${BUSINESS}" }`,
    );
    return JSON.stringify(couplings);
  }
});

/** Two edits of one pair must not meet in a field of either side. */
const touchesSame = (a: MappedField, b: MappedField): boolean =>
  a.field === b.field || a.integrationField === b.integrationField;

function firstPossible<T, R>(from: readonly T[], start: number, look: (one: T) => R | undefined): R | undefined {
  for (let index = 0; index < from.length; index += 1) {
    const one = from[(start + index) % from.length];
    const found = one === undefined ? undefined : look(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
