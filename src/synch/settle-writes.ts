import type { ConnectorError, SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import type { CouplingChange } from '../coupling/coupling-store.js';
import { basesAfterWrite } from './bases-after-write.js';
import type { CouplingSet } from './coupling-states.js';
import { describeError, makeError, RunFailedError } from './describe-error.js';
import { isClean } from './field-base.js';
import { loadReferences, recordsOf } from './load-references.js';
import { withLanded } from './loop-breaker.js';
import { countConflict, failureSet } from './pair-outcome.js';
import type { PairWork } from './pair-work.js';
import { readByIds } from './read-records.js';
import { recoverIntents } from './recover-intents.js';
import { asSettled, settleAgreed } from './settle-agreed.js';
import { evaluatedWith, settlePair } from './settle-pair.js';
import { otherSide, type Side, type SynchError, sides } from './synch-error.js';
import type { RecordChange } from './synch-job.js';
import { changeOf, deletionChange, jobInto, markCompleted, type SynchRun } from './synch-run.js';
import { stepsAfterWrite } from './table-rules.js';
import type { PairWrites, RecordWrite } from './write-pairs.js';

/**
 * Stores what became of a round of writes: history first, then each coupling in one update. Writes of unknown outcome are
 * settled by reading. Answers the pairs that need another round.
 */
export async function settleWrites(run: SynchRun, pairs: readonly PairWrites[]): Promise<readonly PairWork[]> {
  await adoptOwnCreates(run, pairs);
  const settled = await settleWhatAgrees(
    run,
    pairs.map((pair) => settleOne(run, pair)),
  );
  await run.stores.jobs.addChanges(settled.flatMap(({ history }) => history));
  const stored = await run.stores.couplings.change(settled.flatMap(({ change, isOver }) => (isOver ? [] : [change])));
  await run.stores.couplings.remove(settled.flatMap(({ work, isOver }) => (isOver ? [work.coupling] : [])));
  for (const { work, set, change } of settled) {
    if (stored.has(change._id)) work.coupling = { ...work.coupling, ...set, revision: change.revision + 1 };
  }
  const unknown = settled
    .filter(({ isUnknown, change }) => isUnknown && stored.has(change._id))
    .map(({ work }) => work);
  stopWhenSystemFails(pairs);
  await settleUnknown(run, unknown);
  return settled
    .filter(({ again, isUnknown, change }) => (again || isUnknown) && stored.has(change._id))
    .map(({ work }) => work);
}

interface Settled {
  readonly work: PairWork;
  readonly set: CouplingSet;
  readonly change: CouplingChange;
  readonly history: readonly RecordChange[];
  readonly again: boolean;
  readonly isUnknown: boolean;
  /** Both records are gone by now, so the coupling goes too. */
  readonly isOver: boolean;
}

/** Pairs whose next round would only take note of what agrees already are settled now. */
async function settleWhatAgrees(run: SynchRun, settled: readonly Settled[]): Promise<readonly Settled[]> {
  const open = new Set(settled.filter(({ again, set }) => again && set.state === 'COUPLED'));
  if (open.size === 0) return settled;
  const references = await loadReferences(run, recordsOf(run.compiled.fields, [...open].map(asSettled)));
  return settled.map((one) => {
    const set = open.has(one) ? settleAgreed(run, one, references) : null;
    return set === null ? one : { ...one, set, change: { ...one.change, set }, again: false };
  });
}

/** A create that was refused because our own id exists already was applied before: the row is ours. */
async function adoptOwnCreates(run: SynchRun, pairs: readonly PairWrites[]): Promise<void> {
  for (const side of sides) {
    const refused = pairs.flatMap(({ writes }) =>
      writes.filter((write) => write.side === side && write.outcome?.kind === 'KEY_EXISTS'),
    );
    const rows = await readByIds(
      run,
      side,
      refused.flatMap(({ intent }) => intent.recordId ?? []),
    );
    for (const write of refused) {
      const row = rows.get(write.intent.recordId ?? '');
      if (row !== undefined) write.outcome = { kind: 'WRITTEN', row };
    }
  }
}

function settleOne(run: SynchRun, pair: PairWrites): Settled {
  const { work } = pair;
  const history: RecordChange[] = [];
  const open: RecordWrite[] = [];
  let bases = pair.bases;
  let failure: { readonly into: Side; readonly error: SynchError } | null = null;
  let createdId: Partial<Pick<Coupling, 'businessId' | 'salesId'>> = {};
  let openSteps = work.coupling.openSteps;
  let isOver = false;
  let recentWrites = work.coupling.recentWrites ?? [];
  for (const write of pair.writes) {
    const { side, intent, outcome } = write;
    switch (outcome?.kind) {
      case 'WRITTEN':
        if (outcome.row === null) {
          isOver = true;
          history.push(deletionHistory(run, pair, write));
          break;
        }
        bases = landed(run, pair, write, { row: outcome.row, bases });
        if (intent.kind === 'UPDATE')
          recentWrites = withLanded(run.compiled.fields, recentWrites, { side, values: intent.values }, run.now());
        history.push(historyOf(run, pair, write, outcome.row));
        openSteps = stepsAfterWrite(run.compiled.mapping.integrationTable, intent, openSteps);
        if (intent.kind === 'CREATE') {
          createdId = side === 'BUSINESS' ? { businessId: outcome.row.id } : { salesId: outcome.row.id };
          work.gone.delete(side);
          markCompleted(run, { ...work.coupling, ...createdId });
        }
        break;
      case 'CHANGED':
      case 'GONE':
        work.toRead.add(side);
        break;
      case 'KEY_EXISTS':
        failure ??= { into: side, error: { ...describeError(outcome.error, side), class: 'DUPLICATE' } };
        break;
      case 'REFUSED':
        failure ??= { into: side, error: describeError(outcome.error, side) };
        break;
      default:
        open.push(write);
    }
  }
  work.round += 1;
  const settledOrFailed = failure === null ? settledSet(run, pair, bases) : failedSet(run, pair, bases, failure);
  // What a system makes of a new record, nobody knows before it exists.
  const isGuess = run.options.dryRun && pair.writes.some(({ intent }) => intent.kind === 'CREATE');
  const again =
    !isGuess && open.length === 0 && failure === null && !isOver && needsAnotherRound(run, work, settledOrFailed);
  const set: CouplingSet = {
    ...settledOrFailed,
    recentWrites,
    ...createdId,
    openSteps,
    // Due until its last round is settled and its steps are done: this process may die before.
    ...(again || (settledOrFailed.state === 'COUPLED' && openSteps.length > 0) ? { nextAttemptAt: run.now() } : {}),
    ...(open.length === 0
      ? {}
      : { state: 'PENDING', intents: open.map(({ intent }) => intent), nextAttemptAt: run.now() }),
  };
  const change = { _id: work.coupling._id, revision: work.coupling.revision, set };
  return {
    work,
    set,
    change,
    history,
    isUnknown: open.length > 0,
    isOver,
    again,
  };
}

function landed(
  run: SynchRun,
  { work, conflicts }: PairWrites,
  write: RecordWrite,
  { row, bases }: { readonly row: SourceRow; readonly bases: Coupling['bases'] },
): Coupling['bases'] {
  const { side, intent } = write;
  run.jobs[side].carriedOver(work.seen[otherSide(side)]?.modifiedAt, work.coupling);
  work.seen[side] = row;
  work.counted = true;
  run.jobs[side].count(
    intent.kind === 'CREATE' ? 'inserted' : 'modified',
    work.round === 0 || intent.kind === 'CREATE' ? 1 : 0,
  );
  const after = basesAfterWrite(run.compiled.fields, bases, {
    side,
    sent: intent.values,
    sources: intent.sources,
    before: intent.before,
    answered: row.values,
    cleared: intent.cleared,
    conflicts,
  });
  for (const name of after.altered) {
    const message = `${name} does not keep what is written to it: the system has a value of its own there, which stays`;
    run.jobs[side].list(work.coupling, makeError('VALIDATION', 'ALTERED_BY_SYSTEM', message, { side, field: name }));
  }
  return after.bases;
}

/** The record is gone; the history keeps what it held. */
function deletionHistory(run: SynchRun, { work, reason }: PairWrites, { side, intent }: RecordWrite): RecordChange {
  work.counted = true;
  run.jobs[side].count('deleted');
  return deletionChange(run, work.coupling, intent, reason);
}

function historyOf(run: SynchRun, pair: PairWrites, write: RecordWrite, row: SourceRow): RecordChange {
  const { side, intent } = write;
  const ids = side === 'BUSINESS' ? { businessId: row.id } : { salesId: row.id };
  const action = intent.kind === 'CREATE' ? 'INSERT' : 'MODIFY';
  return changeOf(
    run,
    { ...pair.work.coupling, ...ids },
    { side, action, reason: pair.reason, before: intent.before, after: intent.values },
    run.runId,
    intent.number,
  );
}

function settledSet(
  run: SynchRun,
  { work, writes, conflicts, untranslated }: PairWrites,
  bases: Coupling['bases'],
): CouplingSet {
  const into = writes[0]?.side ?? otherSide(work.stagedSide);
  if (conflicts.length > 0) countConflict(run, work, into);
  const written = writes.some(({ intent }) => intent.kind === 'CREATE') ? 'INSERT' : 'MODIFY';
  const lastResult = conflicts.length > 0 ? 'CONFLICT' : written;
  return settlePair(
    run.compiled,
    work,
    { bases, conflicts, untranslated, lastResult, lastSynchJobId: jobInto(run, into).job._id },
    run.now(),
  );
}

/** A refused create leaves the record without counterpart, listed with the reason. */
function failedSet(
  run: SynchRun,
  { work, writes, conflicts }: PairWrites,
  bases: Coupling['bases'],
  failure: { into: Side; error: SynchError },
): CouplingSet {
  work.counted = false;
  const created = writes.find(({ intent, outcome }) => intent.kind === 'CREATE' && outcome?.kind !== 'WRITTEN');
  const free = created === undefined ? {} : created.side === 'SALES' ? { salesId: null } : { businessId: null };
  return {
    ...failureSet(run, work, failure.into, failure.error),
    bases,
    conflicts,
    ...evaluatedWith(run.compiled, work),
    ...free,
  };
}

/** A record changed meanwhile, or the answer is not what the bases say: the pair is planned again from what is there now. */
function needsAnotherRound(run: SynchRun, work: PairWork, set: CouplingSet): boolean {
  if (work.toRead.size > 0) return true;
  if (set.state === 'CONFLICT') return differsBesidesConflicts(run, work, set);
  if (set.state !== 'COUPLED') return false;
  return sides.some(
    (side) => work.seen[side] !== undefined && !(side === 'BUSINESS' ? set.business : set.sales)?.clean,
  );
}

/** What the system made of a field that is in no conflict goes to the other side, as it would without one. */
function differsBesidesConflicts(run: SynchRun, work: PairWork, { bases = [], conflicts = [] }: CouplingSet): boolean {
  const others = run.compiled.fields.filter(
    ({ field, integrationField }) =>
      !conflicts.some((conflict) => conflict.field === field && conflict.integrationField === integrationField),
  );
  return sides.some((side) => {
    const row = work.seen[side];
    return row !== undefined && !isClean(others, bases, side, row.values);
  });
}

/** Reads what is there, and has each pair of unknown outcome planned again from it. */
async function settleUnknown(run: SynchRun, works: readonly PairWork[]): Promise<void> {
  if (works.length === 0) return;
  await recoverIntents(
    run,
    works.map(({ coupling }) => coupling),
  );
  const couplings = await run.stores.couplings.byIds(works.map(({ coupling }) => coupling._id));
  const byId = new Map(couplings.map((coupling) => [coupling._id, coupling]));
  for (const work of works) {
    work.coupling = byId.get(work.coupling._id) ?? work.coupling;
    work.counted = true;
    for (const side of sides) work.toRead.add(side);
  }
}

/**
 * When a system refuses a whole round for a reason that is not the records', the run ends and is tried again later: it does
 * not know us, asks for a pause, or was not reached at all. An answer of its own about a record (a lock, a timeout of its
 * database) is that record's alone.
 */
function stopWhenSystemFails(pairs: readonly PairWrites[]): void {
  for (const side of sides) {
    const outcomes = pairs.flatMap(({ writes }) =>
      writes.filter((write) => write.side === side).map(({ outcome }) => outcome),
    );
    const errors = outcomes.flatMap((outcome) =>
      outcome?.kind === 'REFUSED' && isTheSystems(outcome.error) ? [outcome.error] : [],
    );
    const [first] = errors;
    if (first !== undefined && errors.length === outcomes.length) {
      throw new RunFailedError(describeError(first, side), { cause: first });
    }
  }
}

const isTheSystems = ({ errorClass, httpStatus }: ConnectorError): boolean =>
  errorClass === 'AUTHENTICATION' || errorClass === 'THROTTLED' || (errorClass === 'TRANSIENT' && httpStatus === null);
