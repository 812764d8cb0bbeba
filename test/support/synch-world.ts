import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import type { Connector } from '../../src/connectors/connector.js';
import { InMemoryConnector, type InMemoryOptions } from '../../src/connectors/in-memory/in-memory-connector.js';
import { asRun } from '../../src/connectors/requests-of-run.js';
import type { Coupling } from '../../src/coupling/coupling.js';
import { CouplingSelectionStore } from '../../src/coupling/coupling-selection-store.js';
import { CouplingStore, couplingIndexes } from '../../src/coupling/coupling-store.js';
import { fromStored, type Stored } from '../../src/coupling/stored-coupling.js';
import type { JobExecutor, RunContext, RunOutcome } from '../../src/job-queue/job-executor.js';
import type { JobParameters, JobQueueEntry } from '../../src/job-queue/job-queue-entry.js';
import type { FieldValues } from '../../src/mapping/field-value.js';
import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import { builtInTransformations } from '../../src/mapping/transformation/built-in-transformations.js';
import type { TransformationRules } from '../../src/mapping/transformation/transformation-rule.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { auditCouplings } from '../../src/synch/audit.js';
import { AuditStore } from '../../src/synch/audit-store.js';
import { CursorStore } from '../../src/synch/cursor-store.js';
import { DeletionStore, deletionIndexes } from '../../src/synch/deletion-store.js';
import { applyDryRun } from '../../src/synch/dry-run/apply-dry-run.js';
import { PlannedCouplingStore } from '../../src/synch/dry-run/planned-coupling-store.js';
import { undoSynchJob } from '../../src/synch/dry-run/undo-synch-job.js';
import { integrationSynch } from '../../src/synch/integration-synch.js';
import type { MatchAmbiguity } from '../../src/synch/match-ambiguity.js';
import { matchCoupling } from '../../src/synch/match-coupling.js';
import type { SynchDependencies } from '../../src/synch/open-run.js';
import { recordChangeQueries } from '../../src/synch/record-change-queries.js';
import { StageStore, stageIndexes } from '../../src/synch/stage-store.js';
import { fromStoredChange, type StoredChange } from '../../src/synch/stored-change.js';
import type { RecordChange, SynchJob, SynchJobError } from '../../src/synch/synch-job.js';
import { SynchJobStore } from '../../src/synch/synch-job-store.js';
import { synchronizeCouplings } from '../../src/synch/synchronize-couplings.js';
import { accounts, customerMapping, customers } from './customer-mapping.js';

/** A process that died: nothing of it happens any more. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export interface SynchWorldOptions {
  readonly mapping?: Partial<IntegrationTableMapping>;
  readonly business?: Partial<InMemoryOptions>;
  readonly sales?: Partial<InMemoryOptions>;
  /** Systems outside this process, in place of the two in it. */
  readonly systems?: Readonly<Record<'BUSINESS' | 'SALES', Connector>>;
}

/**
 * The synchronization of customers and accounts between two systems in this process, with the real MongoDB. The business
 * system is like Business Central (gives the ids, tells no deletions), the other one like Dataverse.
 */
export class SynchWorld {
  readonly business: InMemoryConnector;
  readonly sales: InMemoryConnector;
  mapping: IntegrationTableMapping;
  /** Mappings of the same connection that references are translated through. */
  otherMappings: readonly IntegrationTableMapping[] = [];
  rules: TransformationRules = builtInTransformations;
  /** How a run reaches both systems. */
  connect: SynchDependencies['connect'] = async () =>
    this.systems ?? { BUSINESS: this.guarded(this.business), SALES: this.guarded(this.sales) };
  /** The service's clock; both systems go by it too. */
  clock = new Date('2026-01-05T10:00:00Z');
  /** Called right after a store has answered, with the name of what it was asked. */
  onStoreCall: (name: string) => Promise<void> = async () => undefined;
  private readonly systems: SynchWorldOptions['systems'];
  private leaseToken = 0;
  private crashIn = Number.POSITIVE_INFINITY;
  private crashed = false;
  private auditing = false;

  static async open(db: Db, options: SynchWorldOptions = {}): Promise<SynchWorld> {
    await Promise.all(
      [
        'couplings',
        'stagedRecords',
        'synchCursors',
        'synchJobs',
        'synchJobErrors',
        'matchAmbiguities',
        'recordChanges',
        'deletionsActedOn',
      ].map((name) => db.collection(name).deleteMany({})),
    );
    await ensureIndexes(db, [...couplingIndexes, ...stageIndexes, ...deletionIndexes]);
    return new SynchWorld(db, options);
  }

  private constructor(
    private readonly db: Db,
    { mapping = {}, business = {}, sales = {}, systems }: SynchWorldOptions,
  ) {
    this.systems = systems;
    this.mapping = customerMapping(mapping);
    const now = () => this.clock;
    const likeBusinessCentral = { changeTracking: false, deletions: false, bulkWrite: false, clientAssignedIds: false };
    this.business = new InMemoryConnector({
      tables: [{ metadata: customers }],
      features: likeBusinessCentral,
      now,
      applyMs: 600_000,
      overlapMs: 300_000,
      ...business,
    });
    this.sales = new InMemoryConnector({ tables: [{ metadata: accounts }], now, ...sales });
  }

  customer(values: FieldValues): string {
    return this.business.insert('customers', values).id;
  }

  account(values: FieldValues): string {
    return this.sales.insert('accounts', { customertypecode: '3', ...values }).id;
  }

  editCustomer(id: string, values: FieldValues): void {
    this.later();
    this.business.edit('customers', id, values);
  }

  editAccount(id: string, values: FieldValues): void {
    this.later();
    this.sales.edit('accounts', id, values);
  }

  deleteCustomer(id: string): void {
    this.later();
    this.business.remove('customers', id);
  }

  deleteAccount(id: string): void {
    this.later();
    this.sales.remove('accounts', id);
  }

  customers = (): readonly FieldValues[] => this.business.system.rows('customers').map(({ values }) => values);
  accounts = (): readonly FieldValues[] => this.sales.system.rows('accounts').map(({ values }) => values);
  accountOf = (id: string): FieldValues => this.sales.system.row('accounts', id)?.values ?? {};
  customerOf = (id: string): FieldValues => this.business.system.row('customers', id)?.values ?? {};

  async couplings(): Promise<Coupling[]> {
    const stored = await this.db.collection<Stored<Coupling>>('couplings').find().sort({ title: 1 }).toArray();
    return stored.map((coupling) => fromStored<Coupling>(coupling));
  }
  errors = (): Promise<SynchJobError[]> =>
    this.db.collection<SynchJobError>('synchJobErrors').find().sort({ at: 1 }).toArray();
  ambiguities = (): Promise<MatchAmbiguity[]> =>
    this.db.collection<MatchAmbiguity>('matchAmbiguities').find().sort({ title: 1, _id: 1 }).toArray();
  async history(): Promise<RecordChange[]> {
    const stored = await this.db.collection<StoredChange>('recordChanges').find().sort({ at: 1, _id: 1 }).toArray();
    return stored.map(fromStoredChange);
  }
  jobs = (): Promise<SynchJob[]> => this.db.collection<SynchJob>('synchJobs').find().sort({ startedAt: 1 }).toArray();

  /** A minute passes. */
  later(minutes = 1): void {
    this.clock = new Date(this.clock.getTime() + minutes * 60_000);
  }

  /** Two coupled, equal records. */
  async coupledPair(values: {
    readonly displayName: string;
    readonly phoneNumber?: string;
    readonly city?: string;
  }): Promise<{ customer: string; account: string }> {
    const customer = this.customer({ city: 'Oslo', phoneNumber: '1', ...values });
    await this.run({ full: true, mode: 'MATCH_THEN_CREATE' });
    const [coupling] = (await this.couplings()).filter(({ businessId }) => businessId === customer);
    if (coupling?.salesId === null || coupling === undefined) throw new Error('the pair was not coupled');
    this.later();
    return { customer, account: coupling.salesId };
  }

  /** One run of the mapping, or of chosen couplings, a minute after the last one. */
  async run(parameters: JobParameters = {}): Promise<RunOutcome> {
    this.later();
    this.leaseToken += 1;
    const runId = randomUUID();
    const dependencies: SynchDependencies = {
      stores: {
        couplings: this.guarded(new CouplingStore(this.db)),
        stage: new StageStore(this.db),
        cursors: this.guarded(new CursorStore(this.db)),
        jobs: this.guarded(new SynchJobStore(this.db)),
        deletions: this.guarded(new DeletionStore(this.db)),
        planned: new PlannedCouplingStore(this.db),
      },
      mapping: async () => this.mapping,
      mappingsOf: async () => [this.mapping, ...this.otherMappings],
      rules: async () => this.rules,
      wakeMappings: async () => undefined,
      connect: (...connection) => this.connect(...connection),
      clock: async () => () => this.clock,
      newId: randomUUID,
    };
    const executor = this.executorOf(parameters, dependencies);
    const run: RunContext = {
      entry: {
        connectionSetupId: this.mapping.connectionSetupId,
        mappingId: this.mapping.id,
        code: this.mapping.name,
        parameters,
      } as JobQueueEntry,
      runId,
      leaseToken: this.leaseToken,
      startedBy: 'test',
      workerName: 'test',
      signal: new AbortController().signal,
      assertHeld: () => this.requireAlive(),
    };
    return asRun(runId, () => executor(run));
  }

  /** One audit of the connection, a minute after the last run. */
  async audit(): Promise<void> {
    this.auditing = true;
    try {
      await this.run();
    } finally {
      this.auditing = false;
    }
  }

  private executorOf({ couplings, apply, undo, match }: JobParameters, dependencies: SynchDependencies): JobExecutor {
    if (this.auditing)
      return auditCouplings({
        ...dependencies,
        audits: new AuditStore(this.db),
        changes: recordChangeQueries(this.db),
      });
    if (couplings !== undefined)
      return synchronizeCouplings({ ...dependencies, selections: new CouplingSelectionStore(this.db) });
    if (apply !== undefined)
      return applyDryRun({
        ...dependencies,
        changes: recordChangeQueries(this.db),
        readOptions: async () => undefined,
      });
    if (undo !== undefined) return undoSynchJob({ ...dependencies, changes: recordChangeQueries(this.db) });
    return match === undefined ? integrationSynch(dependencies) : matchCoupling(dependencies);
  }

  /** The process dies at the so-many-th call of a store or a system, counted from now. Answers whether it came to that. */
  async runAndCrash(call: number, parameters: JobParameters = {}): Promise<boolean> {
    this.crashIn = call;
    try {
      await this.run(parameters);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    const crashed = this.crashed;
    this.crashed = false;
    this.crashIn = Number.POSITIVE_INFINITY;
    return crashed;
  }

  /** Runs until a run finds nothing to do. */
  async runUntilIdle(parameters: JobParameters = {}): Promise<void> {
    for (let runs = 0; runs < 8; runs += 1) if ((await this.run(parameters)).idle) return;
    throw new Error('there is still something to do after 8 runs');
  }

  /** Each call may be the last thing that this process does: before it takes effect (odd numbers), or right after (even ones). */
  private guarded<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name, object);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => {
          this.countCall();
          const result: unknown = Reflect.apply(member, object, parameters);
          if (!(result instanceof Promise)) return result;
          return result.then(async (value: unknown) => {
            this.countCall();
            await this.onStoreCall(String(name));
            return value;
          });
        };
      },
    });
  }

  private countCall(): void {
    this.crashIn -= 1;
    if (this.crashIn <= 0) this.crashed = true;
    this.requireAlive();
  }

  private requireAlive(): void {
    if (this.crashed) throw new Crash('the process is dead');
  }
}
