import type { FieldOfSystem, MappedField } from './mapped-fields.js';
import type { System } from './person.js';
import type { Row } from './tandem.js';
import { raw, type Translation } from './translation.js';

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** What a person needs to know of the rest of both systems to think of a value. */
export interface Surroundings {
  readonly translation: Translation;
  /** Codes that a country, and a vendor, may have. */
  readonly countries: readonly string[];
  readonly vendors: readonly string[];
  /** Contacts by id, to know whom a customer may have as its primary contact. */
  readonly contacts: Readonly<Record<System, ReadonlyMap<string, Row>>>;
}

/** Chooses one of several. */
export type Choose = <T>(from: readonly T[]) => T | undefined;

/** A value to be written: as it is read afterwards, and as a request carries it. */
export interface NewValue {
  readonly value: unknown;
  readonly payload: Row;
}

/** Another value for a field of a row than the one that it has; undefined when there is none to choose. */
export function newValue(
  field: MappedField,
  system: System,
  row: Row,
  unique: number,
  choose: Choose,
  surroundings: Surroundings,
): NewValue | undefined {
  const own = field[system];
  if (own === null) return undefined;
  const before = raw(own, system, row);
  if (field.lookup !== null) {
    const other = choose(targetsOf(field, system, row, surroundings).filter((id) => id !== before));
    return other === undefined ? undefined : reference(own, system, other, field, surroundings);
  }
  const value = plainValue(field, system, own, before, unique, choose, surroundings);
  return value === undefined ? undefined : { value, payload: { [own.name]: value } };
}

/** Blank in the form of a system. */
export function blankValue(field: MappedField, system: System): NewValue {
  const own = field[system];
  if (own === null) throw new Error('a constant cannot be blank');
  if (system === 'SALES')
    return own.type === 'REFERENCE'
      ? { value: null, payload: { [`${navigation(own)}@odata.bind`]: null } }
      : { value: null, payload: { [own.name]: null } };
  const value = own.type === 'DECIMAL' ? 0 : field.lookup === null ? '' : ZERO_GUID;
  return { value, payload: { [own.name]: value } };
}

function reference(
  own: FieldOfSystem,
  system: System,
  id: string,
  field: MappedField,
  { translation }: Surroundings,
): NewValue {
  if (system === 'BUSINESS') return { value: id, payload: { [own.name]: id } };
  if (own.type === 'OPTION') return { value: Number(id), payload: { [own.name]: Number(id) } };
  // Who sells in another unit group says in which of its units.
  const unit = own.target === 'uomschedules' ? translation.baseUnitOf(id) : null;
  return {
    value: id,
    payload: {
      [`${navigation(own)}@odata.bind`]: `/${own.target}(${id})`,
      ...(unit === null ? {} : { 'defaultuomid@odata.bind': `/uoms(${unit})` }),
    },
  };
}

const navigation = ({ name }: FieldOfSystem): string =>
  name === 'parentcustomerid' ? 'parentcustomerid_account' : name;

/** Ids that a reference may point to. */
function targetsOf(
  field: MappedField,
  system: System,
  row: Row,
  { translation, contacts }: Surroundings,
): readonly string[] {
  const coupled = translation.coupled(field.lookup ?? '', system);
  // Another unit of a product's group would have to be made first.
  if (system === 'SALES' && field.SALES?.target === 'uoms') return [];
  if (field.lookup !== 'CONTACTS') return coupled;
  // Business Central takes a contact of the customer's own company alone.
  return system === 'BUSINESS'
    ? coupled.filter((id) => contacts.BUSINESS.get(id)?.customerId === row.id)
    : coupled.filter((id) => contacts.SALES.get(id)?._parentcustomerid_value === row.accountid);
}

function plainValue(
  field: MappedField,
  system: System,
  own: FieldOfSystem,
  before: unknown,
  unique: number,
  choose: Choose,
  { countries, vendors }: Surroundings,
): unknown {
  if (own.type === 'DECIMAL') return (unique % 900) + 10.25;
  if (own.type === 'INTEGER') return (unique % 900) + 10;
  if (field.field === 'country') return choose(countries.filter((code) => code !== before));
  if (field.field === 'vendorNumber') return choose(vendors.filter((code) => code !== before));
  if (field.BUSINESS?.type === 'CODE') {
    const length = Math.min(own.maxLength ?? 20, field.BUSINESS.maxLength ?? 20);
    const code = `${system === 'SALES' ? 'ab' : 'AB'}${unique}`.slice(0, length);
    return code;
  }
  return longText(field, own, unique);
}

/** As long as its own system allows, up to a hundred characters, so that the other one may have to cut it. */
function longText(field: MappedField, own: FieldOfSystem, unique: number): string {
  const length = Math.min(own.maxLength ?? 100, 170);
  if (field.field === 'email') return `${`person.${unique}@`.padEnd(Math.min(length, 60) - 8, 'example')}.test.no`;
  return `${unique} ${own.name} Ærø `.padEnd(length, 'abcdefgh ').slice(0, length).trimEnd();
}
