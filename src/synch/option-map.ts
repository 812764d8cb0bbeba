import type { FieldValue } from '../mapping/field-value.js';
import { ValueError } from './convert-value.js';

/** Throws ValueError for a value that an option map does not know; blank stays blank, and what it makes blank is. */
export function throughOptions(value: FieldValue, options: ReadonlyMap<string, string>, field: string): FieldValue {
  if (value === null || options.size === 0) return value;
  const translated = options.get(String(value));
  if (translated === undefined) {
    throw new ValueError(
      'UNKNOWN_OPTION',
      field,
      `the option map of ${field} has no pair for "${value}": add one, or change the value`,
    );
  }
  return translated === '' ? null : translated;
}

/** Blank for blank, and for what the map makes blank; undefined for a value that it does not know, which agrees with nothing. */
export const throughMap = (value: FieldValue, options: ReadonlyMap<string, string>): string | null | undefined =>
  value === null || options.get(String(value)) === '' ? null : options.get(String(value));
