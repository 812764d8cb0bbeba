import type { SourceRow } from '../connectors/connector.js';
import { referenceKey } from '../coupling/coupling.js';
import { coupleMatch } from './couple-match.js';
import { type CouplingSet, parkedState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { listAmbiguities, type MatchedRecord } from './list-ambiguities.js';
import { LISTED_CANDIDATES } from './match-ambiguity.js';
import type { Candidate } from './match-candidates.js';
import type { MatchGroupFields } from './match-keys.js';
import { countOnce } from './pair-outcome.js';
import type { PairWork } from './pair-work.js';
import { isSameError, otherSide, type Side, type SynchError } from './synch-error.js';
import { createsFrom, jobInto, type SynchRun } from './synch-run.js';

/**
 * Couples the record of the work with the one that was found. False when somebody else coupled one of them meanwhile: a record
 * that is to be created is on the list for the next run then.
 */
export async function coupleFound(run: SynchRun, work: PairWork, { row, hold }: Candidate): Promise<boolean> {
  const { coupling, stored, stagedSide } = work;
  const former = [...(hold.coupling === null ? [] : [hold.coupling]), ...(stored ? [coupling] : [])];
  const ids = { businessId: coupling.businessId ?? row.id, salesId: coupling.salesId ?? row.id };
  const made = await coupleMatch(run, { records: { ...ids, title: coupling.title }, former });
  if (made === null) {
    if (stored) await run.stores.couplings.makeDue([coupling._id], run.now());
    else if (createsFrom(run, stagedSide)) await run.stores.couplings.insert([coupling]);
    return false;
  }
  work.coupling = made;
  work.stored = true;
  work.toRead.add(otherSide(stagedSide));
  return true;
}

/** Several records that match, and none that is the one. */
interface Several {
  readonly group: MatchGroupFields;
  readonly candidates: readonly SourceRow[];
  /** The record of the work, and others like it. */
  readonly records: readonly SourceRow[];
}

/** Neither coupled nor created: a person says which of the records belong together. */
export async function listSeveral(
  run: SynchRun,
  work: PairWork,
  { group, candidates, records }: Several,
): Promise<void> {
  const { coupling, stagedSide: side, stored } = work;
  const error = ambiguousError(side, candidates);
  const set = { ...listedSet(run, work, error), hangsOn: hangsOnMatch(run, side, records, candidates) };
  const { couplings } = run.stores;
  const holding = stored
    ? await couplings.change([{ _id: coupling._id, revision: coupling.revision, set }])
    : await couplings.insert([{ ...coupling, ...set }]);
  if (!holding.has(coupling._id)) return;
  const isNews = !stored || coupling.error === null || !isSameError(coupling.error, error);
  countOnce(run, work, otherSide(side), isNews ? 'failed' : 'skipped');
  if (!isNews) return;
  jobInto(run, otherSide(side)).list(coupling, error);
  // Where several have one candidate between them, it is the candidate that has several.
  await listAmbiguities(
    run,
    candidates.length > 1
      ? { side, records: records.slice(0, 1), group, candidates, candidateCount: candidates.length }
      : { side: otherSide(side), records: candidates, group, candidates: records, candidateCount: records.length },
  );
}

/** It stays listed as it was: with these records of its side, of which nobody knows whether they are one. */
export async function keepListed(run: SynchRun, work: PairWork, alike: readonly SourceRow[]): Promise<void> {
  const { coupling, stagedSide: side } = work;
  if (coupling.error === null) return;
  const set = { ...listedSet(run, work, coupling.error), hangsOn: hangsOnMatch(run, side, alike, []) };
  countOnce(run, work, otherSide(side), 'skipped');
  await run.stores.couplings.change([{ _id: coupling._id, revision: coupling.revision, set }]);
}

/** Listed until one of the records that match has changed, or is gone: as many of them as are told. */
export const hangsOnMatch = (
  { compiled: { mapping } }: SynchRun,
  side: Side,
  records: readonly MatchedRecord[],
  candidates: readonly MatchedRecord[],
): readonly string[] => [
  ...records.slice(0, LISTED_CANDIDATES).map(({ id }) => referenceKey(mapping.name, side, id)),
  ...candidates.slice(0, LISTED_CANDIDATES).map(({ id }) => referenceKey(mapping.name, otherSide(side), id)),
];

const ambiguousError = (side: Side, candidates: readonly SourceRow[]): SynchError =>
  makeError(
    'DUPLICATE',
    'MATCH_AMBIGUOUS',
    `several records match (on the other side: ${candidates.map(({ id }) => id).join(', ')}): couple the right ones by hand, or make the matching fields differ`,
    { side },
  );

function listedSet(run: SynchRun, { coupling, stagedSide, seen }: PairWork, error: SynchError): CouplingSet {
  const version = { version: seen[stagedSide]?.version ?? null, clean: false };
  return {
    ...parkedState(coupling, 'FAILED', error, run.now()),
    ...(stagedSide === 'BUSINESS' ? { business: version } : { sales: version }),
  };
}
