import { type FieldBase, referenceKey } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import { findBase } from './field-base.js';
import type { PairInput, SideView } from './plan-pair.js';
import { isTranslatable } from './untranslated.js';

/** One field pair as the planner sees it: what both sides show, and what they last agreed on. */
export interface FieldValuesOfPair {
  readonly base: FieldBase | undefined;
  readonly business: FieldValue;
  readonly sales: FieldValue;
}

/** The values of a field on both sides. A side that was not read has the value of its base. */
export function valuesOf(field: CompiledField, input: PairInput): FieldValuesOfPair {
  const base = findBase(input.bases, field);
  return {
    base: base !== undefined && isCoupledAnew(field, base, input) ? undefined : base,
    business: valueOf(input.business, field.field, base?.business),
    sales: valueOf(input.sales, field.integrationField, base?.sales),
  };
}

const valueOf = (view: SideView, name: string, base: FieldValue | undefined): FieldValue =>
  view === 'UNCHANGED' ? (base ?? null) : name === '' ? null : (view.values[name] ?? null);

/**
 * Both sides agreed on a record that is coupled with another one by now: what was agreed means nothing any more. A record
 * that is not coupled at all changes nothing until its field has to be written.
 */
function isCoupledAnew(
  field: CompiledField,
  { business, sales, cleared }: FieldBase,
  { recoupled = [], references }: PairInput,
): boolean {
  // A reference that was written blank was never agreed on: it is written now, see decideField.
  if (field.lookup === null || recoupled.length === 0 || cleared !== undefined) return false;
  if (!referencesOfField(field, { business, sales }).some((key) => recoupled.includes(key))) return false;
  if (field.agree(business, sales, references)) return false;
  return (
    (field.toSales && isTranslatable(field, 'SALES', business, references)) ||
    (field.toBusiness && isTranslatable(field, 'BUSINESS', sales, references))
  );
}

/** Keys of the records that the bases refer to: by them a pair is found when one of those is coupled anew. */
export const referencesOf = (fields: readonly CompiledField[], bases: readonly FieldBase[]): readonly string[] => [
  ...new Set(
    fields.flatMap((field) => {
      const base = field.lookup === null ? undefined : findBase(bases, field);
      return base === undefined ? [] : referencesOfField(field, base);
    }),
  ),
];

const referencesOfField = (
  { lookup }: CompiledField,
  { business, sales }: Pick<FieldBase, 'business' | 'sales'>,
): readonly string[] =>
  lookup === null
    ? []
    : [
        ...(business === null ? [] : [referenceKey(lookup.mappingName, 'BUSINESS', String(business))]),
        ...(sales === null ? [] : [referenceKey(lookup.mappingName, 'SALES', String(sales))]),
      ];
