import type { Coupling, FieldConflict } from '../coupling/coupling.js';
import type { FieldValues } from '../mapping/field-value.js';
import { allowsDirection, directionInto } from '../mapping/integration-table-mapping.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { isClean, toBaseValue } from './field-base.js';
import { otherSide, type Side } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';

/**
 * True when a row that changed since the cursor gives a run something to do. It does not when a run has seen it at this
 * version, or wrote it; when nothing of it that is mapped changed; when it stays outside the filter; and when nobody would
 * create its counterpart.
 */
export function isNews(
  { mapping, fields, inFilter }: Pick<CompiledMapping, 'mapping' | 'fields' | 'inFilter'>,
  side: Side,
  row: { readonly version: string; readonly values: FieldValues },
  coupling: Coupling | null,
): boolean {
  const inside = inFilter[side](row.values);
  if (coupling === null) {
    const creates =
      !mapping.synchOnlyCoupledRecords &&
      allowsDirection(mapping.direction, directionInto(otherSide(side))) &&
      tableRuleOf(mapping.integrationTable).neverCreated !== true;
    return creates && inside;
  }
  const { version } = side === 'BUSINESS' ? coupling.business : coupling.sales;
  if (version === row.version) return false;
  // A write that is under way: the run that began it stores the version, or settles it in its next attempt.
  if (coupling.intents.some((intent) => intent.side === side)) return false;
  if (!inside && coupling.error?.code === 'OUTSIDE_FILTER') return false;
  return !isAsEvaluated(fields, coupling, side, row.values) || coupling.error?.code === 'OUTSIDE_FILTER';
}

/** Every mapped field is as both sides last agreed on it, or, where it is in conflict, as it was when that was noticed. */
function isAsEvaluated(
  fields: CompiledMapping['fields'],
  { bases, conflicts, state }: Pick<Coupling, 'bases' | 'conflicts' | 'state'>,
  side: Side,
  values: FieldValues,
): boolean {
  const inConflict = state === 'CONFLICT' ? conflicts : [];
  const isOf = (field: CompiledMapping['fields'][number]) => (conflict: FieldConflict) =>
    conflict.field === field.field && conflict.integrationField === field.integrationField;
  const settled = fields.filter((field) => !inConflict.some(isOf(field)));
  return (
    isClean(settled, bases, side, values) &&
    inConflict.every(({ field, integrationField, businessValue, salesValue }) =>
      side === 'BUSINESS'
        ? toBaseValue(values[field] ?? null) === businessValue
        : toBaseValue(values[integrationField] ?? null) === salesValue,
    )
  );
}
