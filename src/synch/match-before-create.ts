import type { SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import { loadReferences } from './load-references.js';
import { type Candidate, candidatesOf, type Sought, twinsOf } from './match-candidates.js';
import { groupsOfStandingOnce, type MatchGroupFields } from './match-keys.js';
import { countOnce } from './pair-outcome.js';
import { idOn, isUnchangedSinceParked, missingSide, type PairWork, withoutOthersOf } from './pair-work.js';
import { recoverIntents } from './recover-intents.js';
import type { References } from './references.js';
import { coupleFound, keepListed, listSeveral } from './settle-match.js';
import { otherSide } from './synch-error.js';
import { createsFrom, type SynchRun } from './synch-run.js';

/**
 * Before a run of the schedule creates a record, it asks whether there is one on the other side that matches: because somebody
 * entered the same one there, or because the record was deleted and made again, and its old counterpart still stands. One
 * match without counterpart is coupled instead; several are listed, and nothing is created. What was listed is asked for again,
 * in any run, once one of the records has changed. Answers the works that go on.
 */
export async function matchBeforeCreate(
  run: SynchRun,
  works: readonly PairWork[],
  references: References,
): Promise<readonly PairWork[]> {
  const goneOn: PairWork[] = [];
  const left = new Set<PairWork>();
  for (const work of works) {
    if (!isLookedFor(run, work)) continue;
    const outcome = await matchOne(run, work, references);
    if (outcome === 'LEFT') left.add(work);
    if (outcome === 'COUPLED') goneOn.push(work);
  }
  return withoutOthersOf(
    goneOn,
    works.filter((work) => !left.has(work)),
  );
}

/** A record that has no counterpart, and nothing begun or open that it waits for. */
export function isLookedFor(run: SynchRun, work: PairWork): boolean {
  const { coupling, stored, stagedSide, seen } = work;
  const isOfSchedule = run.options.mode === null;
  if (!stored) return isOfSchedule;
  const row = seen[stagedSide];
  return (
    missingSide(coupling) === otherSide(stagedSide) &&
    coupling.intents.length === 0 &&
    (wasListed(coupling) || (isOfSchedule && coupling.error?.class !== 'DUPLICATE')) &&
    !isUnchangedSinceParked(run, work) &&
    row !== undefined &&
    run.compiled.inFilter[stagedSide](row.values)
  );
}

const wasListed = ({ error }: Coupling): boolean => error?.code === 'MATCH_AMBIGUOUS';

type Outcome = 'CREATE' | 'COUPLED' | 'LEFT';

async function matchOne(run: SynchRun, work: PairWork, references: References): Promise<Outcome> {
  const { stagedSide: side } = work;
  const row = work.seen[side];
  if (row === undefined) return 'CREATE';
  for (const group of groupsFor(run, work)) {
    const candidates = await candidatesOf(run, group, { side, row }, references);
    const [only, ...others] = candidates;
    if (only === undefined) continue;
    if (await isAdopted(run, work, candidates)) return 'LEFT';
    const isFree = others.length === 0 && (await isFreeFor(run, only, { side, row }));
    const twins = isFree ? await twinsOf(run, group, { side, row }) : [];
    if (isFree && twins.length === 0) return (await coupleFound(run, work, only)) ? 'COUPLED' : 'LEFT';
    await listSeveral(run, work, { group, candidates: rowsOf(candidates), records: [row, ...rowsOf(twins)] });
    return 'LEFT';
  }
  return wasListed(work.coupling) ? withoutMatch(run, work, { side, row }) : 'CREATE';
}

/** What was listed with several counterparts itself is free for the only one that it has left. */
async function isFreeFor(run: SynchRun, { row, hold }: Candidate, sought: Sought): Promise<boolean> {
  if (hold.kind === 'FREE') return true;
  if (!wasListed(hold.coupling) || hold.coupling.intents.length > 0) return false;
  const side = otherSide(sought.side);
  const references = await loadReferences(run, [{ side, values: row.values }]);
  for (const group of run.matchGroups) {
    const [only, ...others] = await candidatesOf(run, group, { side, row }, references);
    if (only !== undefined) return others.length === 0 && only.row.id === sought.row.id;
  }
  return false;
}

/**
 * Nothing matches a record any more that was listed: it gets its counterpart, or, where none is created, concerns nobody. Of
 * several that are alike nobody knows whether they are one: they stay listed until they differ.
 */
async function withoutMatch(run: SynchRun, work: PairWork, sought: Sought): Promise<Outcome> {
  const twins: Candidate[] = [];
  for (const group of run.matchGroups) twins.push(...(await twinsOf(run, group, sought)));
  if (twins.length > 0) {
    await keepListed(run, work, [sought.row, ...rowsOf(twins)]);
    return 'LEFT';
  }
  if (createsFrom(run, sought.side) || run.options.forced) {
    work.coupling = { ...work.coupling, error: null, attempts: 0 };
    return 'CREATE';
  }
  countOnce(run, work, otherSide(sought.side), 'skipped');
  await run.stores.couplings.remove([work.coupling]);
  return 'LEFT';
}

/** What a person wants created is not looked for by the mapping's matching fields, but what stands once is not made twice. */
const groupsFor = ({ options, matchGroups }: SynchRun, { coupling }: PairWork): readonly MatchGroupFields[] =>
  options.forced && coupling.error === null ? groupsOfStandingOnce(matchGroups) : matchGroups;

/** The record may be what a begun create has made, whose outcome nobody knew: it is that one's, then. */
async function isAdopted(run: SynchRun, { coupling, stagedSide }: PairWork, candidates: readonly Candidate[]) {
  const begun = candidates.flatMap(({ hold }) =>
    hold.kind === 'OPEN' && hold.coupling.intents.some(({ kind, side }) => kind === 'CREATE' && side === stagedSide)
      ? [hold.coupling]
      : [],
  );
  if (begun.length === 0) return false;
  await recoverIntents(run, begun);
  const id = idOn(coupling, stagedSide) ?? '';
  const [holder] = await run.stores.couplings.byRecordIds(run.compiled.mapping.id, stagedSide, [id]);
  return holder !== undefined && holder._id !== coupling._id;
}

const rowsOf = (candidates: readonly Candidate[]): readonly SourceRow[] => candidates.map(({ row }) => row);
