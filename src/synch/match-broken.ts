import type { SourceRow } from '../connectors/connector.js';
import type { BrokenPair } from '../coupling/coupling-store.js';
import { loadReferences } from './load-references.js';
import { type Candidate, twinsOf, withHolds } from './match-candidates.js';
import { matchKeysOf } from './match-keys.js';
import { pagesOfDocuments, pagesOfRecords } from './pages-of.js';
import type { PairWork } from './pair-work.js';
import { halfGone } from './record-holds.js';
import type { References } from './references.js';
import { coupleFound, listSeveral } from './settle-match.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { createsFrom, type SynchRun } from './synch-run.js';

/** Pairs that are looked at together. */
const PAGE = 500;

/** Further broken pairs wait for a full synchronization that matches: their keys are held in memory. */
const MOST_PAIRS = 10_000;

/**
 * The pairs of a mapping of which one record is gone, by what is left of them: read once for the records of a side, when the
 * first one comes that may stand in the place of one that is gone.
 */
export class BrokenPairs {
  private loaded: Promise<Readonly<Record<Side, ReadonlyMap<string, readonly SourceRow[]>>>> | null = null;

  constructor(private readonly run: SynchRun) {}

  /** What is left of pairs whose record on this side is gone, and matches by this key. */
  async withKey(gone: Side, key: string): Promise<readonly SourceRow[]> {
    this.loaded ??= this.load();
    return (await this.loaded)[gone].get(key) ?? [];
  }

  private async load(): Promise<Readonly<Record<Side, ReadonlyMap<string, readonly SourceRow[]>>>> {
    const byKey = { BUSINESS: new Map<string, SourceRow[]>(), SALES: new Map<string, SourceRow[]>() };
    let count = 0;
    for await (const page of pagesOfPairs(this.run)) {
      for (const { key, gone, row } of await keysOf(this.run, page))
        byKey[gone].set(key, [...(byKey[gone].get(key) ?? []), row]);
      count += page.length;
      if (count >= MOST_PAIRS) break;
    }
    return byKey;
  }
}

/** Pairs that are BROKEN, and those of which this run was told that a record is deleted. */
async function* pagesOfPairs({ stores, compiled, runId }: SynchRun): AsyncGenerator<readonly BrokenPair[]> {
  const { id } = compiled.mapping;
  yield* pagesOfDocuments((afterId) => stores.couplings.brokenPairs(id, afterId, PAGE));
  for (const side of sides) {
    for await (const deleted of pagesOfRecords((afterId) => stores.stage.deleted(runId, side, afterId, PAGE))) {
      const couplings = await stores.couplings.byRecordIds(
        id,
        side,
        deleted.map((record) => record.id),
      );
      yield couplings.filter(({ state }) => state !== 'BROKEN');
    }
  }
}

async function keysOf(
  run: SynchRun,
  pairs: readonly BrokenPair[],
): Promise<readonly { readonly key: string; readonly gone: Side; readonly row: SourceRow }[]> {
  const left = (await halfGone(run, pairs)).filter(({ gone, row }) =>
    run.compiled.inFilter[otherSide(gone)](row.values),
  );
  const references = await loadReferences(
    run,
    left.map(({ gone, row }) => ({ side: otherSide(gone), values: row.values })),
  );
  return left.flatMap(({ gone, row }) =>
    matchKeysOf(run.matchGroups, otherSide(gone), row.values, references).map((key) => ({ key, gone, row })),
  );
}

/**
 * Records without counterpart, of which this run creates none, may stand in the place of one that is gone: then their pair goes
 * on with them. Answers the works of these pairs, and of the records that are to be created and stand in nobody's place.
 */
export async function matchBroken(
  run: SynchRun,
  brokenPairs: BrokenPairs,
  works: readonly PairWork[],
  references: References,
): Promise<readonly PairWork[]> {
  const goOn: PairWork[] = [];
  for (const work of works) if (await isTakenUp(run, brokenPairs, work, references)) goOn.push(work);
  return goOn;
}

async function isTakenUp(
  run: SynchRun,
  brokenPairs: BrokenPairs,
  work: PairWork,
  references: References,
): Promise<boolean> {
  const { stagedSide: side, seen } = work;
  const row = seen[side];
  if (row === undefined) return false;
  const isCreated = createsFrom(run, side);
  for (const group of run.matchGroups) {
    const [key] = matchKeysOf([group], side, row.values, references);
    const candidates = key === undefined ? [] : await leftOvers(run, brokenPairs, side, key);
    const [only, ...others] = candidates;
    if (only === undefined) continue;
    if (run.gate !== null) return false;
    const twins = others.length > 0 ? [] : await twinsOf(run, group, { side, row });
    const twinsOfOther = others.length > 0 ? [] : await twinsOf(run, group, { side: otherSide(side), row: only.row });
    if (others.length + twins.length + twinsOfOther.length === 0 && only.hold.kind === 'FREE')
      return coupleFound(run, work, only);
    if (isCreated)
      await listSeveral(run, work, {
        group,
        candidates: [...candidates, ...twinsOfOther].map((one) => one.row),
        records: [row, ...twins.map((one) => one.row)],
      });
    return false;
  }
  return isCreated;
}

/** What is left of pairs and still has no counterpart. */
async function leftOvers(run: SynchRun, brokenPairs: BrokenPairs, side: Side, key: string): Promise<Candidate[]> {
  return withHolds(run, otherSide(side), await brokenPairs.withKey(side, key));
}
