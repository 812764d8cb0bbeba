import { type FieldOfSystem, jobs, type MappedField, optionMappings, priceJobs } from './mapped-fields.js';
import type { Person, System } from './person.js';
import type { Row, Tandem } from './tandem.js';

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** Ids that belong together, by mapping and side. */
type Pairs = ReadonlyMap<string, string>;

/** A value as both systems can hold it: text, or null for blank. */
export type Comparable = string | null;

/**
 * What the value of one system is in the other one, worked out from both systems' own rules and the couplings: the length
 * of texts, codes in capitals, decimals, choices, and references through what their records are coupled with.
 */
export class Translation {
  private constructor(
    private readonly toSales: Pairs,
    private readonly toBusiness: Pairs,
    /** As `mapping id`, of both sides, the records whose coupling has nothing to complain of. */
    private readonly inStep: ReadonlySet<string>,
    private readonly baseUnits: ReadonlyMap<string, string>,
    readonly localCurrency: string,
  ) {}

  static async read(tandem: Tandem, person: Person): Promise<Translation> {
    const couplings = await tandem.all(
      'couplings',
      'mapping { name } businessId salesId state',
      `filter: { mapping: ${JSON.stringify([...jobs, ...priceJobs, ...optionMappings])} }`,
    );
    // Of a broken pair one record is gone, and nothing can refer to it.
    const complete = couplings.filter(
      ({ businessId, salesId, state }) => businessId !== null && salesId !== null && state !== 'BROKEN',
    );
    const units = await person.rows('SALES', 'uoms');
    const [organization] = await person.rows('SALES', 'organizations');
    return new Translation(
      new Map(complete.map(({ mapping, businessId, salesId }) => [`${mapping.name} ${businessId}`, salesId])),
      new Map(complete.map(({ mapping, businessId, salesId }) => [`${mapping.name} ${salesId}`, businessId])),
      new Set(
        complete
          .filter(({ state }) => state === 'COUPLED')
          .flatMap(({ mapping, businessId, salesId }) => [
            `${mapping.name} ${businessId}`,
            `${mapping.name} ${salesId}`,
          ]),
      ),
      new Map(
        units
          .filter(({ isschedulebaseuom }) => isschedulebaseuom === true)
          .map((unit) => [String(unit._uomscheduleid_value), String(unit.uomid)]),
      ),
      String(organization?._basecurrencyid_value),
    );
  }

  /** Ids of a side that are coupled through a mapping and in step. */
  coupled(mapping: string, side: System): readonly string[] {
    const pairs = side === 'BUSINESS' ? this.toSales : this.toBusiness;
    return [...pairs.keys()]
      .filter((key) => key.startsWith(`${mapping} `) && this.inStep.has(key))
      .map((key) => key.slice(mapping.length + 1));
  }

  /** The unit in which the units of a group are measured. */
  baseUnitOf(unitGroup: string): string | null {
    return this.baseUnits.get(unitGroup) ?? null;
  }

  /** The value of the other side's record for this value; undefined where any value is right. */
  expected(field: MappedField, into: System, value: unknown): Comparable | undefined {
    const from = into === 'SALES' ? field.BUSINESS : field.SALES;
    const own = field[into];
    const source = from === null ? field.constantValue : value;
    if (field.notNull && identity(source) === null) return undefined;
    // Dataverse takes no blank symbol: it keeps the one it has, or gets the sign for any currency.
    if (own?.name === 'currencysymbol' && identity(source) === null) return undefined;
    if (field.optionMap.length > 0) {
      const other = paired(field, into, source);
      return field.notNull && other === '' ? undefined : other;
    }
    if (field.lookup === null) return comparable(transformed(field, into, source), from, own);
    const id = identity(source);
    return this.translated(field, into, id);
  }

  private translated(field: MappedField, into: System, id: string | null): Comparable {
    const lookup = field.lookup ?? '';
    // Blank in the business system means the local currency, and blank in Dataverse the base currency: the same one.
    if (lookup === 'CURRENCY' && id === null) return into === 'SALES' ? this.localCurrency : null;
    if (lookup === 'CURRENCY' && into === 'BUSINESS' && id === this.localCurrency) return null;
    if (id === null) return null;
    const other = (into === 'SALES' ? this.toSales : this.toBusiness).get(`${lookup} ${id}`) ?? null;
    return field.SALES?.target === 'uoms' && other !== null ? (this.baseUnits.get(other) ?? null) : other;
  }

  /** Why the two rows of a pair differ in this field; null when they agree. */
  difference(field: MappedField, business: Row, sales: Row): string | null {
    const [source, into]: [System, System] = field.editedOn.includes('BUSINESS')
      ? ['BUSINESS', 'SALES']
      : ['SALES', 'BUSINESS'];
    const rows = { BUSINESS: business, SALES: sales };
    const value = field[source] === null ? null : raw(field[source], source, rows[source]);
    const other = raw(field[into] ?? nothing, into, rows[into]);
    const expected = this.expected(field, into, value);
    const shown = this.shown(field, into, other);
    if (expected === undefined || expected === shown || this.mayRest(field, value, other)) return null;
    return `${field.field || 'constant'} = ${JSON.stringify(value)}, ${field.integrationField || 'constant'} = ${JSON.stringify(other)}`;
  }

  /** A reference that may be blank until its record is coupled is left alone on the other side. */
  private mayRest(field: MappedField, business: unknown, sales: unknown): boolean {
    if (!field.clearValueOnFailedSynch) return false;
    const [b, s] = [identity(business), identity(sales)];
    const unknownToSales = b !== null && !this.toSales.has(`${field.lookup} ${b}`);
    const unknownToBusiness = s !== null && !this.toBusiness.has(`${field.lookup} ${s}`);
    return unknownToSales || unknownToBusiness;
  }

  /** A value of a side in the form in which `expected` tells it. */
  shown(field: MappedField, side: System, value: unknown): Comparable {
    if (field.lookup === 'CURRENCY' && side === 'SALES') return identity(value) ?? this.localCurrency;
    if (field.lookup !== null) return identity(value);
    if (field.optionMap.length > 0) return plain(value);
    return comparable(value, field[side], field[side === 'SALES' ? 'BUSINESS' : 'SALES']);
  }
}

const nothing: FieldOfSystem = { name: '', type: 'TEXT', maxLength: null, target: null, decimals: null };

/** The value of a field in a row as its system shows it. */
export const raw = (field: FieldOfSystem, system: System, row: Row): unknown =>
  system === 'SALES' && field.type === 'REFERENCE' ? row[`_${field.name}_value`] : row[field.name];

function transformed(field: MappedField, into: System, value: unknown): unknown {
  if (into !== 'SALES') return value;
  return field.transformations.reduce<unknown>((before, code) => {
    if (code === 'UNITGROUPNAME') return `NAV ${String(before)}`;
    if (code === 'NOTNEGATIVE') return Math.max(0, Number(before));
    throw new Error(`the tests do not know the transformation ${code}`);
  }, value);
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The value that an option map has for this one; undefined for one that it does not know. */
function paired({ optionMap }: MappedField, into: System, value: unknown): Comparable | undefined {
  return into === 'SALES'
    ? optionMap.find((pair) => pair.value === plain(value))?.integrationValue
    : optionMap.find((pair) => pair.integrationValue === plain(value))?.value;
}

const isNumber = (field: FieldOfSystem | null): boolean => field?.type === 'DECIMAL' || field?.type === 'INTEGER';

function comparable(value: unknown, a: FieldOfSystem | null, b: FieldOfSystem | null): Comparable {
  if (value === null || value === undefined || value === '' || value === '_x0020_') return null;
  if (isNumber(a) && isNumber(b)) return Number(value).toFixed(a?.decimals ?? b?.decimals ?? 0);
  const length = Math.min(a?.maxLength ?? Infinity, b?.maxLength ?? Infinity);
  const whole = typeof value === 'string' ? value : JSON.stringify(value);
  const text = whole.slice(0, length).trimEnd();
  const isCode = a?.type === 'CODE' || b?.type === 'CODE';
  return (isCode ? whole.trim().toUpperCase() : text) || null;
}

/** An id, or a choice; blank in either system's form is null. */
function identity(value: unknown): string | null {
  if (value === null || value === undefined || value === '' || value === ZERO_GUID) return null;
  return (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase();
}
