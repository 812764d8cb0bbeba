import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import {
  type Connector,
  ConnectorError,
  type WriteOperation,
  type WriteRequest,
} from '../../src/connectors/connector.js';
import { asRun } from '../../src/connectors/requests-of-run.js';
import type { Coupling } from '../../src/coupling/coupling.js';
import { type CouplingChange, CouplingStore, couplingIndexes } from '../../src/coupling/coupling-store.js';
import { fromStored, type Stored } from '../../src/coupling/stored-coupling.js';
import { LeaseLostError, type RunContext } from '../../src/job-queue/job-executor.js';
import type { JobParameters, JobQueueEntry } from '../../src/job-queue/job-queue-entry.js';
import type { TableMetadata } from '../../src/mapping/field-value.js';
import { type IntegrationTableMapping, tableOn } from '../../src/mapping/integration-table-mapping.js';
import { builtInTransformations } from '../../src/mapping/transformation/built-in-transformations.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { CursorStore } from '../../src/synch/cursor-store.js';
import { DeletionStore, deletionIndexes } from '../../src/synch/deletion-store.js';
import { RunFailedError } from '../../src/synch/describe-error.js';
import { PlannedCouplingStore } from '../../src/synch/dry-run/planned-coupling-store.js';
import { integrationSynch } from '../../src/synch/integration-synch.js';
import { StageStore, stageIndexes } from '../../src/synch/stage-store.js';
import { fromStoredChange, type StoredChange } from '../../src/synch/stored-change.js';
import { type Side, sides } from '../../src/synch/synch-error.js';
import { SynchJobStore } from '../../src/synch/synch-job-store.js';
import { NotTakenError, type SandboxCompany } from '../support/sandbox-company.js';
import { Seeded } from '../support/seeded.js';
import { checkAgreement } from './final-checks.js';
import { InMemoryDatabase } from './in-memory-stores.js';
import { Mirror, type RowChange } from './mirror.js';
import { deedOf, isInLimbo } from './people.js';
import { fieldsOf, sandboxTerrain } from './sandbox-terrain.js';
import type { PersonAct, RequestFault, Scenario } from './scenario.js';
import { checkRowsSettled } from './settled-before-cursor.js';
import { connectionSetupId, type Terrain } from './terrain.js';
import { DatabaseGoneError } from './watched-stores.js';
import { type Violation, Witness } from './witness.js';

const MINUTE = 60_000;
/** Rounds of runs in peace within which both systems have to agree. */
const MOST_ROUNDS = 12;
/** Steps of a history here for each step of one in memory, where every request waits for its turn several times. */
const PACE = 0.25;
const never = new AbortController().signal;

const collections = [
  'couplings',
  'stagedRecords',
  'synchCursors',
  'synchJobs',
  'synchJobErrors',
  'recordChanges',
  'deletionsActedOn',
  'longTexts',
];

/** A worker that died: nothing of it happens any more. */
class DeadError extends Error {
  override readonly name = 'DeadError';
}

/** One run, as its worker holds it. */
interface HttpRun {
  readonly runId: string;
  readonly mapping: IntegrationTableMapping;
  readonly token: number;
  /** Looks at each system before it began: what changed up to there, it has read. */
  readonly begunAt: Readonly<Record<Side, number>>;
  isDead: boolean;
  isLost: boolean;
}

interface LateRequest {
  readonly side: Side;
  readonly table: string;
  readonly operations: readonly WriteOperation[];
}

/** What a history is given instead of the real connectors: to plant a bug, and see that it is found. */
export type PlantedConnector = (connector: Connector, side: Side, present: Mirror) => Connector;

/** The two systems with their tables, as they are before any history. */
export async function openTerrain(company: SandboxCompany): Promise<Terrain> {
  const read = async (side: Side, names: readonly string[]): Promise<readonly TableMetadata[]> =>
    Promise.all(names.map((name) => company.systems[side].metadata(name, never)));
  return sandboxTerrain({
    BUSINESS: await read('BUSINESS', ['customers', 'contacts']),
    SALES: await read('SALES', ['accounts', 'contacts']),
  });
}

/** Plays one history of the simulation with the engine, MongoDB and both systems of a sandbox over HTTP. */
export async function playOverHttp(
  world: { readonly company: SandboxCompany; readonly db: Db; readonly terrain: Terrain },
  scenario: Scenario,
  planted: PlantedConnector = (connector) => connector,
): Promise<{ readonly violations: readonly Violation[]; readonly log: readonly string[] }> {
  const history = new HistoryOverHttp(world, scenario, planted);
  try {
    await history.play();
  } catch (error) {
    history.witness.violate('ERROR', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { violations: history.witness.violations, log: history.log };
}

class HistoryOverHttp {
  readonly log: string[] = [];
  readonly witness: Witness;
  private readonly company: SandboxCompany;
  private readonly db: Db;
  private readonly terrain: Terrain;
  private readonly random: Seeded;
  private readonly mappings: readonly IntegrationTableMapping[];
  private readonly mirrors: Readonly<Record<Side, Mirror>> = { BUSINESS: new Mirror(), SALES: new Mirror() };
  private readonly looks: Record<Side, number> = { BUSINESS: 0, SALES: 0 };
  private readonly database = new InMemoryDatabase();
  private readonly late: LateRequest[] = [];
  private readonly requests: Record<Side, number> = { BUSINESS: 0, SALES: 0 };
  private readonly newest = new Map<string, number>();
  private readonly workerFaults: Set<Scenario['workerFaults'][number]>;
  private storeCalls = 0;
  private steps = 0;
  private actsDone = 0;
  private tokens = 0;
  private aheadMs = 0;
  private isPeace = false;
  private kinds: string[] = [];
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    { company, db, terrain }: { readonly company: SandboxCompany; readonly db: Db; readonly terrain: Terrain },
    private readonly scenario: Scenario,
    private readonly planted: PlantedConnector,
  ) {
    this.company = company;
    this.db = db;
    this.terrain = terrain;
    this.random = new Seeded(scenario.seed ^ 0x5eed);
    this.mappings = terrain.mappingsOf(scenario.mapping);
    this.workerFaults = new Set(scenario.workerFaults);
    this.witness = new Witness(this.mappings, terrain.tables, this.database, () => this.mirrors);
  }

  async play(): Promise<void> {
    await Promise.all(collections.map((name) => this.db.collection(name).deleteMany({})));
    await ensureIndexes(this.db, [...couplingIndexes, ...stageIndexes, ...deletionIndexes]);
    await this.company.reset();
    await this.pass(0);
    for (const side of sides) await this.look(side);
    await this.actsDue();
    for (const parameters of this.scenario.runs) {
      await this.runOnce(this.mappings[this.random.happens(65) ? 0 : 1]!, parameters);
      await this.pass(MINUTE);
    }
    this.isPeace = true;
    this.workerFaults.clear();
    await this.actsDue();
    await this.rest();
  }

  /** Runs until nothing is left to do, then a day later, and then once more: that run must be idle. */
  private async rest(): Promise<void> {
    while (this.late.length > 0) await this.deliverLate();
    await this.pass(11 * MINUTE);
    await this.runUntilIdle();
    await this.checkAgreement(false);
    await this.pass(25 * 60 * MINUTE);
    await this.runUntilIdle();
    await this.checkAgreement(true);
    for (const stored of await this.db.collection<StoredChange>('recordChanges').find().toArray())
      this.database.changes.set(stored._id, fromStoredChange(stored));
    this.witness.checkHistory();
    await this.checkIdleRun();
  }

  private async runUntilIdle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      let isIdle = true;
      for (const mapping of this.mappings) isIdle = (await this.runOnce(mapping, {})) && isIdle;
      if (isIdle) return;
      await this.pass(11 * MINUTE);
    }
    this.witness.violate('I1', `the systems do not rest within ${MOST_ROUNDS} rounds`);
  }

  private async checkAgreement(isSwept: boolean): Promise<void> {
    for (const side of sides) await this.look(side);
    await this.reload();
    checkAgreement({
      witness: this.witness,
      database: this.database,
      systems: this.mirrors,
      // What a system refuses by its own rules, or by a fault, it refuses for good.
      mayRefuse: (code) => !['', 'REFERENCE_NOT_COUPLED', 'OUTSIDE_FILTER'].includes(code),
      isSwept,
    });
  }

  /** I4: a run that finds nothing to do writes nothing, and asks for one page a side. */
  private async checkIdleRun(): Promise<void> {
    const couplings = async () =>
      JSON.stringify(await this.db.collection('couplings').find().sort({ _id: 1 }).toArray());
    const before = await couplings();
    const writes = this.witness.writes.length;
    this.kinds = [];
    for (const mapping of this.mappings) await this.runOnce(mapping, {});
    if (this.witness.writes.length > writes) this.witness.violate('I4', 'a run after the last one writes again');
    if ((await couplings()) !== before) this.witness.violate('I4', 'a run that finds nothing changes couplings');
    const asked = this.kinds.filter((kind) => kind !== 'readChanges');
    if (asked.length > 0) this.witness.violate('I4', `a run that finds nothing asks for ${asked.join(', ')}`);
  }

  /** Answers whether it found nothing to do. */
  private async runOnce(mapping: IntegrationTableMapping, parameters: JobParameters): Promise<boolean> {
    this.tokens += 1;
    const run: HttpRun = {
      runId: `run-${this.tokens}`,
      mapping,
      token: this.tokens,
      begunAt: { ...this.looks },
      isDead: false,
      isLost: false,
    };
    this.newest.set(mapping.id, run.token);
    this.note(`${run.runId} of ${mapping.name} begins ${JSON.stringify(parameters)}`);
    const executor = integrationSynch({
      stores: {
        couplings: this.guarded(run, new CouplingStore(this.db)),
        stage: this.guarded(run, new StageStore(this.db)),
        cursors: this.guarded(run, new CursorStore(this.db)),
        jobs: this.guarded(run, new SynchJobStore(this.db)),
        deletions: this.guarded(run, new DeletionStore(this.db)),
        planned: new PlannedCouplingStore(this.db),
      },
      mapping: async () => mapping,
      mappingsOf: async () => this.mappings,
      rules: async () => builtInTransformations,
      wakeMappings: async () => undefined,
      connect: async () => ({ BUSINESS: this.connectorOf('BUSINESS', run), SALES: this.connectorOf('SALES', run) }),
      clock: async () => () => new Date(Date.now() + this.aheadMs),
      newId: randomUUID,
    });
    try {
      const context: RunContext = {
        entry: { connectionSetupId, mappingId: mapping.id, code: mapping.name, parameters } as JobQueueEntry,
        runId: run.runId,
        leaseToken: run.token,
        startedBy: 'history',
        workerName: 'worker',
        signal: never,
        assertHeld: () => this.requireHeld(run),
      };
      const { idle } = await asRun(run.runId, () => executor(context));
      this.note(`${run.runId} ends${idle ? ' idle' : ''}`);
      return idle;
    } catch (error) {
      this.note(`${run.runId} fails: ${String(error)}`);
      if (!isExpected(error)) throw error;
      return false;
    }
  }

  private requireHeld(run: HttpRun): void {
    if (run.isDead) throw new DeadError('the worker is dead');
    if (run.isLost) throw new LeaseLostError(run.runId);
  }

  /** Something of a run happens: meanwhile people act, late requests arrive, and its worker may die or stand still. */
  private async step(run: HttpRun): Promise<void> {
    this.steps += 1;
    await this.actsDue();
    if (this.late.length > 0 && this.random.happens(10)) await this.deliverLate();
    for (const fault of this.workerFaults) {
      if (fault.step * PACE * 2 > this.steps || run.isLost || run.isDead) continue;
      this.workerFaults.delete(fault);
      this.note(`${run.runId} ${fault.kind}`);
      if (fault.kind === 'DIES') run.isDead = true;
      else {
        // Another worker takes its mapping over, and is done before it goes on; what else of the run was under way stands still too.
        run.isLost = true;
        await this.runOnce(run.mapping, {});
      }
    }
    if (run.isDead) throw new DeadError('the worker is dead');
  }

  private async actsDue(): Promise<void> {
    const { acts } = this.scenario;
    for (let act = acts[this.actsDone]; act !== undefined; act = acts[this.actsDone]) {
      if (!this.isPeace && act.step * PACE > this.steps) return;
      this.actsDone += 1;
      await this.act(act);
    }
  }

  /** What a person enters that the system does not take, is not there. */
  private act(act: PersonAct): Promise<void> {
    const { side, table } = act;
    return this.exclusive(async () => {
      const deed = deedOf(this.terrain, act, this.mirrors[side]);
      if (deed === null || (deed.kind === 'EDIT' && isInLimbo(this.witness, this.database, side, deed))) return;
      try {
        if (deed.kind === 'CREATE') await this.company.create(side, table, deed.values);
        else {
          const row = this.mirrors[side].row(table, deed.id)!;
          if (deed.kind === 'DELETE') await this.company.remove(side, table, row);
          else await this.company.edit(side, table, row, deed.values);
        }
        this.note(`a person ${deed.kind}S ${side} ${table} ${JSON.stringify(deed)}`);
      } catch (error) {
        if (!(error instanceof NotTakenError)) throw error;
      }
      this.tell(side, await this.look(side), 'PERSON');
    });
  }

  private connectorOf(side: Side, run: HttpRun): Connector {
    const connector = this.planted(this.company.systems[side], side, this.mirrors[side]);
    return new Proxy(connector, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const call = member.bind(target) as (...parameters: unknown[]) => unknown;
        if (name === 'write')
          return (request: WriteRequest, signal: AbortSignal) => this.write(side, run, request, signal, call);
        if (name === 'readByIds' || name === 'find')
          return async (...parameters: unknown[]) => {
            await this.beginRead(side, run, name);
            const rows = await call(...parameters);
            await this.step(run);
            return rows;
          };
        if (name === 'readChanges' || name === 'sweep' || name === 'readMatching') {
          const begin = () => this.beginRead(side, run, name);
          return async function* (...parameters: unknown[]) {
            await begin();
            yield* call(...parameters) as AsyncIterable<unknown>;
          };
        }
        return call;
      },
    });
  }

  private async beginRead(side: Side, run: HttpRun, kind: string): Promise<void> {
    await this.step(run);
    this.kinds.push(kind);
    const fault = this.faultOf(side);
    if (fault?.kind === 'CURSOR_EXPIRED' && side === 'SALES') await this.company.control.send('POST', 'expire-deltas');
    else if (fault !== undefined && fault.kind !== 'REFUSED') await this.plan(side, fault);
  }

  private async write(
    side: Side,
    run: HttpRun,
    request: WriteRequest,
    signal: AbortSignal,
    send: (...parameters: unknown[]) => unknown,
  ): Promise<unknown> {
    await this.step(run);
    this.kinds.push('write');
    const outcomes = await this.exclusive(async () => {
      const { table, operations } = request;
      this.requireHeld(run);
      if (this.newest.get(run.mapping.id) !== run.token)
        this.witness.violate('I5', `${run.runId} writes to ${side} after another run had taken its mapping`);
      const fault = this.faultOf(side);
      if (fault !== undefined) await this.plan(side, fault, operations[0]);
      if (fault?.kind === 'APPLIED_LATE') this.late.push({ side, table, operations });
      this.note(`${run.runId} sends ${side} ${table} ${JSON.stringify(operations)} ${fault?.kind ?? ''}`);
      const answered = await send(request, signal);
      await this.company.control.send('DELETE', 'faults');
      this.tell(side, await this.look(side), 'SERVICE', { table, operations });
      return answered;
    });
    await this.step(run);
    return outcomes;
  }

  private faultOf(side: Side): RequestFault | undefined {
    this.requests[side] += 1;
    if (this.isPeace) return undefined;
    return this.scenario.requestFaults.find((one) => one.side === side && one.request === this.requests[side]);
  }

  /** The next request to the system meets the fault; a refusal is one of the operation itself. */
  private async plan(side: Side, { kind }: RequestFault, operation?: WriteOperation): Promise<void> {
    const effect = effectOf(kind, side);
    if (effect === null) return;
    const struck = kind === 'REFUSED' && operation !== undefined ? { operation: operation.kind.toLowerCase() } : {};
    await this.company.control.fault({ system: side, times: 1, ...struck, effect });
  }

  private async deliverLate(): Promise<void> {
    const request = this.late.shift();
    if (request === undefined) return;
    const { side, table, operations } = request;
    await this.exclusive(async () => {
      this.note(`a late request arrives at ${side}`);
      await this.company.systems[side].write({ table, fields: [], operations }, never);
      this.tell(side, await this.look(side), 'SERVICE', { table, operations });
    });
  }

  /** Each call of a store may be the last thing that a worker does, or not be answered. */
  private guarded<T extends object>(run: HttpRun, store: T): T {
    const isOfCouplings = 'byRecordIds' in store;
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (name === 'matchGroups') return member.bind(target) as unknown;
        return async (...parameters: unknown[]) => {
          this.storeCalls += 1;
          const fault = this.isPeace
            ? undefined
            : this.scenario.storeFaults.find(({ call }) => call === this.storeCalls);
          await this.step(run);
          if (fault?.when === 'before') throw new DatabaseGoneError('the database is gone');
          if (name === 'remove' && isOfCouplings) this.noteRemoved(parameters[0] as Coupling[]);
          const result: unknown = await (Reflect.apply(member, target, parameters) as Promise<unknown>);
          await this.seen({ name: String(name), parameters, result, isOfCouplings }, run);
          if (fault?.when === 'after') throw new DatabaseGoneError('the database is gone');
          await this.step(run);
          return result;
        };
      },
    });
  }

  private noteRemoved(couplings: readonly Coupling[]): void {
    for (const { _id, revision } of couplings) {
      const present = this.database.couplings.get(_id);
      if (present?.revision === revision) this.witness.removed(present);
    }
  }

  private async seen(
    call: {
      readonly name: string;
      readonly parameters: readonly unknown[];
      readonly result: unknown;
      readonly isOfCouplings: boolean;
    },
    run: HttpRun,
  ): Promise<void> {
    const { name, parameters, result, isOfCouplings } = call;
    if (isOfCouplings && (name === 'change' || name === 'insert' || name === 'remove')) {
      const ids = (parameters[0] as readonly (CouplingChange | Coupling)[]).map(({ _id }) => _id);
      if (ids.length === 0) return;
      await this.reload();
      if (name !== 'remove') this.witness.stored(ids);
    }
    if (name === 'move' && result === true) {
      const [mappingId, side] = parameters as [string, Side];
      await this.reload();
      const rows = this.mirrors[side]
        .rows(tableOn(run.mapping, side))
        .filter(({ changeNumber }) => changeNumber <= run.begunAt[side]);
      checkRowsSettled(this.witness, this.database, rows, { mappingId, side, runId: run.runId });
    }
  }

  private async reload(): Promise<void> {
    const couplings = (await this.db.collection<Stored<Coupling>>('couplings').find().toArray()).map((stored) =>
      fromStored<Coupling>(stored),
    );
    this.database.couplings.clear();
    for (const coupling of couplings) this.database.couplings.set(coupling._id, coupling);
  }

  /** Both tables of a system as they are now; what changed since the last look. */
  private async look(side: Side): Promise<readonly RowChange[]> {
    const changes: RowChange[] = [];
    for (const { name } of this.terrain.tables[side])
      changes.push(...this.mirrors[side].look(name, await this.company.rows(side, name, fieldsOf(side, name))));
    this.looks[side] = this.mirrors[side].looked;
    return changes;
  }

  /** Tells the witness what happened: what operations did, and what the system made of it in other rows. */
  private tell(
    side: Side,
    changes: readonly RowChange[],
    author: 'SERVICE' | 'PERSON',
    sent: { readonly table: string; readonly operations: readonly WriteOperation[] } | null = null,
  ): void {
    const left = new Set(changes);
    for (const operation of sent?.operations ?? []) {
      const change = [...left].find((one) => one.table === sent?.table && isOf(operation, one));
      if (change === undefined) continue;
      left.delete(change);
      this.witness.applied(side, { ...change, operation, author });
    }
    for (const change of left)
      this.witness.applied(side, { ...change, operation: asOperation(change), author: 'PERSON' });
  }

  /** Time passes, for the service and both systems alike. */
  private async pass(ms: number): Promise<void> {
    this.aheadMs += ms;
    const offset = (side: Side) => ({ clockOffsetMs: this.aheadMs + this.scenario.systemClocks[side] * 1_000 });
    await this.company.control.send('POST', 'settings', { BUSINESS: offset('BUSINESS'), SALES: offset('SALES') });
  }

  /** One after the other: what a look finds was done by whoever had the turn. */
  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private note(line: string): void {
    this.log.push(line);
  }
}

/** The operation did this to the row. */
function isOf(operation: WriteOperation, { before, after }: RowChange): boolean {
  if (operation.kind === 'DELETE') return before?.id === operation.id && after === null;
  if (operation.kind === 'UPDATE') return before?.id === operation.id && after !== null;
  if (before !== null || after === null) return false;
  if (operation.id !== null) return after.id === operation.id;
  return Object.entries(operation.values).every(
    ([name, value]) => !(name in after.values) || after.values[name] === value,
  );
}

function asOperation({ before, after }: RowChange): WriteOperation {
  if (after === null) return { kind: 'DELETE', id: before?.id ?? '', version: before?.version ?? '' };
  if (before === null) return { kind: 'CREATE', id: after.id, values: after.values };
  return { kind: 'UPDATE', id: after.id, version: before.version, values: after.values };
}

function effectOf(kind: RequestFault['kind'], side: Side): object | null {
  switch (kind) {
    case 'THROTTLED':
      return { kind: 'status', status: 429, retryAfterSeconds: 0 };
    case 'LOCKED':
      return side === 'SALES'
        ? { kind: 'error', status: 500, code: '0x80044150', message: 'Generic SQL error.' }
        : {
            kind: 'error',
            status: 400,
            code: 'Application_DialogException',
            message: 'The record could not be changed because it was locked by another user.',
          };
    case 'REFUSED':
      return side === 'SALES'
        ? { kind: 'error', status: 400, code: '0x80040265', message: 'a plug-in says no' }
        : { kind: 'error', status: 400, code: 'Application_FieldValidationException', message: 'says no' };
    case 'LOST_AFTER':
      return { kind: 'resetAfter' };
    case 'LOST_BEFORE':
    case 'APPLIED_LATE':
      return { kind: 'resetBefore' };
    case 'SLOW':
      return { kind: 'delay', ms: 20 };
    case 'CURSOR_EXPIRED':
      return null;
  }
}

const isExpected = (error: unknown): boolean =>
  error instanceof RunFailedError ||
  error instanceof ConnectorError ||
  error instanceof LeaseLostError ||
  error instanceof DatabaseGoneError ||
  error instanceof DeadError;
