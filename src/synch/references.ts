import type { AwaitedReference } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import { ValueError } from './convert-value.js';
import type { Side } from './synch-error.js';

/**
 * The couplings that translate the references of some records, looked up before they are planned: planning itself asks
 * nobody.
 */
export interface References {
  /** Id of the Dataverse record that a business record is coupled with through a mapping; null when it is not coupled. */
  salesIdOf(mappingName: string, businessId: string, target: string | null): string | null;
  businessIdOf(mappingName: string, salesId: string): string | null;
  /** Id of the transaction currency that a blank currency of the business system means; null when no lookup asks for it. */
  readonly localCurrency: string | null;
}

export const noReferences: References = { salesIdOf: () => null, businessIdOf: () => null, localCurrency: null };

/** A reference that cannot be translated because its record is not coupled. */
export class UncoupledReferenceError extends Error {
  override readonly name = 'UncoupledReferenceError';
  constructor(
    readonly reference: AwaitedReference,
    /** Blank is written instead, and the reference later. */
    readonly clears: boolean,
  ) {
    super(`${reference.field} refers to a record that is not coupled through ${reference.mappingName} yet`);
  }
}

/** How a field's reference is translated. */
export interface CompiledLookup {
  readonly mappingName: string;
  /** Couplings of an OPTION mapping are of a code and a choice; a code without one becomes blank, and nothing waits. */
  readonly isOption: boolean;
  /** Choices that the Dataverse column has, as it tells them. */
  readonly choices: ReadonlySet<string>;
  /** Entity set that the Dataverse column points to, where it is not the one of the mapping. */
  readonly target: string | null;
  /** Blank in the business system means its local currency. */
  readonly blankIsLocalCurrency: boolean;
  readonly clearsValue: boolean;
  readonly notNull: boolean;
  readonly field: string;
  readonly integrationField: string;
}

/** The reference as the other side knows it. Throws {@link UncoupledReferenceError}, and ValueError for a choice that there is not. */
export function translateReference(
  lookup: CompiledLookup,
  into: Side,
  value: FieldValue,
  references: References,
): FieldValue {
  if (value === null) return into === 'SALES' && lookup.blankIsLocalCurrency ? references.localCurrency : null;
  const id = String(value);
  if (into === 'BUSINESS' && lookup.blankIsLocalCurrency && id === references.localCurrency) return null;
  const translated =
    into === 'SALES'
      ? references.salesIdOf(lookup.mappingName, id, lookup.target)
      : references.businessIdOf(lookup.mappingName, id);
  if (lookup.isOption && translated === null && into === 'BUSINESS' && !lookup.choices.has(id))
    throw new ValueError(
      'UNKNOWN_OPTION',
      lookup.integrationField,
      `${lookup.integrationField} has the choice ${id}, which neither Dataverse lists nor ${lookup.mappingName} couples: choose another one, or couple it with a code`,
    );
  if (translated !== null || lookup.isOption) return translated;
  const [field, side]: [string, Side] =
    into === 'SALES' ? [lookup.field, 'BUSINESS'] : [lookup.integrationField, 'SALES'];
  throw new UncoupledReferenceError({ field, mappingName: lookup.mappingName, side, recordId: id }, lookup.clearsValue);
}

/** The ways in which a field is written. */
export interface Directions {
  readonly toSales: boolean;
  readonly toBusiness: boolean;
}

/**
 * True when writing the reference, in one of the ways in which it is written, would change nothing: both sides refer to coupled
 * records, or one says nothing that the other could. Blank on both sides agrees although each has another meaning of it: blank
 * in the business system is its local currency, blank in Dataverse is no currency.
 */
export function referencesAgree(
  lookup: CompiledLookup,
  { toSales, toBusiness }: Directions,
  { business, sales }: { readonly business: FieldValue; readonly sales: FieldValue },
  references: References,
): boolean {
  if (business === null && lookup.notNull) return true;
  const becomes = (into: Side, value: FieldValue, shown: FieldValue): boolean =>
    isTranslatedTo(lookup, into, value, shown, references);
  if (toBusiness && becomes('BUSINESS', sales, business)) return true;
  return (toSales || !toBusiness) && becomes('SALES', business, sales);
}

function isTranslatedTo(
  lookup: CompiledLookup,
  into: Side,
  value: FieldValue,
  shown: FieldValue,
  references: References,
): boolean {
  try {
    return translateReference(lookup, into, value, references) === shown;
  } catch (error) {
    if (error instanceof UncoupledReferenceError || error instanceof ValueError) return false;
    throw error;
  }
}
