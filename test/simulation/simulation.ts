import {
  type Connector,
  ConnectorError,
  CursorExpiredError,
  type WriteOperation,
  type WriteRequest,
} from '../../src/connectors/connector.js';
import {
  type Fate,
  InMemoryConnector,
  type InMemoryRequest,
} from '../../src/connectors/in-memory/in-memory-connector.js';
import type { StoredRow } from '../../src/connectors/in-memory/in-memory-system.js';
import type { Coupling } from '../../src/coupling/coupling.js';
import type { CouplingChange } from '../../src/coupling/coupling-store.js';
import { LeaseLostError } from '../../src/job-queue/job-executor.js';
import type { JobParameters, JobQueueEntry } from '../../src/job-queue/job-queue-entry.js';
import type { FieldValues } from '../../src/mapping/field-value.js';
import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import { builtInTransformations } from '../../src/mapping/transformation/built-in-transformations.js';
import { RunFailedError } from '../../src/synch/describe-error.js';
import { integrationSynch } from '../../src/synch/integration-synch.js';
import { openRunClock } from '../../src/synch/run-clock.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { SynchStores } from '../../src/synch/synch-run.js';
import { Seeded } from '../support/seeded.js';
import { checkAgreement } from './final-checks.js';
import { InMemoryDatabase } from './in-memory-stores.js';
import { type HeldRun, LEASE_MS, Leases, type Worker } from './leases.js';
import type { PersonAct, RequestFault, Scenario } from './scenario.js';
import { Scheduler } from './scheduler.js';
import { checkSettled } from './settled-before-cursor.js';
import { connectionSetupId, mappingsOf, tables } from './tables.js';
import { WatchedSystem } from './watched-system.js';
import { type Violation, Witness } from './witness.js';

const BEGINNING = Date.parse('2026-01-05T10:00:00Z');
const MINUTE = 60_000;
/** How long the systems may still apply a request that they received. */
const APPLY_MS: Readonly<Record<Side, number>> = { BUSINESS: 10 * MINUTE, SALES: 2 * MINUTE };
/** Steps after which the histories with faults end, if their runs do not before. */
const MOST_STEPS = 3_000;
/** Rounds of runs in peace within which both systems have to agree. */
const MOST_ROUNDS = 30;

/** What a history is given instead of the real ports: to plant a bug, and see that it is found. */
export interface Ports {
  readonly stores?: (stores: SynchStores, database: InMemoryDatabase) => SynchStores;
  readonly connector?: (connector: Connector, side: Side) => Connector;
  /** What of an operation of the service reaches a system that has this row. */
  readonly operation?: (operation: WriteOperation, row: StoredRow | null) => WriteOperation;
  /** Only requests ask whether the run still holds its mapping, changes of couplings do not. */
  readonly settlesWithoutLease?: boolean;
}

/** What a history came to. */
export interface HistoryResult {
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** What happened, in order; only where it was asked for. */
  readonly log: readonly string[];
}

/** Plays one history: the engine of the product, with its stores and both systems in memory. */
export async function play(
  scenario: Scenario,
  { ports = {}, logged = false }: { readonly ports?: Ports; readonly logged?: boolean } = {},
): Promise<HistoryResult> {
  const simulation = new Simulation(scenario, ports, logged);
  try {
    await simulation.play();
  } catch (error) {
    simulation.witness.violate('ERROR', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { violations: simulation.witness.violations, steps: simulation.scheduler.steps, log: simulation.log };
}

/** The database does not answer. */
class DatabaseGoneError extends Error {
  override readonly name = 'DatabaseGoneError';
}

class Simulation {
  readonly database = new InMemoryDatabase();
  readonly scheduler: Scheduler;
  readonly witness: Witness;
  readonly leases = new Leases();
  readonly log: string[] = [];
  private readonly random: Seeded;
  private readonly mappings: readonly IntegrationTableMapping[];
  private readonly systems: Readonly<Record<Side, WatchedSystem>>;
  private readonly people: Readonly<Record<Side, InMemoryConnector>>;
  private readonly workers: Worker[] = [];
  private readonly lateRequests: { at: number; side: Side; table: string; operation: WriteOperation }[] = [];
  private readonly requests: Record<Side, number> = { BUSINESS: 0, SALES: 0 };
  private readonly workerSteps = [0, 0];
  private storeCalls = 0;
  private runsBegun = 0;
  private ids = 0;
  private actsDone = 0;
  private isPeace = false;
  private readonly workerFaults: Set<Scenario['workerFaults'][number]>;

  constructor(
    private readonly scenario: Scenario,
    private readonly ports: Ports,
    private readonly logged: boolean,
  ) {
    this.random = new Seeded(scenario.seed ^ 0x5eed);
    this.scheduler = new Scheduler(this.random, () => this.between());
    this.mappings = mappingsOf(scenario.mapping);
    this.workerFaults = new Set(scenario.workerFaults);
    const system = (side: Side) =>
      new WatchedSystem(
        {
          tables: tables[side].map((metadata) => ({ metadata })),
          now: () => this.systemTime(side),
          newId: () => this.newId(),
          rule: ({ values }) => serverRule(side, values, scenario.rewrites),
          clientAssignedIds: side === 'SALES',
        },
        (applied) => {
          this.note(
            `${applied.author} ${applied.operation.kind} ${side} ${applied.table} ${(applied.after ?? applied.before)?.id.slice(-4)} ${JSON.stringify(applied.operation.kind === 'DELETE' ? {} : applied.operation.values)}`,
          );
          this.witness.applied(side, applied);
        },
        this.ports.operation,
      );
    this.systems = { BUSINESS: system('BUSINESS'), SALES: system('SALES') };
    this.witness = new Witness(this.mappings, this.database, () => this.systems);
    this.people = { BUSINESS: this.connectorOf('BUSINESS'), SALES: this.connectorOf('SALES') };
  }

  /** First with people and faults, then in peace until everything rests. */
  async play(): Promise<void> {
    this.between();
    for (const index of [0, 1]) this.startWorker(index);
    await this.scheduler.run(() => this.isOver());
    this.makePeace();
    await this.rest();
  }

  note(line: string): void {
    if (this.logged) this.log.push(`${String(this.scheduler.time).padStart(8)} ${line}`);
  }

  private isOver(): boolean {
    if (this.scheduler.steps > MOST_STEPS) return true;
    return (
      this.runsBegun >= this.scenario.runs.length &&
      this.actsDone >= this.scenario.acts.length &&
      this.workers.every(({ run }) => run === null)
    );
  }

  /** What happens besides the steps: acts of people, late requests, faults of workers, heartbeats. */
  private between(): void {
    const { time } = this.scheduler;
    for (const request of this.lateRequests.filter(({ at }) => at <= time)) {
      this.lateRequests.splice(this.lateRequests.indexOf(request), 1);
      this.note(`a late request arrives`);
      this.systems[request.side].apply(request.table, request.operation, 'SERVICE');
    }
    this.actThatIsDue();
    for (const worker of this.workers) if (worker.alive && worker.run !== null) this.keepLease(worker, worker.run);
    for (const fault of this.workerFaults) {
      const worker = this.workers[fault.worker];
      if (worker?.run == null || (this.workerSteps[fault.worker] ?? 0) < fault.step) continue;
      this.workerFaults.delete(fault);
      if (fault.kind === 'DIES') this.die(worker);
      else {
        const minutes = this.random.happens(30) ? 15 : 1;
        worker.stalledUntil = time + LEASE_MS / 2 + this.random.fraction() * minutes * MINUTE;
        this.note(`worker ${worker.index} stands still until ${worker.stalledUntil.toFixed()}`);
      }
    }
  }

  /** People act after so many steps, and all of them before peace. */
  private actThatIsDue(): void {
    const { acts } = this.scenario;
    const isLast =
      this.isPeace || (this.runsBegun >= this.scenario.runs.length && this.workers.every(({ run }) => run === null));
    for (const act of acts.slice(this.actsDone)) {
      if (!isLast && act.step > this.scheduler.steps) return;
      this.actsDone += 1;
      this.act(act);
    }
  }

  private keepLease(worker: Worker, run: HeldRun): void {
    const { time } = this.scheduler;
    if (worker.stalledUntil > time) {
      run.stepsBeforeBeat = this.random.happens(50) ? 2 : 0;
      return;
    }
    if (run.signal.aborted) return;
    if (run.stepsBeforeBeat > 0) run.stepsBeforeBeat -= 1;
    else if (time > run.heldUntil - (LEASE_MS * 3) / 4) this.leases.beat(run, time);
  }

  private die(worker: Worker): void {
    this.note(`worker ${worker.index} dies`);
    this.scheduler.kill(worker);
    this.scheduler.kill(worker.wire);
    this.startWorker(worker.index);
  }

  private startWorker(index: number): void {
    const worker: Worker = {
      index,
      alive: true,
      stalledUntil: this.scheduler.time + 2_000,
      wire: { alive: true, stalledUntil: 0 },
      run: null,
    };
    this.workers[index] = worker;
    this.work(worker).catch((error: unknown) => {
      this.witness.violate('ERROR', error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  }

  /** Takes up runs until there are none left. */
  private async work(worker: Worker): Promise<void> {
    for (;;) {
      await this.turn(worker, 500);
      if (this.isPeace) return;
      const parameters = this.scenario.runs[this.runsBegun];
      if (parameters === undefined) continue;
      const mapping = this.mappings[this.random.happens(65) ? 0 : 1]!;
      if (await this.runOnce(worker, mapping, parameters)) this.runsBegun += 1;
    }
  }

  private turn(worker: Worker, delayMs = 0): Promise<void> {
    this.workerSteps[worker.index] = (this.workerSteps[worker.index] ?? 0) + 1;
    return this.scheduler.turn(worker, delayMs);
  }

  /** False when another worker holds the mapping. */
  private async runOnce(worker: Worker, mapping: IntegrationTableMapping, parameters: JobParameters): Promise<boolean> {
    const runId = `run-${this.newId().slice(-4)}`;
    const run = this.leases.claim(mapping.id, runId, this.scheduler.time);
    if (run === null) return false;
    worker.run = run;
    this.note(`worker ${worker.index} begins ${runId} of ${mapping.name} ${JSON.stringify(parameters)}`);
    try {
      const { idle } = await this.executorOf(
        worker,
        run,
      )({
        entry: { connectionSetupId, mappingId: mapping.id, code: mapping.name, parameters } as JobQueueEntry,
        runId,
        leaseToken: run.token,
        startedBy: 'simulation',
        workerName: `worker ${worker.index}`,
        signal: run.signal,
        assertHeld: () => {
          if (this.ports.settlesWithoutLease !== true) this.assertHeld(run);
        },
      });
      this.note(`${runId} ends${idle ? ' idle' : ''}`);
      this.isIdle &&= idle;
    } catch (error) {
      this.note(`${runId} fails: ${String(error)}`);
      this.isIdle = false;
      if (!isExpected(error)) throw error;
    } finally {
      if (worker.alive) this.leases.release(run);
      worker.run = null;
    }
    return true;
  }

  private assertHeld(run: HeldRun): void {
    if (!run.signal.aborted && this.scheduler.time < run.heldUntil) return;
    throw new LeaseLostError(run.runId);
  }

  private executorOf(worker: Worker, run: HeldRun) {
    const own = this.database.stores();
    const stores = this.ports.stores?.(own, this.database) ?? own;
    const connect = (side: Side): Connector => {
      const connector = this.connectorOf(side, worker, run);
      const given = this.ports.connector?.(connector, side) ?? connector;
      return this.ports.settlesWithoutLease === true ? asking(given, () => this.assertHeld(run)) : given;
    };
    return integrationSynch({
      stores: {
        couplings: this.guarded(worker, run, stores.couplings),
        stage: this.guarded(worker, run, stores.stage),
        cursors: this.guarded(worker, run, stores.cursors),
        jobs: this.guarded(worker, run, stores.jobs),
        deletions: this.guarded(worker, run, stores.deletions),
        planned: stores.planned,
      },
      mapping: async (id) => this.mappings.find((mapping) => mapping.id === id) ?? null,
      mappingsOf: async () => this.mappings,
      rules: async () => builtInTransformations,
      wakeMappings: async () => undefined,
      connect: async () => ({ BUSINESS: connect('BUSINESS'), SALES: connect('SALES') }),
      clock: () =>
        openRunClock(
          async () => new Date(BEGINNING + this.scheduler.time),
          () => this.scheduler.time + this.scenario.workerClocks[worker.index]! * MINUTE,
        ),
      newId: () => this.newId(),
      // As many as a large run has of its own, in a small world.
      chunks: { pairs: 2, atOnce: 3 },
    });
  }

  private connectorOf(side: Side, worker: Worker | null = null, run: HeldRun | null = null): InMemoryConnector {
    const faults = new Map<'after', RequestFault>();
    return new InMemoryConnector({
      tables: tables[side].map((metadata) => ({ metadata })),
      features:
        side === 'SALES' ? {} : { changeTracking: false, deletions: false, bulkWrite: false, clientAssignedIds: false },
      now: () => this.systemTime(side),
      pageSize: this.scenario.pageSize,
      overlapMs: side === 'SALES' ? 0 : 5 * MINUTE,
      applyMs: APPLY_MS[side],
      system: this.systems[side],
      fault: (request, when) =>
        worker === null || run === null ? 'pass' : this.fateOf({ side, worker, run, faults }, request, when),
    });
  }

  private async fateOf(
    sender: { side: Side; worker: Worker; run: HeldRun; faults: Map<'after', RequestFault> },
    request: InMemoryRequest,
    when: 'before' | 'after',
  ): Promise<Fate> {
    const { side, worker, run, faults } = sender;
    if (request.kind === 'METADATA') return 'pass';
    if (when === 'after') {
      const fault = faults.get('after');
      faults.delete('after');
      await this.turn(worker);
      return fault === undefined ? 'pass' : 'lose';
    }
    const { time } = this.scheduler;
    this.requests[side] += 1;
    this.kinds.push(request.kind);
    this.note(
      `worker ${worker.index} sends ${request.kind} ${side} ${request.table} ${request.operation === null ? '' : JSON.stringify(request.operation)}`,
    );
    if (request.operation !== null && !this.leases.isHeld(run))
      this.witness.violate(
        'I5',
        `${run.runId} sent a ${request.kind} to ${side} after another run had taken its mapping`,
      );
    const fault = this.isPeace
      ? undefined
      : this.scenario.requestFaults.find((one) => one.side === side && one.request === this.requests[side]);
    if (fault !== undefined) this.note(`  ${fault.kind}`);
    const { operation, table } = request;
    const applyMs = APPLY_MS[side] - 1_000;
    switch (fault?.kind) {
      case 'THROTTLED':
        await this.turn(worker);
        return new ConnectorError('too many', { errorClass: 'THROTTLED', code: '429', httpStatus: 429 });
      case 'LOCKED':
        await this.turn(worker);
        return new ConnectorError('locked', { errorClass: 'TRANSIENT', code: 'LOCKED', httpStatus: 503 });
      case 'REFUSED':
        if (operation === null) break;
        await this.turn(worker);
        return new ConnectorError('refused', { errorClass: 'VALIDATION', code: 'REFUSED', httpStatus: 400 });
      case 'CURSOR_EXPIRED':
        if (request.kind !== 'READ_CHANGES') break;
        await this.turn(worker);
        return new CursorExpiredError(table);
      case 'APPLIED_LATE':
        if (operation !== null)
          this.lateRequests.push({ at: time + this.random.fraction() * applyMs, side, table, operation });
        await this.turn(worker, this.random.fraction() * 5_000);
        return 'lose';
      case 'LOST_BEFORE':
        await this.turn(worker);
        return 'lose';
      case 'LOST_AFTER':
        faults.set('after', fault);
        break;
      default:
    }
    const delayMs = fault?.kind === 'SLOW' ? this.random.fraction() * applyMs : 0;
    await this.scheduler.turn(worker.wire, delayMs, () => {
      // It may have left before its sender died, and arrive.
      if (operation !== null && this.random.happens(50))
        this.lateRequests.push({ at: time + this.random.fraction() * applyMs, side, table, operation });
    });
    return 'pass';
  }

  /** Each call of a store may be delayed, be the last thing that a worker does, or not be answered. */
  private guarded<T extends object>(worker: Worker, run: HeldRun, store: T): T {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || name === 'matchGroups') return member;
        return async (...parameters: unknown[]) => {
          this.storeCalls += 1;
          const fault = this.isPeace
            ? undefined
            : this.scenario.storeFaults.find(({ call }) => call === this.storeCalls);
          await this.turn(worker);
          if (fault?.when === 'before') throw new DatabaseGoneError('the database is gone');
          if (name === 'remove' && 'byRecordIds' in target) this.noteRemoved(parameters[0] as Coupling[]);
          const result: unknown = await (Reflect.apply(member, target, parameters) as Promise<unknown>);
          this.seen(String(name), parameters, result, run);
          if (fault?.when === 'after') throw new DatabaseGoneError('the database is gone');
          await this.turn(worker);
          return result;
        };
      },
    });
  }

  private noteRemoved(couplings: readonly Coupling[]): void {
    for (const { _id, revision } of couplings) {
      const present = this.database.couplings.get(_id);
      if (present?.revision === revision) {
        this.note(`coupling ${_id.slice(-4)} is removed`);
        this.witness.removed(present);
      }
    }
  }

  private seen(name: string, parameters: readonly unknown[], result: unknown, run: HeldRun): void {
    if (name === 'change' || name === 'insert') {
      const ids = (parameters[0] as readonly (CouplingChange | Coupling)[]).map(({ _id }) => _id);
      for (const id of ids) {
        const coupling = this.database.couplings.get(id);
        if (coupling !== undefined)
          this.note(
            `${run.runId} ${name}s ${id.slice(-4)} r${coupling.revision} ${coupling.state} ${coupling.businessId?.slice(-4)}/${coupling.salesId?.slice(-4)} ${coupling.error?.code ?? ''} ${JSON.stringify(coupling.intents.map(({ kind, side }) => `${kind} ${side}`))}${(result as Set<string>).has(id) ? '' : ' REFUSED'}`,
          );
      }
      this.witness.stored(ids);
    }
    if (name === 'move' && result === true) {
      const [mappingId, side, cursor] = parameters as [string, Side, { readonly cursor: string }];
      this.note(`${run.runId} moves the cursor of ${side} to ${cursor.cursor}`);
      checkSettled(this.witness, this.database, this.systems[side], { mappingId, side, cursor: cursor.cursor });
    }
  }

  /** What a person enters that the system does not take, is not there. */
  private act(act: PersonAct): void {
    try {
      this.enter(act);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
    }
  }

  private enter(act: PersonAct): void {
    const { side, table } = act;
    const rows = this.systems[side].rows(table).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const person = this.people[side];
    if (act.kind === 'CREATE') {
      const names: Readonly<Record<string, readonly [string, string, string | null]>> = {
        'BUSINESS customers': ['number', 'displayName', null],
        'SALES accounts': ['accountnumber', 'name', null],
        'BUSINESS contacts': ['number', 'displayName', 'customerId'],
        'SALES contacts': ['number', 'fullname', 'parentcustomerid'],
      };
      const [number, name, reference] = names[`${side} ${table}`]!;
      const refers = reference === null ? {} : { [reference]: this.referred(side, act.refersTo) };
      person.insert(table, { [number]: act.number, [name]: act.name, ...refers });
      return;
    }
    const row = rows[act.record % Math.max(1, rows.length)];
    if (row === undefined) return;
    if (act.kind === 'DELETE') person.remove(table, row.id);
    else if (!this.isInLimbo(side, row.id, act.field))
      person.edit(table, row.id, {
        [act.field]: 'value' in act.value ? act.value.value : this.referred(side, act.value.refersTo),
      });
  }

  /** Nobody can tell a record whose create was not answered once a person has given it another name. */
  private isInLimbo(side: Side, id: string, field: string): boolean {
    if (side !== 'BUSINESS' || field !== 'displayName') return false;
    const isCoupled = [...this.database.couplings.values()].some(({ businessId }) => businessId === id);
    return !isCoupled && this.witness.writes.some(({ after, intent }) => intent.kind === 'CREATE' && after?.id === id);
  }

  private referred(side: Side, place: number | null): string | null {
    if (place === null) return null;
    const rows = this.systems[side]
      .rows(side === 'BUSINESS' ? 'customers' : 'accounts')
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return rows[place % Math.max(1, rows.length)]?.id ?? null;
  }

  /** People go home, nothing fails any more, and whoever stood still goes on. */
  private makePeace(): void {
    this.note('peace');
    this.isPeace = true;
    this.workerFaults.clear();
    this.between();
    for (const worker of this.workers) worker.stalledUntil = 0;
  }

  /** Runs until nothing is left to do, then a day later, and then once more: that run must be idle. */
  private async rest(): Promise<void> {
    await this.scheduler.run(() => this.workers.every(({ run }) => run === null) && this.lateRequests.length === 0);
    this.pass(11 * MINUTE);
    for (const index of [0, 1])
      this.workers[index] = { index, alive: true, stalledUntil: 0, wire: { alive: true, stalledUntil: 0 }, run: null };
    await this.runUntilIdle();
    this.checkAgreement(false);
    this.pass(25 * 60 * MINUTE);
    await this.runUntilIdle();
    this.checkAgreement(true);
    this.witness.checkHistory();
    await this.checkIdleRun();
  }

  private checkAgreement(isSwept: boolean): void {
    const hasRefusals = this.scenario.requestFaults.some(({ kind }) => kind === 'REFUSED');
    checkAgreement({ witness: this.witness, database: this.database, systems: this.systems, hasRefusals, isSwept });
  }

  private pass(ms: number): void {
    this.scheduler.time += ms;
    this.between();
  }

  private isIdle = true;
  private readonly kinds: InMemoryRequest['kind'][] = [];

  private async runUntilIdle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      this.isIdle = true;
      await this.runAll(this.workers[round % 2]!);
      if (this.isIdle) return;
      this.pass(11 * MINUTE);
    }
    this.witness.violate('I1', `the systems do not rest within ${MOST_ROUNDS} rounds`);
  }

  private async runAll(worker: Worker): Promise<void> {
    const runs = (async () => {
      for (const mapping of this.mappings) await this.runOnce(worker, mapping, {});
    })();
    let isDone = false;
    let failure: unknown = null;
    void runs.then(
      () => {
        isDone = true;
      },
      (error: unknown) => {
        isDone = true;
        failure = error;
      },
    );
    await this.scheduler.run(() => isDone);
    if (failure !== null) throw failure;
    if (!isDone) throw new Error('a run waits for nothing');
  }

  /** I4: a run that finds nothing to do writes nothing, and asks for one page a side. */
  private async checkIdleRun(): Promise<void> {
    const couplings = JSON.stringify([...this.database.couplings]);
    const writes = this.witness.writes.length;
    this.kinds.length = 0;
    await this.runAll(this.workers[0]!);
    if (this.witness.writes.length > writes) this.witness.violate('I4', 'a run after the last one writes again');
    if (JSON.stringify([...this.database.couplings]) !== couplings)
      this.witness.violate('I4', 'a run that finds nothing changes couplings');
    const asked = this.kinds.filter((kind) => kind !== 'READ_CHANGES');
    if (asked.length > 0) this.witness.violate('I4', `a run that finds nothing asks for ${asked.join(', ')}`);
  }

  private systemTime(side: Side): Date {
    return new Date(BEGINNING + this.scheduler.time + this.scenario.systemClocks[side] * 1_000);
  }

  private newId(): string {
    this.ids += 1;
    const mixed = (Math.imul(this.ids, 0x9e_37) & 0xff_ff).toString(16).padStart(4, '0');
    return `00000000-0000-4000-8000-${String(this.ids).padStart(8, '0')}${mixed}`;
  }
}

/** A connector whose writes ask whether they may be sent, whatever the engine asks. */
const asking = (connector: Connector, assertHeld: () => void): Connector =>
  new Proxy(connector, {
    get: (target, name) => {
      if (name === 'write')
        return (request: WriteRequest, signal: AbortSignal) => target.write({ ...request, assertHeld }, signal);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });

/** Towns in capitals: the same value in another form. */
const inCapitals = ({ address1_city: city }: FieldValues): FieldValues =>
  typeof city === 'string' ? { address1_city: city.toUpperCase() } : {};

/** What the systems themselves make of values. */
function serverRule(side: Side, values: FieldValues, rewrites: boolean): FieldValues {
  if (side === 'SALES' && rewrites && typeof values.telephone1 === 'string')
    return { ...values, telephone1: values.telephone1.replaceAll(' ', '-'), ...inCapitals(values) };
  if (side === 'SALES' && rewrites) return { ...values, ...inCapitals(values) };
  if (side === 'BUSINESS' && typeof values.country === 'string')
    return { ...values, country: values.country.toUpperCase().trim() };
  if (side === 'SALES' && typeof values.creditlimit === 'string')
    return { ...values, creditlimit: String(Math.round(Number(values.creditlimit) * 100) / 100) };
  return values;
}

const isExpected = (error: unknown): boolean =>
  error instanceof RunFailedError ||
  error instanceof ConnectorError ||
  error instanceof LeaseLostError ||
  error instanceof DatabaseGoneError;
