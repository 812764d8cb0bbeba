import { rowsOf } from './agreement-of-mappings.js';
import { type NewValue, newValue, type Surroundings } from './edits.js';
import { jobs, type MappedField, type MappedTable, mappedTables } from './mapped-fields.js';
import { Person, type System } from './person.js';
import { type Row, Tandem } from './tandem.js';
import { raw, Translation } from './translation.js';

/** Fields with the reason why something does not hold of them, by the name of the field and the side. */
export type Reasons = Readonly<Record<string, string>>;

/** Ids of two coupled records. */
export type Pair = Readonly<Record<System, string>>;

/** A field of one pair that a person edits on one side. */
export interface Edit {
  readonly table: MappedTable;
  readonly field: MappedField;
  readonly side: System;
  readonly id: Pair;
  readonly written: NewValue;
}

export const nameOf = (field: MappedField, side: System): string =>
  `${field.mapping} ${field.field} - ${field.integrationField} on ${side}`;

/** A service after its first synchronization, whose mapped fields people edit through both systems' APIs. */
export class FieldEdits implements AsyncDisposable {
  private constructor(
    readonly tandem: Tandem,
    readonly person: Person,
    readonly tables: readonly MappedTable[],
  ) {}

  static async open(): Promise<FieldEdits> {
    const tandem = await Tandem.open();
    // A company that may give published products another unit group.
    await tandem.control('POST', '/settings', { SALES: { unitGroupIsFixed: false } });
    await tandem.start();
    await tandem.firstSynchronization();
    const person = new Person(tandem.sandboxUrl);
    return new FieldEdits(tandem, person, await mappedTables(tandem, person));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.tandem[Symbol.asyncDispose]();
  }

  tableOf(name: string): MappedTable {
    const table = this.tables.find((one) => one.name === name);
    if (table === undefined) throw new Error(`there is no mapping ${name}`);
    return table;
  }

  /** Enters the values of edits, each by the API of its system. */
  async enter(edits: readonly Edit[]): Promise<void> {
    for (const { table, side, id, written } of edits)
      await this.person.update(side, table.table[side], id[side], written.payload);
  }

  async runAll(): Promise<void> {
    for (const code of jobs) await this.tandem.runOnce(code);
  }

  async row(mapping: string, side: System, id: string | undefined): Promise<Row> {
    return (await rowsOf(this.person, this.tableOf(mapping)))[side].get(id ?? '') ?? {};
  }

  async pairs(mapping: string): Promise<readonly Pair[]> {
    const couplings = await this.tandem.all(
      'couplings',
      'businessId salesId',
      `filter: { mapping: [${JSON.stringify(mapping)}], state: [COUPLED] }`,
    );
    return couplings.map(({ businessId, salesId }) => ({ BUSINESS: businessId, SALES: salesId }));
  }

  /** What the product says of a pair. */
  async stateOf(mapping: string, { BUSINESS }: Pair): Promise<Record<string, any>[]> {
    return this.tandem.all(
      'couplings',
      'title state error { class code field message }',
      `filter: { mapping: [${JSON.stringify(mapping)}], businessId: "${BUSINESS}" }`,
    );
  }

  /** What a person does in the system itself, and its API does not offer. */
  editAsAdministrator(system: System, entitySet: string, id: unknown, values: Row): Promise<unknown> {
    return this.tandem.control('POST', '/edit', { system, entitySet, action: 'update', id, values });
  }

  /** For each field and direction a pair of its own, as far as a table has that many. */
  async choose(sidesOf: (field: MappedField) => readonly System[], except: Reasons): Promise<readonly Edit[]> {
    const surroundings = await this.look();
    const chosen: Edit[] = [];
    for (const table of this.tables) {
      const rows = await rowsOf(this.person, table);
      const pairs = await this.pairs(table.name);
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

  private async look(): Promise<Surroundings> {
    const [countries, vendors] = [
      await this.person.rows('BUSINESS', 'countriesRegions'),
      await this.person.rows('BUSINESS', 'vendors'),
    ];
    return {
      translation: await Translation.read(this.tandem, this.person),
      countries: countries.map(({ code }) => String(code)),
      vendors: vendors.map(({ number }) => String(number)),
      contacts: await rowsOf(this.person, this.tableOf('CONTACTS')),
    };
  }

  /** Edits whose pair is on the list of what is not in step. */
  async notCoupled(made: readonly Edit[]): Promise<string[]> {
    const coupled = new Set<string>();
    for (const table of this.tables) for (const { BUSINESS } of await this.pairs(table.name)) coupled.add(BUSINESS);
    return Promise.all(
      made
        .filter(({ id }) => !coupled.has(id.BUSINESS))
        .map(async ({ table, field, side, id }) => `${nameOf(field, side)}: ${await this.reason(table, id)}`),
    );
  }

  /** What did not come through as it should, in words. */
  async notArrived(made: readonly Edit[]): Promise<string[]> {
    const translation = await Translation.read(this.tandem, this.person);
    const problems: string[] = [];
    for (const table of this.tables) {
      const rows = await rowsOf(this.person, table);
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
            `${nameOf(field, side)}: ${JSON.stringify(expected)} expected on the other side, and ${JSON.stringify(arrived)} stands there; ${await this.reason(table, id)}`,
          );
      }
    }
    return problems;
  }

  private async reason({ name }: MappedTable, id: Pair): Promise<string> {
    return JSON.stringify(await this.stateOf(name, id));
  }
}

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
