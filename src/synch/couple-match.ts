import { type Coupling, referenceKey } from '../coupling/coupling.js';
import { recordCoupled, THEY_MATCH } from './couple-change.js';
import { newCoupling } from './new-coupling.js';
import { idOn } from './pair-work.js';
import { isPair, keptOf, type PairOfRecords, recoupledSet } from './recoupled-pair.js';
import { sides } from './synch-error.js';
import { jobInto, markCompleted, type SynchRun } from './synch-run.js';
import { stepsOf } from './table-rules.js';

/** Two records that match. */
export interface Match {
  readonly records: PairOfRecords;
  /** What holds one of them and gives way: pairs whose other record is gone, and couplings that only list it. */
  readonly former: readonly Coupling[];
}

/** Records that match, and stand in no coupling; the id of the coupling where it was planned before. */
export type NewPair = PairOfRecords & { readonly couplingId?: string };

/**
 * Couples two records. A pair whose other record is gone goes on with them under its own coupling, so that its history goes
 * on too; likewise one that had no counterpart yet. Null when somebody else coupled one of them meanwhile.
 */
export async function coupleMatch(run: SynchRun, { records, former }: Match): Promise<Coupling | null> {
  const [kept, others] = keptOf(former);
  const [coupling = null] =
    kept === undefined ? await insertPairs(run, [records]) : [await goOn(run, records, kept, others)];
  if (coupling === null) return null;
  markCompleted(run, coupling);
  for (const one of former) markReplaced(run, one, coupling);
  await recordCoupled(run, [coupling], reasonOf(kept, coupling));
  jobInto(run, 'SALES').count('coupled');
  return coupling;
}

/** Couples records that stand in no coupling. Answers the ids of the couplings that were made. */
export async function coupleMatches(run: SynchRun, pairs: readonly NewPair[]): Promise<ReadonlySet<string>> {
  const made = await insertPairs(run, pairs);
  for (const coupling of made) markCompleted(run, coupling);
  await recordCoupled(run, made, THEY_MATCH);
  jobInto(run, 'SALES').count('coupled', made.length);
  return new Set(made.map(({ _id }) => _id));
}

async function insertPairs(run: SynchRun, pairs: readonly NewPair[]): Promise<Coupling[]> {
  const couplings = pairs.map(
    ({ businessId, salesId, title, couplingId }): Coupling => ({
      ...newCoupling(run, { businessId, salesId, title }),
      ...(couplingId === undefined ? {} : { _id: couplingId }),
      lastResult: 'COUPLE',
      openSteps: stepsOf(run.compiled.mapping.integrationTable, null),
    }),
  );
  const inserted = await run.stores.couplings.insert(couplings);
  return couplings.filter(({ _id }) => inserted.has(_id));
}

async function goOn(
  run: SynchRun,
  records: PairOfRecords,
  kept: Coupling,
  others: readonly Coupling[],
): Promise<Coupling | null> {
  const { couplings } = run.stores;
  const set = recoupledSet(run.compiled.mapping, kept, records, run.now());
  const change = { _id: kept._id, revision: kept.revision, set };
  const holds =
    others.length === 0
      ? (await couplings.change([change])).has(kept._id)
      : await couplings.replace(
          others.map(({ _id, revision }) => ({ _id, revision })),
          change,
        );
  return holds ? { ...kept, ...set, revision: kept.revision + 1 } : null;
}

/** What refers to the record that is gone is looked at anew as well. */
function markReplaced({ completed }: SynchRun, before: Coupling, now: Coupling): void {
  for (const side of sides) {
    const id = idOn(before, side);
    if (id !== null && id !== idOn(now, side)) completed.add(referenceKey(before.mappingName, side, id));
  }
}

function reasonOf(kept: Coupling | undefined, now: Coupling): string {
  if (kept === undefined || !isPair(kept)) return THEY_MATCH;
  const system = kept.businessId === now.businessId ? 'Dataverse' : 'the business system';
  return `the record in ${system} was deleted and made again: it matches the old counterpart, and no other record does`;
}
