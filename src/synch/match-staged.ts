import type { Coupling } from '../coupling/coupling.js';
import { coupleMatch, coupleMatches } from './couple-match.js';
import { parkedState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { listAmbiguities } from './list-ambiguities.js';
import { LISTED_CANDIDATES } from './match-ambiguity.js';
import { keyPrefixOf, type MatchGroupFields } from './match-keys.js';
import { newCoupling } from './new-coupling.js';
import { pagesOfDocuments, pagesOfRecords } from './pages-of.js';
import { idOn } from './pair-work.js';
import { halfGone } from './record-holds.js';
import { titleOf } from './record-title.js';
import { isPair, type PairOfRecords } from './recoupled-pair.js';
import { hangsOnMatch } from './settle-match.js';
import type { MatchGroup, StagedRecord } from './stage-store.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { groupsMatchedFirst, jobInto, type SynchRun } from './synch-run.js';

/** Groups that are coupled together. */
const PAGE = 500;

/**
 * Couples staged records that match on both sides and on none of them twice, priority by priority, in a run that matches all
 * before it creates any. A record with several possible counterparts is listed as DUPLICATE: neither coupled nor created.
 */
export async function matchStaged(run: SynchRun): Promise<void> {
  const groups = groupsMatchedFirst(run);
  if (groups.length === 0) return;
  await forgetCoupled(run);
  for (const group of groups) {
    let page: MatchGroup[] = [];
    for await (const match of run.stores.stage.matchGroups(run.runId, keyPrefixOf(group))) {
      page.push(match);
      if (page.length === PAGE) {
        await settleMatches(run, group, page);
        page = [];
      }
    }
    await settleMatches(run, group, page);
  }
}

/** Coupled records take no part in matching, but for what is left of pairs whose other record is gone. */
async function forgetCoupled(run: SynchRun): Promise<void> {
  const { stores, compiled, runId } = run;
  const { id } = compiled.mapping;
  for await (const couplings of pagesOfDocuments((afterId) => stores.couplings.page(id, afterId, PAGE))) {
    const pairs = couplings.filter(isPair);
    const free = new Set((await halfGone(run, await suspects(run, pairs))).map(({ pair }) => pair._id));
    const held = pairs.filter(({ _id }) => !free.has(_id));
    for (const side of sides)
      await stores.stage.settleMatching(
        runId,
        side,
        held.flatMap((coupling) => idOn(coupling, side) ?? []),
      );
  }
}

/** Pairs of which a record may be gone: they are BROKEN, or the record was told deleted, or not among those read. */
async function suspects(run: SynchRun, pairs: readonly Coupling[]): Promise<readonly Coupling[]> {
  const open = pairs.filter(({ intents }) => intents.length === 0);
  const missing: ReadonlySet<string>[] = [];
  for (const side of sides) {
    const ids = open.flatMap((coupling) => idOn(coupling, side) ?? []);
    const staged = await run.stores.stage.byIds(run.runId, side, ids);
    missing.push(new Set(staged.flatMap(({ id, version }) => (version === null ? [id] : []))));
  }
  return open.filter(
    (coupling) =>
      coupling.state === 'BROKEN' || sides.some((side, index) => missing[index]?.has(idOn(coupling, side) ?? '')),
  );
}

async function settleMatches(run: SynchRun, group: MatchGroupFields, matches: readonly MatchGroup[]): Promise<void> {
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
  const titles = await titlesOf(run, matches);
  const records = matches.map(({ businessIds: [businessId = null], salesIds: [salesId = null] }) => ({
    businessId,
    salesId,
    title: titles.get(businessId ?? '') ?? '',
  }));
  const former = await formerOf(run, records);
  await coupleMatches(
    run,
    records.filter((pair) => former(pair).length === 0),
  );
  for (const pair of records) await takeOver(run, pair, former(pair));
}

/** A pair whose other record is gone goes on with the one that matches, and so does what an earlier run listed without counterpart. */
async function takeOver(run: SynchRun, records: PairOfRecords, former: readonly Coupling[]): Promise<void> {
  if (former.length === 0 || former.some(({ intents }) => intents.length > 0)) return;
  await coupleMatch(run, { records, former });
}

async function titlesOf(run: SynchRun, matches: readonly MatchGroup[]): Promise<ReadonlyMap<string, string>> {
  const ids = matches.flatMap(({ businessIds }) => businessIds);
  const staged = await run.stores.stage.byIds(run.runId, 'BUSINESS', ids);
  return new Map(staged.map(({ id, values }) => [id, titleOf(run.compiled.table.BUSINESS, id, values)]));
}

/** The couplings that the records of a pair stand in so far. */
async function formerOf(
  run: SynchRun,
  records: readonly PairOfRecords[],
): Promise<(pair: PairOfRecords) => readonly Coupling[]> {
  const { couplings } = run.stores;
  const mappingId = run.compiled.mapping.id;
  const known = [
    ...(await couplings.byRecordIds(
      mappingId,
      'BUSINESS',
      records.flatMap(({ businessId }) => businessId ?? []),
    )),
    ...(await couplings.byRecordIds(
      mappingId,
      'SALES',
      records.flatMap(({ salesId }) => salesId ?? []),
    )),
  ];
  const byBusinessId = new Map(known.map((coupling) => [coupling.businessId, coupling]));
  const bySalesId = new Map(known.map((coupling) => [coupling.salesId, coupling]));
  return ({ businessId, salesId }) => [
    ...new Set(
      [
        ...(businessId === null ? [] : [byBusinessId.get(businessId)]),
        ...(salesId === null ? [] : [bySalesId.get(salesId)]),
      ].flatMap((coupling) => coupling ?? []),
    ),
  ];
}

/** All records of a side that have the key, however many: one that was left out would be created on the other side. */
async function listAmbiguous(run: SynchRun, group: MatchGroupFields, match: MatchGroup, side: Side): Promise<void> {
  const { stage } = run.stores;
  const other = otherSide(side);
  const candidates = await stage.withKey(run.runId, other, match.key, { afterId: null, limit: LISTED_CANDIDATES });
  const candidateCount = other === 'BUSINESS' ? match.businessCount : match.salesCount;
  const alike = await stage.withKey(run.runId, side, match.key, { afterId: null, limit: LISTED_CANDIDATES });
  const hangsOn = hangsOnMatch(run, side, alike, candidates);
  const withKey = (afterId: string | null) => stage.withKey(run.runId, side, match.key, { afterId, limit: PAGE });
  for await (const records of pagesOfRecords(withKey)) {
    // Where several have one candidate between them, it is the candidate that has several.
    if (candidateCount > 1) await listAmbiguities(run, { side, records, group, candidates, candidateCount });
    await listFailed(run, side, records, { candidates, hangsOn });
  }
}

interface Listed {
  readonly candidates: readonly StagedRecord[];
  readonly hangsOn: readonly string[];
}

/** Makes the records known that were not listed before. */
async function listFailed(run: SynchRun, side: Side, records: readonly StagedRecord[], as: Listed): Promise<void> {
  const ids = records.map(({ id }) => id);
  const known = await run.stores.couplings.byRecordIds(run.compiled.mapping.id, side, ids);
  const listed = records.filter(({ id }) => !known.some((coupling) => idOn(coupling, side) === id));
  const couplings = listed.map((record) => listedCoupling(run, side, record, as));
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
  { candidates, hangsOn }: Listed,
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
    hangsOn,
    ...(side === 'BUSINESS' ? { business: seen } : { sales: seen }),
  };
}
