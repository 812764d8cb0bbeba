import type { SourceRow } from '../connectors/connector.js';
import { chunksOf } from '../connectors/odata/parallel.js';
import type { Coupling } from '../coupling/coupling.js';
import { withAwaited } from './awaited-couplings.js';
import { carryOut } from './carry-out.js';
import { carryOutSteps } from './carry-out-steps.js';
import { withCauses } from './causes.js';
import { withCheckedUnits } from './checked-units.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { listCoupledElsewhere } from './coupled-elsewhere.js';
import { decideStep } from './decide-step.js';
import { recordLandedLate } from './landed-late.js';
import { loadReferences, recordsOf } from './load-references.js';
import { isLookedFor, matchBeforeCreate } from './match-before-create.js';
import { BrokenPairs, matchBroken } from './match-broken.js';
import { matchMadeAgain } from './match-made-again.js';
import { newCoupling } from './new-coupling.js';
import { pagesOfRecords } from './pages-of.js';
import { idOn, type PairWork, type PlannedStep, sidesToRead, withoutOthersOf } from './pair-work.js';
import { readByIds } from './read-records.js';
import { titleOf } from './record-title.js';
import { SideBySide } from './side-by-side.js';
import type { StagedRecord } from './stage-store.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { createsFrom, type SynchRun, saveProgress, wakeHolders } from './synch-run.js';
import { hasSteps, tableRuleOf } from './table-rules.js';
import { UnitGroups } from './unit-groups.js';

/**
 * Rounds of one pair in one run: the first write, one more where the system answered something else or where a create has
 * fields that go the other way, and as many again for refusals because a record changed meanwhile. What is left then is
 * tried again in the next run.
 */
const MAXIMUM_ROUNDS = 4;

/** Plans and writes every staged record together with its counterpart. Answers how many pairs are left for the next run. */
export async function synchronizeStaged(run: SynchRun): Promise<number> {
  let left = 0;
  for (const side of sides) {
    await using chunks = new Chunks(run, side);
    for await (const staged of stagedChunks(run, side)) await chunks.begin(staged);
    left += await chunks.end();
  }
  await run.stores.stage.clear(run.runId);
  return left;
}

/** The records of a side on their way through a run, chunk by chunk, some of them side by side. */
export class Chunks implements AsyncDisposable {
  readonly #underWay: SideBySide<readonly StagedRecord[]>;
  readonly #size: number;
  #left = 0;

  constructor(run: SynchRun, side: Side) {
    this.#size = run.chunks.pairs;
    const brokenPairs = new BrokenPairs(run);
    this.#underWay = new SideBySide(chunksAtOnce(run, side), async (staged) => {
      const left = await synchronizeChunk(run, side, staged, brokenPairs);
      this.#left += left;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#underWay[Symbol.asyncDispose]();
  }

  /** Plans and writes these records, however many; comes back when the last chunk of them is begun. Throws what an earlier one failed with. */
  async begin(records: readonly StagedRecord[]): Promise<void> {
    for (const chunk of chunksOf(records, this.#size)) await this.#underWay.begin(chunk);
  }

  /** Waits for all of them. Answers how many pairs are left for the next run. */
  async end(): Promise<number> {
    await this.#underWay.end();
    return this.#left;
  }
}

/**
 * While the one chunk waits for a system, another is planned, and a third is stored. Where a system gives the ids, a create whose
 * answer is lost is looked for among equal records: those of another chunk must not be under way then. Steps look at what other
 * pairs became, and so does a dry run.
 */
function chunksAtOnce({ options, connectors, compiled, chunks }: SynchRun, side: Side): number {
  const makesIds = connectors[otherSide(side)].features.clientAssignedIds;
  return makesIds && !options.dryRun && !hasSteps(compiled.mapping.integrationTable) ? chunks.atOnce : 1;
}

const stagedChunks = ({ stores, runId, chunks }: SynchRun, side: Side): AsyncGenerator<readonly StagedRecord[]> =>
  pagesOfRecords((afterId) => stores.stage.page(runId, side, afterId, chunks.pairs));

async function synchronizeChunk(
  run: SynchRun,
  side: Side,
  staged: readonly StagedRecord[],
  brokenPairs: BrokenPairs,
): Promise<number> {
  // What others wait for is told once this chunk is stored, not when another one is.
  const own: SynchRun = { ...run, completed: new Set(), mended: new Set(), troubled: new Set() };
  const left = await synchronizePairs(own, side, staged, brokenPairs);
  await wakeHolders(own);
  await saveProgress(own);
  return left;
}

async function synchronizePairs(
  run: SynchRun,
  side: Side,
  staged: readonly StagedRecord[],
  brokenPairs: BrokenPairs,
): Promise<number> {
  const chunk = await openWork(run, side, staged);
  await listCoupledElsewhere(run, chunk.works);
  const works = await withMatches(run, chunk, brokenPairs);
  const unitGroups = new UnitGroups(run);
  let left = await writeRounds(run, works, unitGroups);
  left += await writeRounds(run, await carryOutSteps(run, works), unitGroups);
  // Also what was read of records that were coupled meanwhile: by now it is older than what was written to them.
  const partnerIds = works.flatMap(({ coupling }) => idOn(coupling, otherSide(side)) ?? []);
  if (side === sides[0])
    await run.stores.stage.remove(run.runId, otherSide(side), [...chunk.partnerIds, ...partnerIds]);
  return left;
}

/** The works that go on once each record without counterpart was looked up on the other side. */
async function withMatches(
  run: SynchRun,
  { works, uncoupled }: OpenedWorks,
  brokenPairs: BrokenPairs,
): Promise<readonly PairWork[]> {
  const { mode } = run.options;
  // A full synchronization that matches has looked at all records already, but for those that an earlier run had listed.
  if (run.matchGroups.length === 0 || (mode === 'MATCH_THEN_CREATE' && !works.some((work) => isLookedFor(run, work))))
    return works;
  const references = await loadReferences(run, recordsOf(run.compiled.fields, [...works, ...uncoupled]));
  const matched = await matchBeforeCreate(run, works, references);
  if (mode === 'MATCH_THEN_CREATE') return matched;
  if (mode === null) {
    const goneOn = await matchBroken(run, brokenPairs, uncoupled, references);
    return [...withoutOthersOf(goneOn, matched), ...goneOn];
  }
  const [created, others] = [matched.filter(({ stored }) => !stored), matched.filter(({ stored }) => stored)];
  const goneOn = await matchBroken(run, brokenPairs, [...created, ...uncoupled], references);
  return [...withoutOthersOf(goneOn, others), ...goneOn];
}

/** Plans and writes pairs until nothing of them is left to do. Answers how many are left for the next run. */
async function writeRounds(run: SynchRun, pairs: readonly PairWork[], unitGroups: UnitGroups): Promise<number> {
  let works = pairs;
  for (let round = 0; works.length > 0 && round < MAXIMUM_ROUNDS; round += 1) {
    await readMissing(run, works);
    works = await matchMadeAgain(run, works);
    await recordLandedLate(run, works);
    const references = await loadReferences(run, recordsOf(run.compiled.fields, works));
    const decided = works.map((work) => ({ work, step: decideStep(run, work, references) }));
    const planned = await withCauses(run, await withAwaited(run, await withCheckedUnits(run, decided, unitGroups)));
    await noteDeletions(run, planned);
    works = await carryOut(run, planned);
  }
  await leaveForNextRun(run, works);
  return works.length;
}

interface OpenedWorks {
  /** Pairs, and records whose counterpart is to be created. */
  readonly works: readonly PairWork[];
  /** Records without counterpart of which this run creates none. */
  readonly uncoupled: readonly PairWork[];
  readonly partnerIds: readonly string[];
}

/** Joins staged records with their couplings and their staged counterparts; records that do not take part are left out. */
async function openWork(run: SynchRun, side: Side, staged: readonly StagedRecord[]): Promise<OpenedWorks> {
  const { stores, compiled, runId } = run;
  const couplings = await stores.couplings.byRecordIds(
    compiled.mapping.id,
    side,
    staged.map(({ id }) => id),
  );
  const bySideId = new Map(couplings.map((coupling) => [idOn(coupling, side), coupling]));
  const partnerIds = couplings.flatMap((coupling) => idOn(coupling, otherSide(side)) ?? []);
  // The pairs of the first side's records are done by then, and what was staged of them is older than that.
  const isFirst = side === sides[0];
  const partnerRecords = isFirst ? await stores.stage.byIds(runId, otherSide(side), partnerIds) : [];
  const partners = new Map(partnerRecords.map((record) => [record.id, record]));
  const looksFirst = isLookedAtFirst(run.compiled);
  const works = staged.flatMap((record) => {
    const coupling = bySideId.get(record.id) ?? null;
    if (coupling === null) return [];
    const work = workOf(coupling, side);
    takeStaged(work, side, record);
    const partner = partners.get(idOn(coupling, otherSide(side)) ?? '');
    if (partner !== undefined) takeStaged(work, otherSide(side), partner);
    if (looksFirst && work.seen.SALES === undefined) work.toRead.add('SALES');
    return [work];
  });
  const without = staged.flatMap((record) =>
    !bySideId.has(record.id) && takesPart(run, side, record) ? [creation(run, side, record)] : [],
  );
  return createsFrom(run, side)
    ? { works: [...works, ...without], uncoupled: [], partnerIds }
    : { works, uncoupled: without, partnerIds };
}

/** Whether a record of Dataverse takes changes is told by a column of it, which nothing is known of where it is not mapped. */
function isLookedAtFirst({ mapping, fields }: CompiledMapping): boolean {
  const { openWhile } = tableRuleOf(mapping.integrationTable);
  return openWhile !== undefined && !fields.some(({ integrationField }) => integrationField === openWhile.column);
}

const takesPart = (run: SynchRun, side: Side, record: StagedRecord): boolean =>
  record.version !== null && run.compiled.inFilter[side](record.values);

function creation(run: SynchRun, side: Side, record: StagedRecord): PairWork {
  const title = titleOf(run.compiled.table[side], record.id, record.values);
  const ids = side === 'BUSINESS' ? { businessId: record.id, salesId: null } : { businessId: null, salesId: record.id };
  const work = { ...workOf(newCoupling(run, { ...ids, title }), side), stored: false };
  takeStaged(work, side, record);
  return work;
}

const workOf = (coupling: Coupling, stagedSide: Side): PairWork => ({
  coupling,
  stored: true,
  stagedSide,
  seen: {},
  gone: new Set(),
  toRead: new Set(),
  round: 0,
  counted: false,
});

/** A record staged as deleted is read by its id before it counts as gone. */
function takeStaged(work: PairWork, side: Side, record: StagedRecord): void {
  if (record.version === null) work.toRead.add(side);
  else
    work.seen[side] = {
      id: record.id,
      version: record.version,
      modifiedAt: record.modifiedAt,
      values: record.values,
    } satisfies SourceRow;
}

/** Deletions about which something is done now count against those to come; what a person chose does not. */
async function noteDeletions(run: SynchRun, planned: readonly PlannedStep[]): Promise<void> {
  if (run.options.forced) return;
  const actedOn = planned.filter(
    ({ work, step }) => work.gone.size === 1 && ['REMOVE', 'CREATE', 'DELETE'].includes(step.kind),
  );
  await run.stores.deletions.note(run.compiled.mapping.id, actedOn.length, run.now());
}

/** The second time reads what is left of pairs of which a record turned out to be gone. */
async function readMissing(run: SynchRun, works: readonly PairWork[]): Promise<void> {
  for (const side of [...sides, ...sides]) {
    const reading = works.filter((work) => sidesToRead(work).includes(side));
    const rows = await readByIds(
      run,
      side,
      reading.flatMap(({ coupling }) => idOn(coupling, side) ?? []),
    );
    for (const work of reading) {
      const row = rows.get(idOn(work.coupling, side) ?? '');
      work.toRead.delete(side);
      if (row === undefined) {
        delete work.seen[side];
        // A record that a begun create has still to make is not gone.
        if (!work.coupling.intents.some((intent) => intent.kind === 'CREATE' && intent.side === side))
          work.gone.add(side);
      } else {
        work.seen[side] = row;
      }
    }
  }
}

async function leaveForNextRun(run: SynchRun, works: readonly PairWork[]): Promise<void> {
  await run.stores.couplings.change(
    works
      .filter(({ stored }) => stored)
      .map(({ coupling }) => ({ _id: coupling._id, revision: coupling.revision, set: { nextAttemptAt: run.now() } })),
  );
}
