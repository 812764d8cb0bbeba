import type { SourceRow } from '../connectors/connector.js';
import { type Candidate, candidatesOf, twinsOf } from './match-candidates.js';
import { idOn, isUnchangedSinceParked, missingSide, type PairWork, withoutOthersOf } from './pair-work.js';
import { recoverIntents } from './recover-intents.js';
import type { References } from './references.js';
import { coupleFound, listSeveral } from './settle-match.js';
import { otherSide } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/**
 * Before a run of the schedule creates a record, it asks whether there is one on the other side that matches: because somebody
 * entered the same one there, or because the record was deleted and made again, and its old counterpart still stands. One
 * match without counterpart is coupled instead; several are listed, and nothing is created. Answers the works that go on.
 */
export async function matchBeforeCreate(
  run: SynchRun,
  works: readonly PairWork[],
  references: References,
): Promise<readonly PairWork[]> {
  const goneOn: PairWork[] = [];
  const left = new Set<PairWork>();
  for (const work of works) {
    if (!isAboutToBeCreated(run, work)) continue;
    const outcome = await matchOne(run, work, references);
    if (outcome === 'LEFT') left.add(work);
    if (outcome === 'COUPLED') goneOn.push(work);
  }
  return withoutOthersOf(
    goneOn,
    works.filter((work) => !left.has(work)),
  );
}

/** A record that has no counterpart, and nothing begun or open that it waits for. What a person wants created is not matched. */
function isAboutToBeCreated(run: SynchRun, work: PairWork): boolean {
  const { coupling, stored, stagedSide, seen } = work;
  if (!stored) return true;
  const missing = missingSide(coupling);
  const row = seen[stagedSide];
  return (
    missing === otherSide(stagedSide) &&
    coupling.intents.length === 0 &&
    coupling.error?.class !== 'DUPLICATE' &&
    !(run.options.forced && coupling.error === null) &&
    !isUnchangedSinceParked(run, work) &&
    row !== undefined &&
    run.compiled.inFilter[stagedSide](row.values)
  );
}

type Outcome = 'CREATE' | 'COUPLED' | 'LEFT';

async function matchOne(run: SynchRun, work: PairWork, references: References): Promise<Outcome> {
  const { stagedSide: side } = work;
  const row = work.seen[side];
  if (row === undefined) return 'CREATE';
  for (const group of run.matchGroups) {
    const candidates = await candidatesOf(run, group, { side, row }, references);
    const [only, ...others] = candidates;
    if (only === undefined) continue;
    if (await isAdopted(run, work, candidates)) return 'LEFT';
    const twins = others.length > 0 || only.hold.kind === 'OPEN' ? [] : await twinsOf(run, group, { side, row });
    if (others.length === 0 && only.hold.kind === 'FREE' && twins.length === 0)
      return (await coupleFound(run, work, only)) ? 'COUPLED' : 'LEFT';
    await listSeveral(run, work, { group, candidates: rowsOf(candidates), records: [row, ...rowsOf(twins)] });
    return 'LEFT';
  }
  return 'CREATE';
}

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
