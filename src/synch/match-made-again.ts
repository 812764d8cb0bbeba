import { inParallel } from '../connectors/odata/parallel.js';
import { coupleMatch } from './couple-match.js';
import { parkedState } from './coupling-states.js';
import { type Deletion, decidedByPerson, deletionToDecide } from './decide-deleted.js';
import { makeError } from './describe-error.js';
import { listAmbiguities } from './list-ambiguities.js';
import { loadReferences, recordsOf } from './load-references.js';
import { type Candidate, candidatesOf, twinsOf } from './match-candidates.js';
import type { MatchGroupFields } from './match-keys.js';
import { countOnce, waitsForNothing } from './pair-outcome.js';
import type { PairWork } from './pair-work.js';
import type { References } from './references.js';
import { evaluatedWith } from './settle-pair.js';
import { otherSide } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** Pairs for which a record made again is looked for side by side. */
const AT_ONCE = 8;

/**
 * Before anything is done about a record that is gone, it asks whether it was made again: the pair then goes on with the new
 * record, and is neither restored nor deleted. Where several match, a person says which one it is. Answers the works that go
 * on.
 */
export async function matchMadeAgain(run: SynchRun, works: readonly PairWork[]): Promise<readonly PairWork[]> {
  const asked = works.flatMap((work) => askedFor(run, work) ?? []);
  if (asked.length === 0) return works;
  const references = await loadReferences(
    run,
    recordsOf(
      run.compiled.fields,
      asked.map(({ work }) => work),
    ),
  );
  const left = new Set<PairWork>();
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE);
    const found = await inParallel(
      some.map((one) => () => lookFor(run, one, references)),
      run.signal,
    );
    for (const [index, one] of some.entries()) {
      const matches = found[index] ?? null;
      if (matches !== null && !(await goOn(run, one, matches))) left.add(one.work);
    }
  }
  return works.filter((work) => !left.has(work));
}

interface Asked extends Deletion {
  readonly work: PairWork;
}

function askedFor(run: SynchRun, work: PairWork): Asked | null {
  const deletion = run.matchGroups.length === 0 ? null : deletionToDecide(run, work);
  if (deletion === null || run.deletions.held > 0) return null;
  // A person knows what stands there, and wants the other record gone too.
  return decidedByPerson(run, work) === deletion.gone ? null : { ...deletion, work };
}

interface Matches {
  readonly group: MatchGroupFields;
  readonly candidates: readonly Candidate[];
  /** Records like the one that is left, which match just as well. */
  readonly twins: readonly Candidate[];
}

/** What matches the record that is left, by the first group of fields in which anything does. */
async function lookFor(run: SynchRun, { work, gone, row }: Asked, references: References): Promise<Matches | null> {
  const sought = { side: otherSide(gone), row, bases: work.coupling.bases };
  for (const group of run.matchGroups) {
    const candidates = await candidatesOf(run, group, sought, references);
    if (candidates.length > 0) return { group, candidates, twins: await twinsOf(run, group, sought) };
  }
  return null;
}

/** False where the pair is left as it is by now. */
async function goOn(run: SynchRun, asked: Asked, { group, candidates, twins }: Matches): Promise<boolean> {
  const { work, gone, row } = asked;
  const [only, ...others] = candidates;
  // What was not planned is not done.
  if (only === undefined || run.gate !== null) return false;
  if (others.length > 0 || twins.length > 0 || only.hold.kind === 'OPEN') {
    if (run.compiled.mapping.deletionConflictResolution === 'REMOVE_COUPLING') return true;
    await list(run, asked, group, candidates);
    return false;
  }
  const { coupling } = work;
  const ids = gone === 'BUSINESS' ? { businessId: only.row.id } : { salesId: only.row.id };
  const made = await coupleMatch(run, {
    records: { businessId: coupling.businessId, salesId: coupling.salesId, ...ids, title: coupling.title },
    former: [coupling, ...(only.hold.coupling === null ? [] : [only.hold.coupling])],
  });
  if (made === null) {
    await run.stores.couplings.makeDue([coupling._id], run.now());
    return false;
  }
  work.coupling = made;
  work.gone.delete(gone);
  work.seen[gone] = only.row;
  work.seen[otherSide(gone)] = row;
  return true;
}

/** The pair is neither restored nor is the other record deleted: one of several that match may stand in the place of the one that is gone. */
async function list(
  run: SynchRun,
  { work, gone, row }: Asked,
  group: MatchGroupFields,
  found: readonly Candidate[],
): Promise<void> {
  const { coupling } = work;
  const candidates = found.map((one) => one.row);
  const system = gone === 'BUSINESS' ? 'the business system' : 'Dataverse';
  const error = makeError(
    'DUPLICATE',
    'MATCH_AMBIGUOUS',
    `the record in ${system} was deleted, and several records match in its place (${candidates.map(({ id }) => id).join(', ')}): couple the right one by hand`,
    { side: gone },
  );
  countOnce(run, work, otherSide(gone), 'skipped');
  await run.stores.couplings.change([
    {
      _id: coupling._id,
      revision: coupling.revision,
      set: {
        ...parkedState(coupling, 'BROKEN', error, run.now()),
        ...evaluatedWith(run.compiled, work),
        ...waitsForNothing,
      },
    },
  ]);
  const candidateCount = candidates.length;
  await listAmbiguities(run, { side: otherSide(gone), records: [row], group, candidates, candidateCount });
}
