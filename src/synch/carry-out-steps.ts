import type { SourceRow, WriteOutcome } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import type { FieldValues } from '../mapping/field-value.js';
import { type CouplingSet, failedState, settledState } from './coupling-states.js';
import { describeError, makeError, RunFailedError } from './describe-error.js';
import { missingSide, type PairWork } from './pair-work.js';
import { isClean } from './plan-pair.js';
import type { SynchError } from './synch-error.js';
import { jobInto, markCompleted, type SynchRun } from './synch-run.js';
import type { StepName } from './table-rules.js';

/**
 * Does what has still to be done after pairs were coupled or created. Each step can be repeated: one that fails leaves the
 * pair FAILED with its steps open, and is taken up in the next run; nothing is created a second time.
 */
export async function carryOutSteps(run: SynchRun, works: readonly PairWork[]): Promise<void> {
  for (const { coupling } of works) {
    if (coupling.openSteps.length === 0 || coupling.intents.length > 0 || missingSide(coupling) !== null) continue;
    const set = await stepsSet(run, coupling);
    await run.stores.couplings.change([{ _id: coupling._id, revision: coupling.revision, set }]);
    if (set.openSteps?.length === 0) markCompleted(run, coupling);
  }
}

async function stepsSet(run: SynchRun, coupling: Coupling): Promise<CouplingSet> {
  let set: CouplingSet = {};
  for (const [index, step] of coupling.openSteps.entries()) {
    const { error, ...done } = await carryOutStep(run, step as StepName, { ...coupling, ...set });
    set = { ...set, ...done };
    if (error === null) continue;
    jobInto(run, 'SALES').count('failed');
    jobInto(run, 'SALES').list(coupling, error);
    return { ...set, ...failedState(coupling, error, run.now()), openSteps: coupling.openSteps.slice(index) };
  }
  const settled =
    coupling.state === 'CONFLICT' ? {} : settledState(coupling, null, coupling.lastResult ?? 'COUPLE', run.now());
  return { ...set, ...settled, openSteps: [] };
}

type StepResult = CouplingSet & { readonly error: SynchError | null };

const steps: Readonly<Record<StepName, (run: SynchRun, coupling: Coupling) => Promise<StepResult>>> = {
  COMPLETE_UNIT_GROUP: completeUnitGroup,
  ACTIVATE_PRODUCT: activateProduct,
};

const carryOutStep = (run: SynchRun, step: StepName, coupling: Coupling): Promise<StepResult> =>
  steps[step](run, coupling);

/** The unit group of a unit of measure is active and has one unit, of quantity 1, called like the code. */
async function completeUnitGroup(run: SynchRun, { salesId, title }: Coupling): Promise<StepResult> {
  const { SALES } = run.connectors;
  const [group] = await SALES.readByIds(
    { table: 'uomschedules', fields: ['baseuomname', 'statecode'], ids: [salesId ?? ''] },
    run.signal,
  );
  if (group?.values['statecode'] !== '0')
    return refused('UNIT_GROUP_INACTIVE', `the unit group of ${title} is inactive: activate it in Dataverse`);
  const units = await SALES.find(
    { table: 'uoms', fields: ['name', 'quantity'], equal: { uomscheduleid: salesId } },
    run.signal,
  );
  const [unit] = units;
  if (unit === undefined || units.length > 1) {
    return refused(
      'UNIT_GROUP_UNITS',
      `the unit group of ${title} has ${units.length} units, and exactly one is expected: remove the others in Dataverse`,
    );
  }
  if (unit.values['quantity'] !== '1')
    return refused(
      'UNIT_GROUP_UNITS',
      `the unit of the unit group of ${title} has the quantity ${unit.values['quantity']}, and 1 is expected`,
    );
  return { error: null, related: { uoms: unit.id } };
}

/** State and status of a product that can be sold. */
const ACTIVE: FieldValues = { statecode: '0', statuscode: '1' };

async function activateProduct(run: SynchRun, coupling: Coupling): Promise<StepResult> {
  const fields = [...new Set([...run.compiled.readFields.SALES, 'statecode'])];
  const [product] = await run.connectors.SALES.readByIds(
    { table: 'products', fields, ids: [coupling.salesId ?? ''] },
    run.signal,
  );
  if (product === undefined || product.values['statecode'] === ACTIVE['statecode']) return { error: null };
  run.assertHeld();
  const operation = { kind: 'UPDATE', id: product.id, version: product.version, values: ACTIVE } as const;
  const [outcome] = await run.connectors.SALES.write(
    { table: 'products', fields, operations: [operation], runId: run.runId },
    run.signal,
  );
  return activated(run, coupling, outcome);
}

function activated(run: SynchRun, coupling: Coupling, outcome: WriteOutcome | undefined): StepResult {
  switch (outcome?.kind) {
    case 'WRITTEN':
      return { error: null, ...(outcome.row === null ? {} : { sales: salesState(run, coupling, outcome.row) }) };
    case 'REFUSED':
    case 'KEY_EXISTS':
      if (outcome.error.errorClass === 'AUTHENTICATION')
        throw new RunFailedError(describeError(outcome.error, 'SALES'));
      return { error: { ...describeError(outcome.error, 'SALES'), code: 'AFTER_CREATE' } };
    default:
      return {
        error: makeError('TRANSIENT', 'AFTER_CREATE', 'the product was created, and could not be activated yet', {
          side: 'SALES',
        }),
      };
  }
}

const salesState = (run: SynchRun, { bases }: Coupling, row: SourceRow): Coupling['sales'] => ({
  version: row.version,
  clean: isClean(run.compiled.fields, bases, 'SALES', row.values),
});

const refused = (code: string, message: string): StepResult => ({
  error: makeError('VALIDATION', code, message, { side: 'SALES' }),
});
