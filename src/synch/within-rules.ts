import type { FieldValue } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import { findBase } from './field-base.js';
import { type PairInput, type PairPlan, planPair, type SideChanges, type SideView } from './plan-pair.js';
import type { TableRule } from './table-rules.js';

/** A pair whose Dataverse record has rules of its own. */
export interface RuledPair extends PairInput {
  readonly rule: TableRule;
  /** True while steps after its creation, or after a write, are still to be done. */
  readonly hasOpenSteps: boolean;
}

/** READ_ONLY: something would have to be written to a record that takes no changes any more. */
export type RuledPlan = PairPlan | 'READ_ONLY';

/** Plans a pair within the rules of its Dataverse table. Pure. */
export function planWithinRules({ rule, hasOpenSteps, ...input }: RuledPair): RuledPlan {
  const held = hasOpenSteps ? input.fields.filter((field) => isSettledLast(rule, field)) : [];
  const plan = planPair({ ...input, fields: input.fields.filter((field) => !held.includes(field)) });
  return isClosed(rule, input) ? withinClosed(rule, plan, input.sales) : plan;
}

export const isSettledLast = ({ settledLast = [] }: TableRule, { integrationField }: CompiledField): boolean =>
  settledLast.includes(integrationField);

/** A record that was not read is as its base says. */
function isClosed({ openWhile }: TableRule, { sales, bases, fields }: PairInput): boolean {
  if (openWhile === undefined) return false;
  const { column, value } = openWhile;
  const field = fields.find(({ integrationField }) => integrationField === column);
  const base = field === undefined ? undefined : findBase(bases, field);
  const present: FieldValue | undefined = sales === 'UNCHANGED' ? base?.sales : sales.values[column];
  return present !== undefined && present !== null && present !== value;
}

/** What opens or closes the record is written; the rest has to wait until it is open. */
function withinClosed({ settledLast = [], openWhile }: TableRule, plan: PairPlan, sales: SideView): RuledPlan {
  if (plan.toSales === null) return plan;
  const { openedBy } = openWhile ?? {};
  if (openedBy !== undefined) return opening(plan, openedBy, sales);
  const values = only(plan.toSales.values, settledLast);
  if (Object.keys(values).length === 0) return 'READ_ONLY';
  const toSales: SideChanges = { values, before: only(plan.toSales.before, settledLast), cleared: [] };
  return { ...plan, toSales };
}

/** The record is opened first; what is to be written is planned again once it is. */
function opening(plan: PairPlan, openedBy: Readonly<Record<string, string>>, sales: SideView): PairPlan {
  const shown = sales === 'UNCHANGED' ? {} : sales.values;
  const before = Object.fromEntries(Object.keys(openedBy).map((name) => [name, shown[name] ?? null]));
  return { ...plan, toSales: { values: openedBy, before, cleared: [] }, reason: `opened, as it is ${plan.reason}` };
}

const only = (
  values: Readonly<Record<string, FieldValue>>,
  names: readonly string[],
): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
