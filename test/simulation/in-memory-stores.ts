import type { Coupling } from '../../src/coupling/coupling.js';
import type { BrokenPair, CoupledPair, CouplingChange, Couplings } from '../../src/coupling/coupling-store.js';
import type { SynchCursor } from '../../src/synch/cursor-store.js';
import type { Planned } from '../../src/synch/dry-run/planned-coupling-store.js';
import type { MatchGroup, StagedRecord } from '../../src/synch/stage-store.js';
import { type Side, sides } from '../../src/synch/synch-error.js';
import type { RecordChange, SynchJob, SynchJobError } from '../../src/synch/synch-job.js';
import type { SynchStores } from '../../src/synch/synch-run.js';

/** What a database holds, for simulations: the same answers as the stores give, without MongoDB. */
export class InMemoryDatabase {
  readonly couplings = new Map<string, Coupling>();
  readonly swept = new Map<string, string>();
  readonly staged = new Map<string, StagedRecord & { readonly runId: string }>();
  readonly cursors = new Map<string, SynchCursor & { readonly leaseToken: number }>();
  readonly jobs = new Map<string, SynchJob>();
  readonly errors = new Map<string, SynchJobError>();
  readonly changes = new Map<string, RecordChange>();
  readonly deletions: { readonly mappingId: string; readonly at: Date; readonly count: number }[] = [];
  readonly planned = new Map<string, Planned & { readonly runId: string }>();

  /** The stores of one process. Without a bulk of its own that stops half way: each call happens at once. */
  stores(): SynchStores {
    return {
      couplings: new InMemoryCouplings(this),
      stage: stageOf(this),
      cursors: cursorsOf(this),
      jobs: jobsOf(this),
      deletions: deletionsOf(this),
      planned: plannedOf(this),
    };
  }
}

const idOn = (coupling: Coupling, side: Side): string | null =>
  side === 'BUSINESS' ? coupling.businessId : coupling.salesId;

const byId = (a: { readonly _id: string }, b: { readonly _id: string }): number => (a._id < b._id ? -1 : 1);

const isNotAfter = (coupling: Coupling, leaseToken: number | undefined): boolean =>
  leaseToken === undefined || coupling.leaseToken === undefined || coupling.leaseToken <= leaseToken;

class InMemoryCouplings implements Couplings {
  constructor(private readonly database: InMemoryDatabase) {}

  async byRecordIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Coupling[]> {
    return this.#find(mappingId, (coupling) => ids.includes(idOn(coupling, side) ?? ''));
  }

  async byIds(ids: readonly string[]): Promise<Coupling[]> {
    return ids.flatMap((id) => this.database.couplings.get(id) ?? []);
  }

  async due(mappingId: string, now: Date, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.#page(mappingId, ({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now, afterId, limit);
  }

  async page(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.#page(mappingId, () => true, afterId, limit);
  }

  async brokenPairs(mappingId: string, afterId: string | null, limit: number): Promise<BrokenPair[]> {
    return this.#page(mappingId, ({ state }) => state === 'BROKEN', afterId, limit);
  }

  async countPairs(mappingId: string): Promise<number> {
    return this.#find(mappingId, ({ businessId, salesId }) => businessId !== null && salesId !== null).length;
  }

  async markSwept(mappingId: string, side: Side, ids: readonly string[], sweepId: string): Promise<void> {
    for (const { _id } of this.#find(mappingId, (coupling) => ids.includes(idOn(coupling, side) ?? '')))
      this.database.swept.set(`${_id}:${side}`, sweepId);
  }

  async unswept(mappingId: string, side: Side, sweep: Parameters<Couplings['unswept']>[2]): Promise<Coupling[]> {
    return this.#page(
      mappingId,
      (coupling) =>
        idOn(coupling, side) !== null &&
        this.database.swept.get(`${coupling._id}:${side}`) !== sweep.sweepId &&
        coupling.createdAt < sweep.createdBefore,
      sweep.afterId,
      sweep.limit,
    );
  }

  async pairsOf(mappingId: string, side: Side, ids: readonly string[]): Promise<CoupledPair[]> {
    return this.#find(
      mappingId,
      (coupling) =>
        ids.includes(idOn(coupling, side) ?? '') &&
        coupling.state !== 'BROKEN' &&
        !coupling.intents.some(({ kind }) => kind === 'CREATE'),
    ).flatMap(({ businessId, salesId, related }) =>
      businessId === null || salesId === null ? [] : [{ businessId, salesId, related }],
    );
  }

  async holders(mappingId: string, afterId: string | null, limit: number): Promise<Coupling[]> {
    return this.#page(mappingId, ({ waitingKeys }) => waitingKeys.length > 0, afterId, limit);
  }

  async wakeHolders(connectionSetupId: string, keys: readonly string[], now: Date): Promise<string[]> {
    const mappingIds = new Set<string>();
    for (const coupling of this.database.couplings.values()) {
      if (coupling.connectionSetupId !== connectionSetupId) continue;
      let woken = coupling;
      if (coupling.waitingKeys.some((key) => keys.includes(key))) woken = { ...woken, nextAttemptAt: now };
      const agreed = (coupling.refs ?? []).filter((key) => keys.includes(key));
      if (agreed.length > 0)
        woken = {
          ...woken,
          nextAttemptAt: now,
          recoupled: [...new Set([...(coupling.recoupled ?? []), ...agreed])],
          revision: coupling.revision + 1,
        };
      if (woken === coupling) continue;
      this.database.couplings.set(coupling._id, woken);
      mappingIds.add(coupling.mappingId);
    }
    for (const id of await this.takeUpHanging({ connectionSetupId }, keys, now)) mappingIds.add(id);
    return [...mappingIds];
  }

  async isHungOn(connectionSetupId: string, mappingNames: readonly string[]): Promise<boolean> {
    return [...this.database.couplings.values()].some(
      (one) =>
        one.connectionSetupId === connectionSetupId &&
        (one.hangsOn ?? []).some((key) => mappingNames.some((name) => key.startsWith(`${name}:`))),
    );
  }

  async hungKeys(connectionSetupId: string, keys: readonly string[]): Promise<Set<string>> {
    const hung = [...this.database.couplings.values()].flatMap((one) =>
      one.connectionSetupId === connectionSetupId ? (one.hangsOn ?? []) : [],
    );
    return new Set(keys.filter((key) => hung.includes(key)));
  }

  async takeUpHanging(
    { connectionSetupId, except }: Parameters<Couplings['takeUpHanging']>[0],
    keys: readonly string[],
    now: Date,
  ): Promise<string[]> {
    const hanging = [...this.database.couplings.values()].filter(
      (one) =>
        one.connectionSetupId === connectionSetupId &&
        one.mappingId !== except &&
        (one.hangsOn ?? []).some((key) => keys.includes(key)),
    );
    for (const one of hanging)
      this.database.couplings.set(one._id, { ...one, nextAttemptAt: now, revision: one.revision + 1 });
    return [...new Set(hanging.map(({ mappingId }) => mappingId))];
  }

  async openSteps(
    mappingId: string,
    steps: readonly string[],
    of: Parameters<Couplings['openSteps']>[2],
    now: Date,
  ): Promise<void> {
    for (const one of this.#find(mappingId, ({ businessId, intents }) => businessId !== null && intents.length === 0)) {
      const isChosen =
        of === 'ALL'
          ? one.salesId !== null
          : of.salesIds.includes(one.salesId ?? '') || (one.hangsOn ?? []).some((key) => of.keys.includes(key));
      if (!isChosen) continue;
      const openSteps = [...one.openSteps, ...steps.filter((step) => !one.openSteps.includes(step))];
      this.database.couplings.set(one._id, { ...one, openSteps, nextAttemptAt: now, revision: one.revision + 1 });
    }
  }

  async parkedDue(): Promise<[]> {
    return [];
  }

  async makeWaitingDue(connectionSetupId: string, keys: readonly string[], now: Date): Promise<string[]> {
    const waiting = [...this.database.couplings.values()].filter(
      (one) =>
        one.connectionSetupId === connectionSetupId &&
        one.state === 'WAITING' &&
        one.waitingKeys.some((key) => keys.includes(key)),
    );
    for (const coupling of waiting) this.database.couplings.set(coupling._id, { ...coupling, nextAttemptAt: now });
    return [...new Set(waiting.map(({ mappingId }) => mappingId))];
  }

  async makeConflictsDue(mappingId: string, rulesHash: string, now: Date): Promise<void> {
    for (const coupling of this.#find(
      mappingId,
      (one) => one.state === 'CONFLICT' && one.rulesHash !== rulesHash && one.nextAttemptAt === null,
    ))
      this.database.couplings.set(coupling._id, { ...coupling, nextAttemptAt: now });
  }

  async makeDue(ids: readonly string[], now: Date): Promise<void> {
    for (const coupling of await this.byIds(ids))
      this.database.couplings.set(coupling._id, { ...coupling, nextAttemptAt: now });
  }

  async coupledIds(mappingId: string, side: Side, ids: readonly string[]): Promise<Set<string>> {
    return new Set((await this.byRecordIds(mappingId, side, ids)).flatMap((coupling) => idOn(coupling, side) ?? []));
  }

  async insert(couplings: readonly Coupling[]): Promise<Set<string>> {
    const inserted = new Set<string>();
    for (const coupling of couplings) {
      if (this.database.couplings.has(coupling._id) || this.#isTaken(coupling)) continue;
      this.database.couplings.set(coupling._id, coupling);
      inserted.add(coupling._id);
    }
    return inserted;
  }

  async change(changes: readonly CouplingChange[]): Promise<Set<string>> {
    const applied = new Set<string>();
    for (const { _id, revision, set, leaseToken } of changes) {
      const present = this.database.couplings.get(_id);
      if (present?.revision !== revision || !isNotAfter(present, leaseToken)) continue;
      const changed = {
        ...present,
        ...set,
        ...(leaseToken === undefined ? {} : { leaseToken }),
        revision: revision + 1,
      };
      if (this.#isTaken(changed)) continue;
      this.database.couplings.set(_id, changed);
      applied.add(_id);
    }
    return applied;
  }

  async replace(removed: Parameters<Couplings['replace']>[0], change: CouplingChange): Promise<boolean> {
    const { couplings } = this.database;
    const isAsRead = removed.every(
      ({ _id, revision, leaseToken }) =>
        couplings.get(_id)?.revision === revision && isNotAfter(couplings.get(_id) as Coupling, leaseToken),
    );
    if (!isAsRead) return false;
    const before = new Map(couplings);
    for (const { _id } of removed) couplings.delete(_id);
    if ((await this.change([change])).has(change._id)) return true;
    for (const { _id } of removed) couplings.set(_id, before.get(_id) as Coupling);
    return false;
  }

  async remove(couplings: readonly Pick<Coupling, '_id' | 'revision' | 'leaseToken'>[]): Promise<void> {
    for (const { _id, revision, leaseToken } of couplings) {
      const present = this.database.couplings.get(_id);
      if (present?.revision === revision && isNotAfter(present, leaseToken)) this.database.couplings.delete(_id);
    }
  }

  /** The unique indexes: a record of either side stands in one coupling of a mapping. */
  #isTaken(coupling: Coupling): boolean {
    return this.#find(coupling.mappingId, ({ _id }) => _id !== coupling._id).some((other) =>
      sides.some((side) => idOn(coupling, side) !== null && idOn(coupling, side) === idOn(other, side)),
    );
  }

  #find(mappingId: string, matches: (coupling: Coupling) => boolean): Coupling[] {
    return [...this.database.couplings.values()].filter(
      (coupling) => coupling.mappingId === mappingId && matches(coupling),
    );
  }

  #page(
    mappingId: string,
    matches: (coupling: Coupling) => boolean,
    afterId: string | null,
    limit: number,
  ): Coupling[] {
    return this.#find(mappingId, (coupling) => (afterId === null || coupling._id > afterId) && matches(coupling))
      .toSorted(byId)
      .slice(0, limit);
  }
}

const stageId = (runId: string, side: Side, id: string): string => `${runId}:${side}:${id}`;

function stageOf({ staged }: InMemoryDatabase): SynchStores['stage'] {
  const find = (
    runId: string,
    side: Side,
    afterId: string | null,
    limit: number,
    matches: (record: StagedRecord) => boolean = () => true,
  ): StagedRecord[] =>
    [...staged.values()]
      .filter(
        (record) =>
          record.runId === runId &&
          record.side === side &&
          (afterId === null || record.id > afterId) &&
          matches(record),
      )
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  return {
    async put(runId, records) {
      for (const record of records) staged.set(stageId(runId, record.side, record.id), { runId, ...record });
    },
    deleted: async (runId, side, afterId, limit) =>
      find(runId, side, afterId, limit, ({ version }) => version === null),
    page: async (runId, side, afterId, limit) => find(runId, side, afterId, limit),
    byIds: async (runId, side, ids) => ids.flatMap((id) => staged.get(stageId(runId, side, id)) ?? []),
    async remove(runId, side, ids) {
      for (const id of ids) staged.delete(stageId(runId, side, id));
    },
    async settleMatching(runId, side, ids) {
      for (const id of ids) {
        const record = staged.get(stageId(runId, side, id));
        if (record === undefined) continue;
        const { matchKeys: _settled, ...rest } = record;
        staged.set(stageId(runId, side, id), rest);
      }
    },
    withKey: async (runId, side, matchKey, { afterId, limit }) =>
      find(runId, side, afterId, limit, ({ matchKeys = [] }) => matchKeys.includes(matchKey)),
    async settleKey(runId, matchKey) {
      for (const [key, record] of staged) {
        if (record.runId !== runId || record.matchKeys?.includes(matchKey) !== true) continue;
        const { matchKeys: _settled, ...rest } = record;
        staged.set(key, rest);
      }
    },
    async *matchGroups(runId, keyPrefix): AsyncGenerator<MatchGroup> {
      const groups = new Map<string, Record<Side, string[]>>();
      for (const record of [...staged.values()].filter((one) => one.runId === runId)) {
        for (const key of (record.matchKeys ?? []).filter((one) => one.startsWith(keyPrefix))) {
          const group = groups.get(key) ?? { BUSINESS: [], SALES: [] };
          group[record.side].push(record.id);
          groups.set(key, group);
        }
      }
      for (const [key, { BUSINESS, SALES }] of groups) {
        if (BUSINESS.length === 0 || SALES.length === 0) continue;
        yield {
          key,
          businessIds: BUSINESS.toSorted(),
          salesIds: SALES.toSorted(),
          businessCount: BUSINESS.length,
          salesCount: SALES.length,
        };
      }
    },
    async clear(runId) {
      for (const [key, record] of staged) if (record.runId === runId) staged.delete(key);
    },
  };
}

function cursorsOf({ cursors }: InMemoryDatabase): SynchStores['cursors'] {
  return {
    get: async (mappingId, source) => cursors.get(`${mappingId}:${source}`) ?? null,
    async move(mappingId, source, cursor, leaseToken) {
      const key = `${mappingId}:${source}`;
      const present = cursors.get(key);
      if (present !== undefined && present.leaseToken > leaseToken) return false;
      const known = present?.modifiedUntil ?? null;
      const read = cursor.modifiedUntil;
      const modifiedUntil = read === null || (known !== null && known > read) ? known : read;
      cursors.set(key, { ...cursor, modifiedUntil, leaseToken });
      return true;
    },
  };
}

function jobsOf({ jobs, errors, changes }: InMemoryDatabase): SynchStores['jobs'] {
  const update = (jobId: string, set: Partial<SynchJob>): void => {
    const job = jobs.get(jobId);
    if (job?.status === 'IN_PROCESS') jobs.set(jobId, { ...job, ...set });
  };
  const addOnce = <T extends { readonly _id: string }>(to: Map<string, T>, added: readonly T[]): void => {
    for (const one of added) if (!to.has(one._id)) to.set(one._id, one);
  };
  return {
    async open(opened, mappingId, now) {
      for (const job of jobs.values())
        if (job.mappingId === mappingId && job.kind !== 'AUDIT')
          update(job._id, { status: 'INTERRUPTED', finishedAt: now });
      addOnce(jobs, opened);
    },
    saveCounters: async (jobId, counters) => update(jobId, counters),
    close: async (jobId, end) => update(jobId, end),
    addErrors: async (added) => addOnce(errors, added),
    addChanges: async (added) => addOnce(changes, added),
    // What matching could not decide is shown to people; nothing is decided by it.
    addAmbiguities: async () => undefined,
  };
}

function deletionsOf({ deletions }: InMemoryDatabase): SynchStores['deletions'] {
  return {
    async note(mappingId, count, at) {
      if (count > 0) deletions.push({ mappingId, count, at });
    },
    countSince: async (mappingId, since) =>
      deletions
        .filter((one) => one.mappingId === mappingId && one.at >= since)
        .reduce((sum, { count }) => sum + count, 0),
  };
}

function plannedOf({ planned }: InMemoryDatabase): SynchStores['planned'] {
  const couplingsOf = (runId: string, matches: (coupling: Coupling) => boolean): Coupling[] =>
    [...planned.values()]
      .flatMap((one) => (one.runId === runId && one.coupling !== null && matches(one.coupling) ? [one.coupling] : []))
      .toSorted(byId);
  return {
    async put(runId, put) {
      for (const one of put) planned.set(`${runId}:${one.couplingId}`, { runId, ...one });
    },
    byIds: async (runId, ids) => ids.flatMap((id) => planned.get(`${runId}:${id}`) ?? []),
    byRecordIds: async (runId, mappingId, side, ids) =>
      couplingsOf(runId, (coupling) => coupling.mappingId === mappingId && ids.includes(idOn(coupling, side) ?? '')),
    page: async (runId, afterId, limit) =>
      couplingsOf(runId, ({ _id }) => afterId === null || _id > afterId).slice(0, limit),
    async clear(runId) {
      for (const [key, one] of planned) if (one.runId === runId) planned.delete(key);
    },
  };
}
