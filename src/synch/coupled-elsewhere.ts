import { type Coupling, referenceKey } from '../coupling/coupling.js';
import { type IntegrationTableMapping, tableOn } from '../mapping/integration-table-mapping.js';
import { parkedState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { idOn, missingSide, type PairWork } from './pair-work.js';
import { otherSide, type Side } from './synch-error.js';
import { jobInto, type SynchRun } from './synch-run.js';

/** The record has a counterpart through another mapping over its entity set: a product that was an item is made no resource. */
const COUPLED_ELSEWHERE = 'COUPLED_ELSEWHERE';

/**
 * Lists records that would be created from although they have a counterpart through another mapping, and takes up those that
 * were listed so and have none any more.
 */
export async function listCoupledElsewhere(run: SynchRun, works: readonly PairWork[]): Promise<void> {
  for (const side of ['BUSINESS', 'SALES'] as const) {
    const asked = works.filter((work) => sourceToCreateFrom(work) === side);
    const others = asked.length === 0 ? [] : mappingsOverSameRecords(run, side);
    if (others.length === 0) continue;
    const found = await coupledThrough(run, others, side, asked);
    for (const work of asked) {
      const elsewhere = found.get(idOn(work.coupling, side) ?? '');
      if (elsewhere === undefined) takeUp(work);
      else if (!work.stored) await list(run, work, elsewhere);
    }
  }
}

/** The side whose record would get a counterpart; null for pairs, and for what waits for another reason. */
function sourceToCreateFrom({ coupling, stored }: PairWork): Side | null {
  const missing = missingSide(coupling);
  if (missing === null || coupling.intents.length > 0) return null;
  return !stored || coupling.error?.code === COUPLED_ELSEWHERE ? otherSide(missing) : null;
}

/**
 * From a record of the business system several records may be made, of different tables; what a record of Dataverse becomes
 * depends on its kind, so that it becomes one thing only.
 */
function mappingsOverSameRecords({ compiled: { mapping, lookups } }: SynchRun, side: Side): IntegrationTableMapping[] {
  return [...lookups.values()].filter(
    (other) =>
      other.id !== mapping.id &&
      other.kind === 'TABLE' &&
      tableOn(other, side) === tableOn(mapping, side) &&
      (side === 'SALES' || other.integrationTable === mapping.integrationTable),
  );
}

async function coupledThrough(
  run: SynchRun,
  mappings: readonly IntegrationTableMapping[],
  side: Side,
  works: readonly PairWork[],
): Promise<ReadonlyMap<string, Coupling>> {
  const ids = works.flatMap(({ coupling }) => idOn(coupling, side) ?? []);
  const found = new Map<string, Coupling>();
  for (const { id } of mappings)
    for (const coupling of await run.stores.couplings.byRecordIds(id, side, ids))
      if (idOn(coupling, otherSide(side)) !== null) found.set(idOn(coupling, side) ?? '', coupling);
  return found;
}

function takeUp(work: PairWork): void {
  if (work.stored) work.coupling = { ...work.coupling, error: null, attempts: 0 };
}

async function list(run: SynchRun, work: PairWork, { mappingName, title }: Coupling): Promise<void> {
  const side = work.stagedSide;
  const message = `${title} has its counterpart through the mapping ${mappingName}, and gets no second one: uncouple it there, or leave it out by a filter`;
  const error = makeError('DUPLICATE', COUPLED_ELSEWHERE, message, { side });
  const seen = { version: work.seen[side]?.version ?? null, clean: false };
  const coupling: Coupling = {
    ...work.coupling,
    ...parkedState(work.coupling, 'FAILED', error, run.now()),
    hangsOn: [referenceKey(mappingName, side, idOn(work.coupling, side) ?? '')],
    ...(side === 'BUSINESS' ? { business: seen } : { sales: seen }),
  };
  if (!(await run.stores.couplings.insert([coupling])).has(coupling._id)) return;
  const job = jobInto(run, otherSide(side));
  job.count('failed');
  job.list(coupling, error);
  work.coupling = coupling;
  work.stored = true;
  work.counted = true;
}
