import type { FieldMetadata, FieldValue } from '../../mapping/field-value.js';
import type { NavService } from './metadata.js';

/*
 * A record of NAV has no id but its primary key. The id of a record is the key's value as it is, so that the code in a
 * field of another table is the id of the record that it names; the parts of a composite key are percent-encoded and
 * joined by commas.
 */

/** The id of a record with these values of its key. */
export function idOfKey(values: readonly FieldValue[]): string {
  const [only, ...others] = values;
  return others.length === 0
    ? String(only ?? '')
    : values.map((value) => encodeURIComponent(String(value ?? ''))).join(',');
}

/** The text of each part of the key; null for an id that no record of the service can have. */
export function partsOfId({ key }: Pick<NavService, 'key'>, id: string): readonly string[] | null {
  const parts = key.length === 1 ? [id] : decoded(id);
  if (parts === null || parts.length !== key.length) return null;
  const fits = key.every((field, index) => fitsInto(field, parts[index] ?? ''));
  return fits ? parts : null;
}

function decoded(id: string): readonly string[] | null {
  try {
    return id.split(',').map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** A longer code than the field holds names nothing, and servers answer it in their own ways. */
function fitsInto({ type, maxLength }: FieldMetadata, text: string): boolean {
  if (type === 'DECIMAL' || type === 'INTEGER') return /^-?\d+(?:\.\d+)?$/.test(text);
  if (type === 'DATE') return text === '' || /^\d{4}-\d{2}-\d{2}$/.test(text);
  return maxLength === null || text.length <= maxLength;
}

const NO_DATE = '0001-01-01';

/**
 * The key as it stands in parentheses in an address: `'10000'`, or `Item_No='1000',Code='PCS'`. Quotes are doubled, and
 * everything that has a meaning in an address is percent-encoded.
 */
export function keyInAddress({ key }: Pick<NavService, 'key'>, parts: readonly string[]): string {
  const literals = key.map((field, index) => literalOf(field, parts[index] ?? ''));
  const [only, ...others] = literals;
  if (only !== undefined && others.length === 0) return only;
  return key.map(({ name }, index) => `${name}=${literals[index]}`).join(',');
}

function literalOf({ type }: FieldMetadata, text: string): string {
  switch (type) {
    case 'DATE':
      return text === '' ? NO_DATE : text;
    case 'DECIMAL':
    case 'INTEGER':
    case 'BOOLEAN':
    case 'GUID':
      return text;
    case 'OPTION':
      return quoted(text === '' ? ' ' : text);
    default:
      return quoted(text);
  }
}

const quoted = (text: string): string => `'${encodeURIComponent(text.replaceAll("'", "''"))}'`;
