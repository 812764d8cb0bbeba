import {
  type Connector,
  ConnectorError,
  type WriteOperation,
  type WriteRequest,
} from '../../src/connectors/connector.js';
import { type FaultHook, InMemoryConnector } from '../../src/connectors/in-memory/in-memory-connector.js';
import type { StoredRow } from '../../src/connectors/in-memory/in-memory-system.js';
import { CouplingRefusedError } from '../../src/coupling/actions/coupling-refused-error.js';
import { type JobExecutor, LeaseLostError } from '../../src/job-queue/job-executor.js';
import type { JobParameters, JobQueueEntry, PlannedChoice } from '../../src/job-queue/job-queue-entry.js';
import { type IntegrationTableMapping, tableOn } from '../../src/mapping/integration-table-mapping.js';
import { builtInTransformations } from '../../src/mapping/transformation/built-in-transformations.js';
import { RunFailedError } from '../../src/synch/describe-error.js';
import { openRunClock } from '../../src/synch/run-clock.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { SynchStores } from '../../src/synch/synch-run.js';
import { Seeded } from '../support/seeded.js';
import { changesIn, coupleByHand, executors } from './asked-runs.js';
import { APPLY_MS, FaultyRequests } from './faulty-requests.js';
import { checkAgreement } from './final-checks.js';
import { InMemoryDatabase } from './in-memory-stores.js';
import { inMemoryTerrain } from './in-memory-terrain.js';
import { type HeldRun, LEASE_MS, Leases, type Worker } from './leases.js';
import { type Asked, Orders } from './orders.js';
import { deedOf, isInLimbo } from './people.js';
import type { Order, PersonAct, Scenario } from './scenario.js';
import { type Actor, Scheduler } from './scheduler.js';
import { serverRule } from './server-rules.js';
import { connectionSetupId, type MappingChoices } from './terrain.js';
import { DatabaseGoneError, WatchedStores } from './watched-stores.js';
import { WatchedSystem } from './watched-system.js';
import { type Violation, Witness } from './witness.js';

const BEGINNING = Date.parse('2026-01-05T10:00:00Z');
const MINUTE = 60_000;
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
  /** What of a plan the service takes for what somebody chose of it. */
  readonly choice?: (choice: PlannedChoice) => PlannedChoice;
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

class Simulation {
  readonly database = new InMemoryDatabase();
  readonly scheduler: Scheduler;
  readonly witness: Witness;
  readonly leases = new Leases();
  readonly log: string[] = [];
  private readonly random: Seeded;
  private choices: MappingChoices;
  private mappings: readonly IntegrationTableMapping[];
  private readonly orders: Orders;
  private readonly systems: Readonly<Record<Side, WatchedSystem>>;
  private readonly people: Readonly<Record<Side, InMemoryConnector>>;
  private readonly workers: Worker[] = [];
  private readonly requests: FaultyRequests;
  private readonly stores: WatchedStores;
  private readonly workerSteps = [0, 0];
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
    this.choices = scenario.mapping;
    this.mappings = inMemoryTerrain.mappingsOf(this.choices);
    this.workerFaults = new Set(scenario.workerFaults);
    const system = (side: Side) =>
      new WatchedSystem(
        {
          tables: inMemoryTerrain.tables[side].map((metadata) => ({ metadata })),
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
    this.witness = new Witness(this.mappings, inMemoryTerrain.tables, this.database, () => this.systems);
    this.people = { BUSINESS: this.connectorOf('BUSINESS'), SALES: this.connectorOf('SALES') };
    const { scheduler, random, witness, leases, database } = this;
    const world = {
      scenario,
      witness,
      isPeace: () => this.isPeace,
      turn: (worker: Worker, delayMs?: number) => this.turn(worker, delayMs),
      note: (line: string) => this.note(line),
    };
    this.requests = new FaultyRequests({ ...world, scheduler, random, leases });
    this.stores = new WatchedStores({ ...world, database, systemOf: (side) => this.systems[side] });
    this.orders = new Orders({
      scenario,
      database,
      mappings: () => this.mappings,
      editMapping: (choices) => this.editMapping(choices),
      couple: (mapping, order) => this.couple(mapping, order),
    });
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
      this.orders.isOver &&
      this.workers.every(({ run }) => run === null)
    );
  }

  /** What happens besides the steps: acts of people, late requests, faults of workers, heartbeats. */
  private between(): void {
    const { time } = this.scheduler;
    for (const request of this.requests.late.filter(({ at }) => at <= time)) {
      this.requests.late.splice(this.requests.late.indexOf(request), 1);
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
    if (!this.isPeace) this.orders.takeUntil(this.scheduler.steps, isLast);
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
    if (worker.asked != null) this.orders.again(worker.asked);
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
      const asked = this.orders.next();
      if (asked !== null) {
        if (!(await this.runOnce(worker, asked))) this.orders.putBack(asked);
        continue;
      }
      const parameters = this.scenario.runs[this.runsBegun];
      if (parameters === undefined) continue;
      const mapping = this.mappings[this.random.happens(65) ? 0 : 1]!;
      if (await this.runOnce(worker, scheduled(mapping, parameters))) this.runsBegun += 1;
    }
  }

  private editMapping(choices: Partial<MappingChoices>): void {
    this.note(`the mappings are edited: ${JSON.stringify(choices)}`);
    this.choices = { ...this.choices, ...choices };
    this.mappings = inMemoryTerrain.mappingsOf(this.choices);
    this.witness.mapped(this.mappings);
  }

  /** A person couples two records that there are, as the service's mutation does it. */
  private async couple(
    mapping: IntegrationTableMapping,
    { business, sales, synchronize }: Extract<Order, { readonly kind: 'COUPLE' }>,
  ): Promise<void> {
    const person: Actor = { alive: true, stalledUntil: 0 };
    const turn = (): Promise<void> => this.scheduler.turn(person);
    const waiting: FaultHook = () => turn().then(() => 'pass' as const);
    const idAt = (side: Side, place: number): string | null => {
      const rows = this.systems[side].rows(tableOn(mapping, side)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      return rows[place % Math.max(1, rows.length)]?.id ?? null;
    };
    const request = { businessId: idAt('BUSINESS', business), salesId: idAt('SALES', sales) };
    if (request.businessId === null || request.salesId === null) return;
    this.note(`a person couples ${mapping.name} ${request.businessId.slice(-4)}/${request.salesId.slice(-4)}`);
    try {
      await coupleByHand(
        {
          couplings: this.stores.ofPerson(turn, this.database.stores().couplings),
          jobs: this.database.stores().jobs,
          mappings: () => this.mappings,
          connectors: { BUSINESS: this.connectorOf('BUSINESS', waiting), SALES: this.connectorOf('SALES', waiting) },
          ask: (asked) => this.orders.ask(asked),
          now: () => new Date(BEGINNING + this.scheduler.time),
        },
        { ...request, mappingId: mapping.id, synchronize },
      );
    } catch (error) {
      this.note(`  and is refused: ${String(error)}`);
      if (!(error instanceof CouplingRefusedError || error instanceof DatabaseGoneError))
        this.witness.violate('ERROR', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  private turn(worker: Worker, delayMs = 0): Promise<void> {
    this.workerSteps[worker.index] = (this.workerSteps[worker.index] ?? 0) + 1;
    return this.scheduler.turn(worker, delayMs);
  }

  /** False when another worker holds the mapping. */
  private async runOnce(worker: Worker, asked: Asked): Promise<boolean> {
    const { task, mappingId, parameters } = asked;
    const mapping = this.mappings.find(({ id }) => id === mappingId)!;
    const runId = `run-${this.newId().slice(-4)}`;
    const run = this.leases.claim(mapping.id, runId, this.scheduler.time);
    if (run === null) return false;
    worker.run = run;
    worker.asked = asked;
    this.witness.began(runId, asked);
    this.note(`worker ${worker.index} begins ${runId} (${task}) of ${mapping.name} ${JSON.stringify(parameters)}`);
    try {
      const { idle } = await this.executorOf(
        worker,
        run,
        task,
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
      if (task !== 'INTEGRATION_SYNCH') this.orders.again(asked);
    } finally {
      if (worker.alive) this.leases.release(run);
      worker.run = null;
      worker.asked = null;
    }
    return true;
  }

  private assertHeld(run: HeldRun): void {
    if (!run.signal.aborted && this.scheduler.time < run.heldUntil) return;
    throw new LeaseLostError(run.runId);
  }

  private executorOf(worker: Worker, run: HeldRun, task: Asked['task']): JobExecutor {
    const own = this.database.stores();
    const stores = this.ports.stores?.(own, this.database) ?? own;
    const connect = (side: Side): Connector => {
      const connector = this.connectorOf(side, this.requests.hookOf(side, worker, run));
      const given = this.ports.connector?.(connector, side) ?? connector;
      return this.ports.settlesWithoutLease === true ? asking(given, () => this.assertHeld(run)) : given;
    };
    return executors[task]({
      ...changesIn(this.database, this.ports.choice),
      stores: this.stores.of(worker, run, stores),
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

  private connectorOf(side: Side, fault?: FaultHook): InMemoryConnector {
    return new InMemoryConnector({
      tables: inMemoryTerrain.tables[side].map((metadata) => ({ metadata })),
      features:
        side === 'SALES' ? {} : { changeTracking: false, deletions: false, bulkWrite: false, clientAssignedIds: false },
      now: () => this.systemTime(side),
      pageSize: this.scenario.pageSize,
      overlapMs: side === 'SALES' ? 0 : 5 * MINUTE,
      applyMs: APPLY_MS[side],
      system: this.systems[side],
      ...(fault === undefined ? {} : { fault }),
    });
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
    const deed = deedOf(inMemoryTerrain, act, this.systems[side]);
    const person = this.people[side];
    if (deed?.kind === 'CREATE') person.insert(table, deed.values);
    if (deed?.kind === 'DELETE') person.remove(table, deed.id);
    if (deed?.kind === 'EDIT' && !isInLimbo(this.witness, this.database, side, deed))
      person.edit(table, deed.id, deed.values);
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
    await this.scheduler.run(() => this.workers.every(({ run }) => run === null) && this.requests.late.length === 0);
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
    const mayRefuse = (code: string): boolean => hasRefusals && code === 'REFUSED';
    checkAgreement({ witness: this.witness, database: this.database, systems: this.systems, mayRefuse, isSwept });
  }

  private pass(ms: number): void {
    this.scheduler.time += ms;
    this.between();
  }

  private isIdle = true;

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
      for (const mapping of this.mappings) await this.runOnce(worker, scheduled(mapping, {}));
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
    this.requests.kinds.length = 0;
    await this.runAll(this.workers[0]!);
    if (this.witness.writes.length > writes) this.witness.violate('I4', 'a run after the last one writes again');
    if (JSON.stringify([...this.database.couplings]) !== couplings)
      this.witness.violate('I4', 'a run that finds nothing changes couplings');
    const asked = this.requests.kinds.filter((kind) => kind !== 'READ_CHANGES');
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

/** A run as the schedule begins it. */
const scheduled = ({ id: mappingId }: IntegrationTableMapping, parameters: JobParameters): Asked => ({
  task: 'INTEGRATION_SYNCH',
  mappingId,
  parameters,
});

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

const isExpected = (error: unknown): boolean =>
  error instanceof RunFailedError ||
  error instanceof ConnectorError ||
  error instanceof LeaseLostError ||
  error instanceof DatabaseGoneError;
