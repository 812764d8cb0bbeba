import type { FieldBase } from '../coupling/coupling.js';
import { decidedSource } from '../coupling/coupling-filter.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import { winnerOf } from './conflict-winner.js';
import { toBaseValue } from './field-base.js';
import type { FieldValuesOfPair } from './pair-values.js';
import type { PairInput } from './plan-pair.js';
import type { References } from './references.js';
import { otherSide, type Side } from './synch-error.js';
import { isTranslatable, untranslatedOf } from './untranslated.js';

/** What becomes of one field: it stays, both sides agree by now, nobody can decide, or it is written to a side. */
export type Decision =
  | 'KEEP'
  | 'AGREED'
  | 'CONFLICT'
  | { readonly cleared: Side }
  | { readonly write: Side; readonly why: string };

/** Decides one field, three-way: what each side shows, against what it showed when both last agreed. */
export function decideField(
  field: CompiledField,
  { base, business, sales }: FieldValuesOfPair,
  input: PairInput,
): Decision {
  const businessChanged = base === undefined || toBaseValue(business) !== base.business;
  const salesChanged = base === undefined || toBaseValue(sales) !== base.sales;
  const decided = decideByPerson(field, business, sales, input);
  if (decided !== null) return decided;
  if (!businessChanged && !salesChanged) return decideUnchanged(field, base, business, sales, input);
  if (field.agree(business, sales, input.references)) return 'AGREED';
  // What a column that takes no blank has stays, as long as the business system has never said anything.
  if (base === undefined && business === null && field.standsInForBlank) return 'AGREED';
  if (!field.toSales && !field.toBusiness) return 'KEEP';
  if (!field.toBusiness) return { write: 'SALES', why: oneWayReason('business', businessChanged) };
  if (!field.toSales) return { write: 'BUSINESS', why: oneWayReason('sales', salesChanged) };
  const salesIsLate = isLate(input.late?.SALES, field.integrationField, sales);
  const businessIsLate = isLate(input.late?.BUSINESS, field.field, business);
  if (!salesChanged || salesIsLate) return { write: 'SALES', why: 'changed in the business system' };
  if (!businessChanged || businessIsLate) return { write: 'BUSINESS', why: 'changed in Dataverse' };
  const blank = blankCounterpart(field, business, sales, input.references);
  if (base === undefined && blank !== null) return { cleared: blank };
  // Two references of which one says nothing on the other side yet: whether they differ is seen once both are coupled.
  if (field.lookup?.clearsValue === true && untranslatedOf(field, business, sales, input.references).length > 0)
    return 'KEEP';
  return decideConflict(field, input);
}

/** The side that a person wants to keep is written to the other one, where the field may be written there. */
function decideByPerson(
  field: CompiledField,
  business: FieldValue,
  sales: FieldValue,
  { decision = null, references }: PairInput,
): Decision | null {
  const source = decidedSource(decision, field);
  if (source === null || !(source === 'BUSINESS' ? field.toSales : field.toBusiness)) return null;
  if (field.agree(business, sales, references)) return null;
  const kept = source === 'BUSINESS' ? 'the business system' : 'Dataverse';
  return { write: otherSide(source), why: `a person decided to keep the value of ${kept}` };
}

/** A reference that was written blank is written once it can be translated; everything else stays. */
function decideUnchanged(
  field: CompiledField,
  base: FieldBase | undefined,
  business: FieldValue,
  sales: FieldValue,
  { references }: PairInput,
): Decision {
  if (base?.cleared === undefined) return 'KEEP';
  const source = base.cleared === 'SALES' ? business : sales;
  return isTranslatable(field, base.cleared, source, references)
    ? { write: base.cleared, why: 'the record referred to is coupled by now' }
    : 'KEEP';
}

/** The side that is blank while the other one refers to a record that is not coupled yet, for references that may be blank meanwhile. */
function blankCounterpart(
  field: CompiledField,
  business: FieldValue,
  sales: FieldValue,
  references: References,
): Side | null {
  if (field.lookup?.clearsValue !== true) return null;
  if (sales === null && !isTranslatable(field, 'SALES', business, references)) return 'SALES';
  return business === null && !isTranslatable(field, 'BUSINESS', sales, references) ? 'BUSINESS' : null;
}

const isLate = (late: FieldValues | undefined, name: string, value: FieldValue): boolean =>
  late !== undefined && name in late && late[name] === value;

const oneWayReason = (source: 'business' | 'sales', sourceChanged: boolean): string => {
  const name = source === 'business' ? 'the business system' : 'Dataverse';
  return sourceChanged ? `changed in ${name}` : `one-way field edited at its destination; ${name} decides`;
};

function decideConflict(field: CompiledField, input: PairInput): Decision {
  const winner = winnerOf(field, input);
  if (winner === null) return 'CONFLICT';
  return {
    write: winner === 'BUSINESS' ? 'SALES' : 'BUSINESS',
    why: `changed on both sides; ${winner === 'BUSINESS' ? 'the business system' : 'Dataverse'} wins by rule`,
  };
}
