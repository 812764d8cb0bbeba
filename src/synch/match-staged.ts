import type { Coupling } from '../coupling/coupling.js';
import { recordCoupled } from './couple-change.js';
import { parkedState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { listAmbiguities } from './list-ambiguities.js';
import { LISTED_CANDIDATES } from './match-ambiguity.js';
import { keyPrefixOf, type MatchGroupFields } from './match-keys.js';
import { newCoupling } from './new-coupling.js';
import { titleOf } from './record-title.js';
import type { MatchGroup, StagedRecord } from './stage-store.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { jobInto, markCompleted, type SynchRun } from './synch-run.js';
import { stepsOf } from './table-rules.js';

/** Groups that are coupled together. */
const PAGE = 500;

/**
 * Couples staged records that match on both sides and on none of them twice, priority by priority. A record with several
 * possible counterparts is listed as DUPLICATE: it is neither coupled nor created.
 */
export async function matchStaged(run: SynchRun): Promise<void> {
  for (const side of sides) await forgetCoupled(run, side);
  for (const group of run.matchGroups) {
    let page: MatchGroup[] = [];
    for await (const match of run.stores.stage.matchGroups(run.runId, keyPrefixOf(group))) {
      page.push(match);
      if (page.length === PAGE) {
        await coupleMatches(run, group, page);
        page = [];
      }
    }
    await coupleMatches(run, group, page);
  }
}

/** Coupled records take no part in matching. */
async function forgetCoupled(run: SynchRun, side: Side): Promise<void> {
  const { stores, compiled, runId } = run;
  let afterId: string | null = null;
  for (;;) {
    const couplings: Coupling[] = await stores.couplings.page(compiled.mapping.id, afterId, PAGE);
    if (couplings.length === 0) return;
    afterId = couplings.at(-1)?._id ?? null;
    const paired = couplings.filter(({ businessId, salesId }) => businessId !== null && salesId !== null);
    await stores.stage.settleMatching(
      runId,
      side,
      paired.flatMap((coupling) => (side === 'BUSINESS' ? coupling.businessId : coupling.salesId) ?? []),
    );
  }
}

async function coupleMatches(run: SynchRun, group: MatchGroupFields, matches: readonly MatchGroup[]): Promise<void> {
  if (matches.length === 0) return;
  const unique = matches.filter(({ businessCount, salesCount }) => businessCount === 1 && salesCount === 1);
  const ambiguous = matches.filter(({ businessCount, salesCount }) => businessCount > 1 || salesCount > 1);
  await coupleUnique(run, unique);
  for (const match of ambiguous) {
    for (const side of sides) await listAmbiguous(run, group, match, side);
    await run.stores.stage.settleKey(run.runId, match.key);
  }
  for (const side of sides) {
    const ids = unique.flatMap(({ businessIds, salesIds }) => (side === 'BUSINESS' ? businessIds : salesIds));
    await run.stores.stage.settleMatching(run.runId, side, ids);
  }
}

async function coupleUnique(run: SynchRun, matches: readonly MatchGroup[]): Promise<void> {
  const now = run.now();
  // What an earlier run listed because it had no counterpart gives way to the pair.
  await forgetUnpaired(run, matches);
  const titles = await titlesOf(run, matches);
  const couplings = matches.map(({ businessIds: [businessId = null], salesIds: [salesId = null] }) => ({
    ...newCoupling(run, { businessId, salesId, title: titles.get(businessId ?? '') ?? '' }),
    state: 'PENDING' as const,
    nextAttemptAt: now,
    lastResult: 'COUPLE' as const,
    openSteps: stepsOf(run.compiled.mapping.integrationTable, null),
  }));
  const inserted = await run.stores.couplings.insert(couplings);
  const made = couplings.filter(({ _id }) => inserted.has(_id));
  for (const coupling of made) markCompleted(run, coupling);
  await recordCoupled(run, made);
  jobInto(run, 'SALES').count('coupled', inserted.size);
}

async function titlesOf(run: SynchRun, matches: readonly MatchGroup[]): Promise<ReadonlyMap<string, string>> {
  const ids = matches.flatMap(({ businessIds }) => businessIds);
  const staged = await run.stores.stage.byIds(run.runId, 'BUSINESS', ids);
  return new Map(staged.map(({ id, values }) => [id, titleOf(run.compiled.table.BUSINESS, id, values)]));
}

async function forgetUnpaired(run: SynchRun, matches: readonly MatchGroup[]): Promise<void> {
  const { couplings } = run.stores;
  const mappingId = run.compiled.mapping.id;
  const listed = [
    ...(await couplings.byRecordIds(
      mappingId,
      'BUSINESS',
      matches.flatMap(({ businessIds }) => businessIds),
    )),
    ...(await couplings.byRecordIds(
      mappingId,
      'SALES',
      matches.flatMap(({ salesIds }) => salesIds),
    )),
  ];
  await couplings.remove(
    listed.filter(
      ({ businessId, salesId, intents }) => (businessId === null || salesId === null) && intents.length === 0,
    ),
  );
}

/** All records of a side that have the key, however many: one that was left out would be created on the other side. */
async function listAmbiguous(run: SynchRun, group: MatchGroupFields, match: MatchGroup, side: Side): Promise<void> {
  const { stage } = run.stores;
  const other = otherSide(side);
  const candidates = await stage.withKey(run.runId, other, match.key, { afterId: null, limit: LISTED_CANDIDATES });
  const candidateCount = other === 'BUSINESS' ? match.businessCount : match.salesCount;
  let afterId: string | null = null;
  for (;;) {
    const records: StagedRecord[] = await stage.withKey(run.runId, side, match.key, { afterId, limit: PAGE });
    if (records.length === 0) return;
    afterId = records.at(-1)?.id ?? null;
    // Where several have one candidate between them, it is the candidate that has several.
    if (candidateCount > 1) await listAmbiguities(run, { side, records, group, candidates, candidateCount });
    await listFailed(run, side, records, candidates);
  }
}

/** Makes the records known that were not listed before. */
async function listFailed(
  run: SynchRun,
  side: Side,
  records: readonly StagedRecord[],
  candidates: readonly StagedRecord[],
): Promise<void> {
  const ids = records.map(({ id }) => id);
  const known = await run.stores.couplings.byRecordIds(run.compiled.mapping.id, side, ids);
  const listed = records.filter(
    ({ id }) => !known.some((coupling) => (side === 'BUSINESS' ? coupling.businessId : coupling.salesId) === id),
  );
  const couplings = listed.map((record) => listedCoupling(run, side, record, candidates));
  const inserted = await run.stores.couplings.insert(couplings);
  for (const coupling of couplings.filter(({ _id }) => inserted.has(_id))) {
    jobInto(run, otherSide(side)).count('failed');
    if (coupling.error !== null) jobInto(run, otherSide(side)).list(coupling, coupling.error);
  }
}

function listedCoupling(
  run: SynchRun,
  side: Side,
  { id, version, values }: StagedRecord,
  candidates: readonly StagedRecord[],
): Coupling {
  const ids = side === 'BUSINESS' ? { businessId: id, salesId: null } : { businessId: null, salesId: id };
  const coupling = newCoupling(run, { ...ids, title: titleOf(run.compiled.table[side], id, values) });
  const names = candidates.map((candidate) => candidate.id).join(', ');
  const message = `several records match on both sides (candidates: ${names}): couple the right one by hand, or make the matching fields differ`;
  const error = makeError('DUPLICATE', 'MATCH_AMBIGUOUS', message, { side });
  const seen = { version, clean: false };
  return {
    ...coupling,
    ...parkedState(coupling, 'FAILED', error, run.now()),
    attempts: 1,
    ...(side === 'BUSINESS' ? { business: seen } : { sales: seen }),
  };
}
