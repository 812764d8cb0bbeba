import { type Coupling, referenceKey } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import type { CompiledField } from './compiled-field.js';
import { makeError } from './describe-error.js';
import { findBase } from './field-base.js';
import type { PairStep, PairWork, PlannedStep } from './pair-work.js';
import type { SynchRun } from './synch-run.js';
import { unitGroupFault } from './unit-group-fault.js';
import type { KnownUnitGroup, UnitGroups } from './unit-groups.js';

/** A field that refers to a unit of measure, with the mapping of those. */
interface UnitField {
  readonly field: CompiledField;
  readonly units: IntegrationTableMapping;
}

/**
 * Nothing is written to Dataverse of a record that is sold in a unit whose unit group is not as it has to be at this moment:
 * the step fails instead, for that reason, and goes on as soon as the group is mended.
 */
export async function withCheckedUnits(
  run: SynchRun,
  planned: readonly PlannedStep[],
  unitGroups: UnitGroups,
): Promise<readonly PlannedStep[]> {
  const unitField = unitFieldOf(run);
  const writing = unitField === null ? [] : planned.filter(({ step }) => writesSales(run, step));
  if (unitField === null || writing.length === 0) return planned;
  const units = await unitsOf(run, unitField, writing);
  const groups = await unitGroups.of(unitField.units.name, [...units.values()]);
  return planned.map((one) => {
    if (!writing.includes(one)) return one;
    const unit = units.get(String(unitIn(unitField, one.work)));
    const group = groups.get(unit?.salesId ?? '');
    const failure = group === undefined ? null : failureOf(unitField, group);
    return failure === null ? one : { ...one, step: failure };
  });
}

function unitFieldOf({ compiled: { fields, lookups } }: SynchRun): UnitField | null {
  for (const field of fields) {
    const units = lookups.get(field.lookup?.mappingName ?? '');
    if (field.toSales && units?.integrationTable === 'uomschedules') return { field, units };
  }
  return null;
}

const writesSales = (run: SynchRun, step: PairStep): boolean =>
  run.options.writes.SALES &&
  ((step.kind === 'CREATE' && step.into === 'SALES') || (step.kind === 'SYNCHRONIZE' && step.plan.toSales !== null));

/** The couplings of the units, by their ids; one that was never complete is waited for. */
async function unitsOf(
  run: SynchRun,
  unitField: UnitField,
  writing: readonly PlannedStep[],
): Promise<ReadonlyMap<string, Coupling>> {
  const ids = writing.flatMap(({ work }) => unitIn(unitField, work) ?? []).map(String);
  const couplings = await run.stores.couplings.byRecordIds(unitField.units.id, 'BUSINESS', [...new Set(ids)]);
  return new Map(
    couplings.flatMap((coupling) => (coupling.salesId === null ? [] : [[String(coupling.businessId), coupling]])),
  );
}

/** The unit as the business record names it; a record that was not read names the one that was agreed on. */
function unitIn({ field }: UnitField, { seen, coupling }: PairWork): FieldValue {
  return seen.BUSINESS === undefined
    ? (findBase(coupling.bases, field)?.business ?? null)
    : (seen.BUSINESS.values[field.field] ?? null);
}

function failureOf({ field, units }: UnitField, group: KnownUnitGroup): PairStep | null {
  const fault = unitGroupFault(group.expected, group);
  if (fault === null) return null;
  const error = makeError('VALIDATION', fault.code, fault.message, { side: 'SALES', field: field.integrationField });
  const hangsOn = [referenceKey(units.name, 'SALES', group.expected.id), ...group.hangsOn];
  return { kind: 'FAIL', into: 'SALES', error, hangsOn };
}
