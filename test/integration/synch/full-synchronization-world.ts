import { randomUUID } from 'node:crypto';
import { beforeAll } from 'vitest';
import { couplingIndexes } from '../../../src/coupling/coupling-store.js';
import type { Dispatcher, DispatcherOptions } from '../../../src/job-queue/dispatcher.js';
import type { RunContext } from '../../../src/job-queue/job-executor.js';
import type { FullSynchMode } from '../../../src/job-queue/job-queue-entry.js';
import type { JobQueueDatabase } from '../../../src/job-queue/job-queue-store.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { describeError } from '../../../src/synch/describe-error.js';
import { type FullSynchronizationDependencies, fullSynchronization } from '../../../src/synch/full-synchronization.js';
import { type FullSynchronizations, fullSynchronizations } from '../../../src/synch/full-synchronization-queries.js';
import { startScheduled } from '../../../src/synch/full-synchronization-scheduled.js';
import {
  type FullSynchronization,
  FullSynchronizationStore,
  fullSynchronizationIndexes,
} from '../../../src/synch/full-synchronization-store.js';
import { eventually } from '../../support/eventually.js';
import { mapping } from '../api/records.js';
import { ScriptedExecutor, type TestQueue, testQueue } from '../job-queue/queue.js';

/** Full synchronizations on the real job queue, whose lines do what the test says. */
export interface FullSynchronizationWorld extends TestQueue {
  readonly synchs: FullSynchronizations;
  /** A connection with mappings written as `NAME <- DEPENDENCY, DEPENDENCY`. */
  connection(...mappings: readonly string[]): Connection;
  /** Starts a worker with the real executor of full synchronizations and this one for their lines. */
  work(lines: ScriptedExecutor, options?: WorkOptions): Promise<Dispatcher>;
}

export interface WorkOptions extends Partial<Omit<DispatcherOptions, 'executors'>> {
  readonly full?: Partial<FullSynchronizationDependencies>;
  /** False: runs full synchronizations and leaves their lines to other workers. */
  readonly takesLines?: boolean;
}

export class Connection {
  readonly id = randomUUID();
  readonly mappings: readonly IntegrationTableMapping[];

  constructor(
    private readonly synchs: FullSynchronizations,
    mappings: readonly string[],
  ) {
    this.mappings = mappings.map((text) => {
      const [name = '', dependencies] = text.split(' <- ');
      return mapping(this.id, name, { dependsOn: dependencies?.split(', ') ?? [] });
    });
  }

  start(names?: readonly string[], mode: FullSynchMode = 'MATCH_THEN_CREATE'): Promise<FullSynchronization> {
    return this.synchs.start({
      connectionSetupId: this.id,
      mode,
      mappings: this.mappings.filter(({ name }) => names?.includes(name) ?? true),
      description: 'Full synchronization of the test',
      actor: 'a person',
    });
  }

  idOf(name: string): string {
    const found = this.mappings.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`the test has no mapping ${name}`);
    return found.id;
  }

  /** Resolves with the full synchronization once it and its lines have these statuses, e.g. `SUCCESS: A SUCCESS, B BLOCKED`. */
  whenIts({ _id }: FullSynchronization, expected: string): Promise<FullSynchronization> {
    return eventually(`the full synchronization being ${expected}`, async () => {
      const [found] = await this.synchs.byIds([_id]);
      return found !== undefined && told(found) === expected ? found : undefined;
    });
  }
}

/** The statuses of a full synchronization as text. */
export const told = ({ status, lines }: FullSynchronization): string =>
  `${status}: ${lines.map((line) => `${line.mappingName} ${line.status}`).join(', ')}`;

/** The run of a mapping among those that have begun; its nth, from 1. */
export async function runOf(lines: ScriptedExecutor, name: string, number = 1): Promise<RunContext> {
  for (let begun = 1; ; begun += 1) {
    await lines.run(begun);
    const found = lines.begun.slice(0, begun).filter(({ entry }) => entry.mappingName === name)[number - 1];
    if (found !== undefined) return found;
  }
}

export const begunNames = (lines: ScriptedExecutor): (string | null)[] =>
  lines.begun.map(({ entry }) => entry.mappingName);

export function fullSynchronizationWorld(): FullSynchronizationWorld {
  const queue = testQueue();
  const storeOf = ({ db }: JobQueueDatabase) => new FullSynchronizationStore(db);
  const now = () => queue.database.now();
  const opened = {} as { synchs: FullSynchronizations };
  const known = new Map<string, Connection>();

  beforeAll(async () => {
    await ensureIndexes(queue.database.db, [...fullSynchronizationIndexes, ...couplingIndexes]);
    opened.synchs = fullSynchronizations({ store: storeOf(queue.database), jobQueue: queue.queue, now });
  });

  const own: Omit<FullSynchronizationWorld, keyof TestQueue> = {
    get synchs() {
      return opened.synchs;
    },
    connection: (...mappings) => {
      const made = new Connection(opened.synchs, mappings);
      known.set(made.id, made);
      return made;
    },
    async work(lines, { full, takesLines = true, ...options } = {}) {
      const FULL_SYNCH = fullSynchronization({
        store: storeOf(options.database ?? queue.database),
        startScheduled: startScheduled({
          store: storeOf(options.database ?? queue.database),
          jobQueue: queue.queue,
          now,
          mappingsOf: async (id) => known.get(id)?.mappings ?? [],
        }),
        jobQueue: queue.queue,
        readOptions: async () => undefined,
        mappingsWithDuePairs: async () => [],
        now,
        linesAtOnce: 2,
        ...full,
      });
      const executors = takesLines ? { FULL_SYNCH, INTEGRATION_SYNCH: lines.execute } : { FULL_SYNCH };
      return queue.dispatch({ watchingTasks: ['FULL_SYNCH'], describeError, ...options, executors });
    },
  };
  return Object.defineProperties(queue, Object.getOwnPropertyDescriptors(own)) as FullSynchronizationWorld;
}
