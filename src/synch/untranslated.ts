import type { AwaitedReference } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import { ValueError } from './convert-value.js';
import { type References, UncoupledReferenceError } from './references.js';
import type { Side } from './synch-error.js';

/** The value for the other side, or blank for a reference that may be blank until its record is coupled. */
export function translateOrClear(
  field: CompiledField,
  into: Side,
  source: FieldValue,
  references: References,
): { readonly value: FieldValue; readonly cleared: AwaitedReference | null } {
  try {
    return { value: field.translateTo(into, source, references), cleared: null };
  } catch (error) {
    if (error instanceof UncoupledReferenceError && error.clears) return { value: null, cleared: error.reference };
    throw error;
  }
}

/** False for a reference whose record the other side does not know yet. */
export const isTranslatable = (field: CompiledField, into: Side, source: FieldValue, references: References): boolean =>
  untranslatedInto(field, into, source, references) === null;

/** The references of a field, in the directions in which it is written, whose records are not coupled. */
export const untranslatedOf = (
  field: CompiledField,
  business: FieldValue,
  sales: FieldValue,
  references: References,
): AwaitedReference[] =>
  field.lookup === null
    ? []
    : (['SALES', 'BUSINESS'] as const).flatMap((into) =>
        (into === 'SALES' ? field.toSales : field.toBusiness)
          ? (untranslatedInto(field, into, into === 'SALES' ? business : sales, references) ?? [])
          : [],
      );

function untranslatedInto(
  field: CompiledField,
  into: Side,
  source: FieldValue,
  references: References,
): AwaitedReference | null {
  if (field.lookup === null) return null;
  try {
    field.translateTo(into, source, references);
    return null;
  } catch (error) {
    if (error instanceof UncoupledReferenceError) return error.reference;
    // A choice that there is not waits for nothing; it is told where it would be written.
    if (error instanceof ValueError) return null;
    throw error;
  }
}
