import { createHash } from 'node:crypto';
import type { FieldBase } from '../coupling/coupling.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import type { Side } from './synch-error.js';

/** Longer texts are kept in a base as hash, length and beginning: a coupling with many memos stays small. */
const LONGEST_BASE_CHARACTERS = 1_000;
const KEPT_CHARACTERS = 100;

/** The form in which a value is kept in a base; equal values have equal forms. */
export function toBaseValue(value: FieldValue): FieldValue {
  if (typeof value !== 'string' || value.length <= LONGEST_BASE_CHARACTERS) return value;
  const hash = createHash('sha256').update(value).digest('base64url');
  return `\u0000${hash}:${value.length}:${value.slice(0, KEPT_CHARACTERS)}`;
}

/** What people see of a value in a base: of a long text its beginning. */
export function shownBaseValue(value: FieldValue): FieldValue {
  if (typeof value !== 'string' || !value.startsWith('\u0000')) return value;
  const beginning = value.slice(value.indexOf(':', value.indexOf(':') + 1) + 1);
  return `${beginning}\u2026`;
}

export const makeBase = (
  pair: { readonly field: string; readonly integrationField: string; readonly meaning: string },
  business: FieldValue,
  sales: FieldValue,
): FieldBase => ({
  field: pair.field,
  integrationField: pair.integrationField,
  business: toBaseValue(business),
  sales: toBaseValue(sales),
  meaning: pair.meaning,
});

/** The base of a field pair, unless the pair has come to mean something else since. */
export const findBase = (
  bases: readonly FieldBase[],
  pair: { readonly field: string; readonly integrationField: string; readonly meaning: string },
): FieldBase | undefined =>
  bases.find(
    (base) =>
      base.field === pair.field && base.integrationField === pair.integrationField && base.meaning === pair.meaning,
  );

/** The value of a side that a field pair last agreed on; null without a base. */
export function agreedOn(
  bases: readonly FieldBase[],
  pair: { readonly field: string; readonly integrationField: string; readonly meaning: string },
  side: Side,
): FieldValue {
  const base = findBase(bases, pair);
  return (side === 'BUSINESS' ? base?.business : base?.sales) ?? null;
}

/** True when every mapped field of this side has its base's value: at this version there is nothing to do. */
export function isClean(
  fields: readonly CompiledField[],
  bases: readonly FieldBase[],
  side: Side,
  values: FieldValues,
): boolean {
  return fields.every((field) => {
    const base = findBase(bases, field);
    if (base === undefined) return false;
    return side === 'BUSINESS'
      ? field.field === '' || toBaseValue(values[field.field] ?? null) === base.business
      : field.integrationField === '' || toBaseValue(values[field.integrationField] ?? null) === base.sales;
  });
}
