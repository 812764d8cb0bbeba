import { CursorExpiredError } from '../connectors/connector.js';
import { type Coupling, referenceKey } from '../coupling/coupling.js';
import { pagesOfDocuments } from './pages-of.js';
import { idOn } from './pair-work.js';
import { readParts } from './read-parts.js';
import { type ReadResult, readSide, type SideRead } from './read-side.js';
import { recoverIntents } from './recover-intents.js';
import type { StagedRecord } from './stage-store.js';
import { stageMissing, stageSwept } from './stage-sweep.js';
import { readStaged, stageRecords } from './staged-records.js';
import { otherSide, type Side, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { TouchedRecords } from './touched-records.js';

/** Couplings that are looked at together. */
const PAGE = 500;

/** How long a side may go without a sweep. */
const SWEEP_AFTER_MS = 24 * 60 * 60_000;

/** Reads what changed on the sides whose changes this run takes, and stages it. */
export async function stageChanges(run: SynchRun): Promise<readonly ReadResult[]> {
  const results: (ReadResult & { readonly source: Side })[] = [];
  const touched = await TouchedRecords.open(run);
  for (const side of sides.filter((candidate) => readsChangesOf(run, candidate)))
    results.push(await stageSide(run, side, touched));
  // What has changed is read by now; each record of it is planned once.
  for (const tally of Object.values(run.jobs)) tally.total = tally.counters.read;
  const swept: ReadResult[] = [];
  for (const result of results) swept.push(await withSweep(run, result));
  if (readsChangesOf(run, 'SALES')) swept.push(...(await readParts(run)));
  return swept;
}

/** A run limited to one direction reads only its source; any other reads both sides, also of a one-way mapping. */
export function readsChangesOf(run: SynchRun, side: Side): boolean {
  const { writes } = run.options;
  const limited = run.compiled.mapping.direction === 'BIDIRECTIONAL' && writes.BUSINESS !== writes.SALES;
  return limited ? writes[otherSide(side)] : true;
}

async function stageSide(
  run: SynchRun,
  side: Side,
  touched: TouchedRecords,
): Promise<ReadResult & { readonly source: Side }> {
  const { compiled, stores } = run;
  const known = await stores.cursors.get(compiled.mapping.id, side);
  const fields = compiled.readFields[side];
  const usable =
    known !== null && !run.options.full && known.mappingHash === compiled.hash && isSameList(known.readFields, fields);
  const sweptAt = known?.sweptAt ?? null;
  if (!usable) return { ...(await readAll(run, side, touched)), sweptAt };
  try {
    return { ...(await readSide(run, { side, cursor: known.cursor, touched, take: stageIn(run) })), sweptAt };
  } catch (error) {
    if (!(error instanceof CursorExpiredError)) throw error;
    return { ...(await readAll(run, side, touched)), sweptAt };
  }
}

/** Takes what is read into the stage. */
export const stageIn = (run: SynchRun) => (records: readonly StagedRecord[]) => stageRecords(run, records);

/** A complete read is compared with the couplings at once; any other read once a day, for what no change of a row tells. */
async function withSweep(run: SynchRun, result: ReadResult & { readonly source: Side }): Promise<ReadResult> {
  const { source: side, complete, sweptAt } = result;
  const startedAt = run.now();
  if (complete) await stageMissing(run, side);
  else if (sweptAt !== null && startedAt.getTime() - sweptAt.getTime() < SWEEP_AFTER_MS) return result;
  else await stageSwept(run, side);
  return { ...result, sweptAt: startedAt };
}

/** Before anything is coupled, what the filter leaves out concerns nobody; afterwards a coupled record that left it is to be seen. */
async function readAll(run: SynchRun, side: Side, touched: TouchedRecords): Promise<SideRead> {
  const { mapping } = run.compiled;
  const coupled = await run.stores.couplings.page(mapping.id, null, 1);
  return readSide(run, { side, cursor: null, narrowed: coupled.length === 0, touched, take: stageIn(run) });
}

/**
 * Stages the pairs whose next attempt is due: outcomes of begun writes are settled first, then both records are read by
 * their ids. Pairs with a use for references are due as soon as one of those is coupled.
 */
export async function stageDue(run: SynchRun): Promise<void> {
  const { couplings } = run.stores;
  const mappingId = run.compiled.mapping.id;
  await couplings.makeConflictsDue(mappingId, run.compiled.rulesHash, run.now());
  for await (const holders of pagesOfDocuments((afterId) => couplings.holders(mappingId, afterId, PAGE)))
    await couplings.makeDue(await idsWithCoupledReference(run, holders), run.now());
  for await (const due of pagesOfDocuments((afterId) => couplings.due(mappingId, run.now(), afterId, PAGE)))
    await stageCouplings(run, due);
}

/** Settles begun writes of these pairs, and stages their records as they are now. */
export async function stageCouplings(run: SynchRun, couplings: readonly Coupling[]): Promise<void> {
  await recoverIntents(
    run,
    couplings.filter(({ intents }) => intents.length > 0),
  );
  await stagePairs(run, await run.stores.couplings.byIds(couplings.map(({ _id }) => _id)));
}

async function stagePairs(run: SynchRun, couplings: readonly Coupling[]): Promise<void> {
  for (const side of sides) {
    const ids = couplings.flatMap((coupling) => idOn(coupling, side) ?? []);
    await stageRecords(run, await readStaged(run, side, ids));
  }
}

/** Asks the couplings alone, neither system. */
async function idsWithCoupledReference(run: SynchRun, holders: readonly Coupling[]): Promise<string[]> {
  const keys = holders.flatMap(({ waitingKeys }) => waitingKeys);
  const coupled = new Set<string>();
  for (const mapping of run.compiled.lookups.values()) {
    for (const side of sides) {
      const prefix = referenceKey(mapping.name, side, '');
      const ids = keys.flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
      for (const { businessId, salesId } of await run.stores.couplings.pairsOf(mapping.id, side, ids))
        coupled.add(referenceKey(mapping.name, side, side === 'BUSINESS' ? businessId : salesId));
    }
  }
  return holders.flatMap(({ _id, waitingKeys }) => (waitingKeys.some((key) => coupled.has(key)) ? [_id] : []));
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
