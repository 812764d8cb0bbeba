import type { JobParameters, PlannedChoice } from '../../src/job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import type { RecordChange, SynchJob } from '../../src/synch/synch-job.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import type { Order, Scenario } from './scenario.js';

/** What a worker does for somebody: the job's executor, and what it is given. */
export interface Asked {
  readonly task: 'INTEGRATION_SYNCH' | 'SYNCH_COUPLINGS' | 'APPLY_DRY_RUN' | 'UNDO';
  readonly mappingId: string;
  readonly parameters: JobParameters;
}

/** A run that is interrupted, or fails for a passing reason, is made so many times. */
const MOST_ATTEMPTS = 3;

/** What orders act upon. */
interface OrderWorld {
  readonly scenario: Scenario;
  readonly database: Pick<InMemoryDatabase, 'jobs' | 'changes'>;
  readonly mappings: () => readonly IntegrationTableMapping[];
  readonly editMapping: (choices: Extract<Order, { readonly kind: 'EDIT_MAPPING' }>['choices']) => void;
  /** Couples by hand; answers when the person has got an answer. */
  readonly couple: (
    mapping: IntegrationTableMapping,
    order: Extract<Order, { readonly kind: 'COUPLE' }>,
  ) => Promise<void>;
}

/** What people ask of the service, in the order in which they do, until workers take it up. */
export class Orders {
  private taken = 0;
  private waiting: { readonly asked: () => Asked | null; readonly attempts: number }[] = [];
  private atCounter = 0;
  private readonly attempts = new Map<Asked, number>();

  constructor(private readonly world: OrderWorld) {}

  /** Nothing is left that a worker, or a person, has to do. */
  get isOver(): boolean {
    return this.taken >= this.world.scenario.orders.length && this.waiting.length === 0 && this.atCounter === 0;
  }

  /** People ask for what they would by this step; all of it, where nothing else is left to be done. */
  takeUntil(step: number, all: boolean): void {
    const { orders } = this.world.scenario;
    for (const order of orders.slice(this.taken)) {
      if (!all && order.step > step) return;
      this.taken += 1;
      if (order.kind === 'EDIT_MAPPING') this.world.editMapping(order.choices);
      else if (order.kind === 'COUPLE') this.couple(order);
      else this.waiting.push({ asked: () => this.askedBy(order), attempts: 0 });
    }
  }

  /** Somebody asks for a run. */
  ask(asked: Asked): void {
    this.waiting.push({ asked: () => asked, attempts: 0 });
  }

  /** The next run that was asked for; what there is nothing to do for by then is left out. */
  next(): Asked | null {
    for (let one = this.waiting.shift(); one !== undefined; one = this.waiting.shift()) {
      const asked = one.asked();
      if (asked === null) continue;
      this.attempts.set(asked, one.attempts + 1);
      return asked;
    }
    return null;
  }

  /** Nobody could take it up just now. */
  putBack(asked: Asked): void {
    this.waiting.unshift({ asked: () => asked, attempts: (this.attempts.get(asked) ?? 1) - 1 });
  }

  /** It came to no end: it is done again, as the same. */
  again(asked: Asked): void {
    const attempts = this.attempts.get(asked) ?? 1;
    if (attempts < MOST_ATTEMPTS) this.waiting.push({ asked: () => asked, attempts });
  }

  private couple(order: Extract<Order, { readonly kind: 'COUPLE' }>): void {
    this.atCounter += 1;
    void this.world.couple(this.mappingOf(order), order).finally(() => {
      this.atCounter -= 1;
    });
  }

  private mappingOf({ mapping }: Order): IntegrationTableMapping {
    const mappings = this.world.mappings();
    return mappings[mapping % mappings.length]!;
  }

  /** Null where there is nothing to apply or to undo. */
  private askedBy(order: Order): Asked | null {
    const mappingId = this.mappingOf(order).id;
    switch (order.kind) {
      case 'DRY_RUN':
        return { task: 'INTEGRATION_SYNCH', mappingId, parameters: order.parameters };
      case 'APPLY': {
        const jobs = this.jobsOfLastRun(mappingId, ({ dryRun, kind }) => dryRun && kind === 'SYNCHRONIZATION');
        if (jobs.length === 0) return null;
        return { task: 'APPLY_DRY_RUN', mappingId, parameters: { apply: this.choiceOf(jobs, order.leavesOut) } };
      }
      case 'UNDO': {
        const jobs = this.jobsOfLastRun(mappingId, (job) => !job.dryRun && job.kind !== 'UNDO' && hasWritten(job));
        if (jobs.length === 0) return null;
        const parameters = { undo: { synchJobs: jobs.map(directed) }, ...(order.dryRun && { dryRun: true }) };
        return { task: 'UNDO', mappingId, parameters };
      }
      default:
        return null;
    }
  }

  private jobsOfLastRun(mappingId: string, isWanted: (job: SynchJob) => boolean): readonly SynchJob[] {
    const jobs = [...this.world.database.jobs.values()].filter(
      (job) => job.mappingId === mappingId && job.status !== 'IN_PROCESS' && isWanted(job),
    );
    const last = jobs.at(-1);
    return jobs.filter(({ runId }) => runId === last?.runId);
  }

  private choiceOf(jobs: readonly SynchJob[], leavesOut: number): PlannedChoice {
    const all = { synchJobs: jobs.map(directed), changeIds: null, filter: null, exceptChangeIds: [] };
    if (leavesOut === 0) return all;
    const planned = chosenChanges(this.world.database, all);
    return { ...all, exceptChangeIds: planned.filter((_, index) => index % leavesOut === 0).map(({ _id }) => _id) };
  }
}

const directed = ({ _id, direction }: SynchJob) => ({ id: _id, direction });

const hasWritten = ({ inserted, modified, deleted }: SynchJob): boolean => inserted + modified + deleted > 0;

/** The planned changes that somebody chose, in order of their ids. */
export function chosenChanges(
  { changes }: Pick<InMemoryDatabase, 'changes'>,
  { synchJobs, changeIds, exceptChangeIds }: PlannedChoice,
): readonly RecordChange[] {
  const ofJobs = new Set(synchJobs.map(({ id }) => id));
  return [...changes.values()]
    .filter(
      ({ _id, outcome, synchJobId }) =>
        outcome === 'PLANNED' &&
        ofJobs.has(synchJobId ?? '') &&
        changeIds?.includes(_id) !== false &&
        !exceptChangeIds.includes(_id),
    )
    .toSorted((a, b) => (a._id < b._id ? -1 : 1));
}
