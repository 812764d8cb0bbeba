import type { Coupling } from '../coupling/coupling.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { SynchDirection } from '../mapping/integration-table-mapping.js';
import type { CompiledField } from './compiled-field.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { findBase, shownBaseValue } from './field-base.js';
import { type PairPlan, planPair } from './plan-pair.js';
import type { References } from './references.js';
import type { Side } from './synch-error.js';

/** One mapped field of a pair on both sides, as it is now. */
export interface FieldComparison {
  readonly field: string;
  readonly integrationField: string;
  readonly direction: SynchDirection;
  readonly businessValue: FieldValue;
  readonly salesValue: FieldValue;
  readonly lastAgreedValue: FieldValue;
  readonly equal: boolean;
  readonly conflict: boolean;
  /** The side whose value the rules would keep in the next run; null when nothing is to be done or a person decides. */
  readonly winner: Side | null;
}

/** A record of a pair as it was just read; null when there is none. */
export type ReadRecord = { readonly values: FieldValues; readonly modifiedAt: Date | null } | null;

/** Compares a pair field by field, and tells what the next run would make of it. Pure. */
export function comparePair(
  compiled: CompiledMapping,
  coupling: Pick<Coupling, 'bases'>,
  read: { readonly business: ReadRecord; readonly sales: ReadRecord },
  references: References,
): FieldComparison[] {
  const plan =
    read.business === null || read.sales === null
      ? null
      : planPair({
          fields: compiled.fields,
          bases: coupling.bases,
          business: read.business,
          sales: read.sales,
          updateConflictResolution: compiled.mapping.updateConflictResolution,
          references,
        });
  return compiled.fields.map((field) => {
    const businessValue = valueOf(read.business, field.field);
    const salesValue = valueOf(read.sales, field.integrationField);
    const base = findBase(coupling.bases, field);
    return {
      field: field.field,
      integrationField: field.integrationField,
      direction: directionOf(field),
      businessValue,
      salesValue,
      lastAgreedValue: shownBaseValue(base?.business ?? null),
      equal: plan !== null && field.agree(businessValue, salesValue, references),
      conflict: isInConflict(plan, field),
      winner: winnerOf(plan, field),
    };
  });
}

const valueOf = (record: ReadRecord, name: string): FieldValue => record?.values[name] ?? null;

const directionOf = ({ toSales, toBusiness }: CompiledField): SynchDirection =>
  toSales === toBusiness ? 'BIDIRECTIONAL' : toSales ? 'TO_INTEGRATION_TABLE' : 'FROM_INTEGRATION_TABLE';

const isInConflict = (plan: PairPlan | null, { field, integrationField }: CompiledField): boolean =>
  plan?.conflicts.some((one) => one.field === field && one.integrationField === integrationField) === true;

function winnerOf(plan: PairPlan | null, field: CompiledField): Side | null {
  if (field.toSales && plan?.toSales !== null && plan !== null && field.integrationField in plan.toSales.values)
    return 'BUSINESS';
  if (field.toBusiness && plan?.toBusiness !== null && plan !== null && field.field in plan.toBusiness.values)
    return 'SALES';
  return null;
}
