import { massDeletionMessage } from './decide-deleted.js';
import { makeError, RunFailedError } from './describe-error.js';
import { isMassDeletion, MASS_DELETION_HOURS } from './mass-deletion.js';
import { pagesOfRecords } from './pages-of.js';
import { idOn } from './pair-work.js';
import { readByIds } from './read-records.js';
import type { StagedRecord } from './stage-store.js';
import { otherSide, type Side, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

const PAGE = 500;
const HOUR_MS = 60 * 60_000;

/**
 * Counts the deletions that this run found, before it acts on any: each is read by its id first. Too many of them are not
 * acted on. Under the strategy NONE nothing is done about a deletion anyway; what a person chose is done however much it is.
 */
export async function guardDeletions(run: SynchRun): Promise<void> {
  const { mapping } = run.compiled;
  if (run.options.forced || mapping.deletionConflictResolution === 'NONE') return;
  let found = 0;
  for (const side of sides) found += await countDeletions(run, side);
  if (found === 0) return;
  const { deletions, couplings } = run.stores;
  const since = new Date(run.now().getTime() - MASS_DELETION_HOURS * HOUR_MS);
  const recent = await deletions.countSince(mapping.id, since);
  if (isMassDeletion(recent + found, await couplings.countPairs(mapping.id))) run.deletions.held = recent + found;
}

/** A run that held deletions back ends with that reason, once everything else is done. */
export function endWithHeldDeletions(run: SynchRun): void {
  if (run.deletions.held === 0) return;
  const { name } = run.compiled.mapping;
  throw new RunFailedError(
    makeError(
      'NOT_FOUND',
      'MASS_DELETION',
      `${name}: ${massDeletionMessage(run.deletions.held, 'one of the systems')}`,
    ),
  );
}

async function countDeletions(run: SynchRun, side: Side): Promise<number> {
  const { stage } = run.stores;
  let count = 0;
  for await (const records of pagesOfRecords((afterId) => stage.deleted(run.runId, side, afterId, PAGE)))
    count += await countGone(run, side, records);
  return count;
}

/** Pairs whose other record still stands: where both are gone, there is nothing to do but to forget them. */
async function countGone(run: SynchRun, side: Side, records: readonly StagedRecord[]): Promise<number> {
  const { couplings, stage } = run.stores;
  const pairs = await couplings.byRecordIds(
    run.compiled.mapping.id,
    side,
    records.map(({ id }) => id),
  );
  const open = pairs.filter((pair) => pair.state !== 'BROKEN' && pair.intents.length === 0);
  const partnerIds = open.flatMap((pair) => idOn(pair, otherSide(side)) ?? []);
  const partners = await stage.byIds(run.runId, otherSide(side), partnerIds);
  const deletedPartners = new Set(partners.flatMap(({ id, version }) => (version === null ? [id] : [])));
  const halves = open.filter((pair) => {
    const partner = idOn(pair, otherSide(side));
    return partner !== null && !deletedPartners.has(partner);
  });
  const ids = halves.flatMap((pair) => idOn(pair, side) ?? []);
  const standing = await readByIds(run, side, ids);
  return ids.filter((id) => !standing.has(id)).length;
}
