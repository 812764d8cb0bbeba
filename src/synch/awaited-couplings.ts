import { type AwaitedReference, type Coupling, referenceKey } from '../coupling/coupling.js';
import { idOn, type PlannedStep } from './pair-work.js';
import { sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** Gives steps that wait the coupling of the record they wait for, where there is one: it tells why it is not complete. */
export async function withAwaited(run: SynchRun, planned: readonly PlannedStep[]): Promise<readonly PlannedStep[]> {
  const references = planned.flatMap(({ step }) => (step.kind === 'WAIT' ? step.waitingFor.slice(0, 1) : []));
  if (references.length === 0) return planned;
  const couplings = await couplingsOf(run, references);
  return planned.map(({ work, step }) => {
    const [first] = step.kind === 'WAIT' ? step.waitingFor : [];
    if (step.kind !== 'WAIT' || first === undefined) return { work, step };
    return { work, step: { ...step, awaited: couplings.get(keyOf(first)) ?? null } };
  });
}

/** By key of the record (referenceKey); one query a mapping and side. */
async function couplingsOf(
  run: SynchRun,
  references: readonly AwaitedReference[],
): Promise<ReadonlyMap<string, Coupling>> {
  const found = new Map<string, Coupling>();
  for (const mapping of run.compiled.lookups.values()) {
    for (const side of sides) {
      const ids = references.flatMap((one) =>
        one.mappingName === mapping.name && one.side === side ? [one.recordId] : [],
      );
      for (const coupling of await run.stores.couplings.byRecordIds(mapping.id, side, [...new Set(ids)]))
        found.set(referenceKey(mapping.name, side, idOn(coupling, side) ?? ''), coupling);
    }
  }
  return found;
}

const keyOf = ({ mappingName, side, recordId }: AwaitedReference): string => referenceKey(mappingName, side, recordId);
