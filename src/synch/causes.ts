import { referenceKey } from '../coupling/coupling.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { offeredName } from './offered-name.js';
import { idOn, type PairWork, type PlannedStep } from './pair-work.js';
import { objectsOfInvoice } from './steps/invoice-lines.js';
import { StepError } from './steps/step.js';
import type { SynchRun } from './synch-run.js';
import { referrersKey } from './touched-records.js';

/** Keys of the records because of which a business record does not meet a requirement (see Coupling.hangsOn). */
type Causes = (run: SynchRun, work: PairWork) => Promise<readonly string[]>;

/** By code of the requirement. */
const causes: Readonly<Record<string, Causes>> = {
  // Each price names its group.
  SEVERAL_CURRENCIES: async ({ compiled }, { coupling }) => [
    referrersKey(referenceKey(compiled.mapping.name, 'BUSINESS', coupling.businessId ?? '')),
  ],
  BLOCKED_LINE: blockedObjects,
};

/** Steps that fail name the records because of which they do, where these are others than the two of the pair. */
export async function withCauses(run: SynchRun, planned: readonly PlannedStep[]): Promise<readonly PlannedStep[]> {
  return Promise.all(
    planned.map(async ({ work, step }) => {
      const causesOf = step.kind === 'FAIL' && step.error.side === 'BUSINESS' ? causes[step.error.code] : undefined;
      return causesOf === undefined || step.kind !== 'FAIL' || idOn(work.coupling, 'BUSINESS') === null
        ? { work, step }
        : { work, step: { ...step, hangsOn: await causesOf(run, work) } };
    }),
  );
}

/** The items and resources of the lines of an invoice that are blocked at this moment. */
async function blockedObjects(run: SynchRun, { coupling }: PairWork): Promise<readonly string[]> {
  try {
    const objects = await objectsOfInvoice(run, coupling);
    return (await Promise.all(objects.map(({ mapping, ids }) => blockedAmong(run, mapping, ids)))).flat();
  } catch (error) {
    // What the lines are about cannot be told: the invoice is looked at again after some time.
    if (error instanceof StepError) return [];
    throw error;
  }
}

async function blockedAmong(
  { connectors: { BUSINESS }, signal }: SynchRun,
  { table, name }: IntegrationTableMapping,
  ids: readonly string[],
): Promise<readonly string[]> {
  const field = offeredName(await BUSINESS.metadata(table, signal), ['blocked', 'Blocked']);
  if (field === null) return [];
  const rows = await BUSINESS.readByIds({ table, fields: [field], ids }, signal);
  return rows.flatMap(({ id, values }) => (values[field] === true ? [referenceKey(name, 'BUSINESS', id)] : []));
}
