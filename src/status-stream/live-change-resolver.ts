import { Args, Ctx, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import { demandRole } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ApiSources, ResolverParts } from '../api/api-services.js';
import { argumentId, globalId, parseGlobalId } from '../api/global-id.js';
import type { BatchSource } from '../api/operation-loads.js';
import { includesRole } from '../api/role.js';
import { ConnectionSetupType } from '../connection-setup/connection-setup-graphql.js';
import { CouplingType } from '../coupling/coupling-graphql.js';
import { JobQueueEntryType, JobQueueLogEntryType } from '../job-queue/job-queue-graphql.js';
import { WorkerType } from '../job-queue/worker-graphql.js';
import { IntegrationTableMappingType } from '../mapping/mapping-graphql.js';
import { FullSynchronizationType } from '../synch/full-synchronization-graphql.js';
import { SynchJobType } from '../synch/synch-graphql.js';
import type { SynchJob } from '../synch/synch-job.js';
import { iteratorOf } from './iterator-of.js';
import { type LiveChange, type LiveSubject, liveSubjects, subjectOf } from './live-change.js';
import {
  FollowChangesArgs,
  FollowProgressArgs,
  type LiveChangeFilterInput,
  LiveChangeKindEnum,
  LiveChangeType,
} from './live-change-graphql.js';
import { followProgress } from './progress.js';
import { changeCursorOf } from './stream-cursor.js';

/** An object is told at most once a second. */
const CHANGE_INTERVAL_MS = 1_000;

const nodeTypes = {
  CONNECTION_SETUP: 'ConnectionSetup',
  INTEGRATION_TABLE_MAPPING: 'IntegrationTableMapping',
  COUPLING: 'Coupling',
  JOB_QUEUE_ENTRY: 'JobQueueEntry',
  JOB_QUEUE_RUN: 'JobQueueLogEntry',
  SYNCH_JOB: 'SynchJob',
  FULL_SYNCHRONIZATION: 'FullSynchronization',
  WORKER: 'Worker',
} as const satisfies Record<LiveSubject, string>;

/** Changes of whatever a page shows, as they happen. */
@Resolver(() => LiveChangeType)
export class LiveChangeResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Subscription(() => LiveChangeType, {
    name: 'liveChanges',
    description:
      'Whatever a page shows, as it changes, from now on or from after the cursor: with a normalized cache one of these keeps a whole page true without polling. CURSOR_EXPIRED when the cursor is too old to resume.',
    subscribe: ({ args, context }) => {
      const asked = context as ApiContext;
      return asked.resolver(LiveChangeResolver).follow(args as FollowChangesArgs, asked);
    },
  })
  liveChanges(
    @Root() change: LiveChange,
    // Declares the arguments; the source above reads them.
    @Args(() => FollowChangesArgs) _args: FollowChangesArgs,
  ): LiveChange {
    return change;
  }

  @Subscription(() => SynchJobType, {
    name: 'synchJobProgress',
    description:
      'Counters of running synch jobs, at most a few times a second each, and once at the end; all running ones without arguments.',
    subscribe: ({ args, context }) =>
      (context as ApiContext).resolver(LiveChangeResolver).followProgress(args as FollowProgressArgs),
  })
  synchJobProgress(@Root() job: SynchJob, @Args(() => FollowProgressArgs) _args: FollowProgressArgs): SynchJob {
    return job;
  }

  /** The source of liveChanges. Throws FORBIDDEN, CursorExpiredError and InvalidCursorError before the first change. */
  async follow({ after, filter }: FollowChangesArgs, context: ApiContext): Promise<AsyncIterable<LiveChange>> {
    if (filter?.subject?.includes('COUPLING')) demandRole(context, 'VIEWER', 'liveChanges of COUPLING');
    const mayRead = liveSubjects.filter(
      (subject) => subject !== 'COUPLING' || includesRole(context.viewer.role, 'VIEWER'),
    );
    const subjects = new Set<LiveSubject>(filter?.subject ?? mayRead);
    const ids = filter?.nodeId && new Set(filter.nodeId.map((id) => parseGlobalId(id)?.id));
    const changes = await this.parts.changes.follow(
      {
        intervalMs: CHANGE_INTERVAL_MS,
        subjectOf: (change) => {
          const subject = subjectOf(change);
          return subject !== null && subjects.has(subject) && (!ids || ids.has(change.id)) ? subject : null;
        },
      },
      after ?? undefined,
    );
    return filter ? this.#wanted(changes, wishOf(filter)) : changes;
  }

  /** The source of synchJobProgress. */
  followProgress(args: FollowProgressArgs): Promise<AsyncIterable<SynchJob>> {
    return followProgress(this.parts, {
      synchJobId: idIfGiven('SynchJob', 'synchJobId', args.synchJobId),
      runId: idIfGiven('JobQueueLogEntry', 'runId', args.runId),
      mapping: args.mapping ?? undefined,
      connectionSetupId: idIfGiven('ConnectionSetup', 'connectionSetupId', args.connectionSetupId),
    });
  }

  #wanted(changes: AsyncIterableIterator<LiveChange>, wish: Wish): AsyncIterable<LiveChange> {
    if (Object.values(wish).every((part) => part === undefined)) return changes;
    return wantedOf(changes, async (change) => {
      if (change.subject === 'WORKER') return true;
      const found = await this.#lastKnown(change);
      return found === null || belongs(change, found, wish);
    });
  }

  /** What tells to whom it belongs, or belonged; null when nobody knows any more, so that all have to be told. */
  async #lastKnown(change: LiveChange): Promise<Belonging | null> {
    const [present] = await sourceOf(this.parts.sources, change.subject).byIds([change.id]);
    return present ?? (change.subject === 'CONNECTION_SETUP' ? {} : this.parts.changes.gone(change));
  }

  @FieldResolver(() => String, { description: 'Resumes the subscription after this change.' })
  cursor(@Root() { told }: LiveChange): string {
    return changeCursorOf(told);
  }

  @FieldResolver(() => LiveChangeKindEnum, { description: 'What happened to it.' })
  change(@Root() { kind }: LiveChange): LiveChange['kind'] {
    return kind;
  }

  @FieldResolver(() => ID, { description: 'Global id of the object.' })
  nodeId(@Root() { subject, id }: LiveChange): string {
    return globalId(nodeTypes[subject], id);
  }

  @FieldResolver(() => ConnectionSetupType, { nullable: true, description: 'The connection, for CONNECTION_SETUP.' })
  connectionSetup(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('CONNECTION_SETUP', change, context);
  }

  @FieldResolver(() => IntegrationTableMappingType, {
    nullable: true,
    description: 'The mapping, for INTEGRATION_TABLE_MAPPING.',
  })
  integrationTableMapping(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('INTEGRATION_TABLE_MAPPING', change, context);
  }

  @FieldResolver(() => CouplingType, { nullable: true, description: 'The pair, for COUPLING.' })
  coupling(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('COUPLING', change, context);
  }

  @FieldResolver(() => JobQueueEntryType, { nullable: true, description: 'The entry, for JOB_QUEUE_ENTRY.' })
  jobQueueEntry(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('JOB_QUEUE_ENTRY', change, context);
  }

  @FieldResolver(() => JobQueueLogEntryType, { nullable: true, description: 'The run, for JOB_QUEUE_RUN.' })
  jobQueueRun(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('JOB_QUEUE_RUN', change, context);
  }

  @FieldResolver(() => SynchJobType, { nullable: true, description: 'The synch job, for SYNCH_JOB.' })
  synchJob(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('SYNCH_JOB', change, context);
  }

  @FieldResolver(() => FullSynchronizationType, {
    nullable: true,
    description: 'The full synchronization, for FULL_SYNCHRONIZATION.',
  })
  fullSynchronization(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('FULL_SYNCHRONIZATION', change, context);
  }

  @FieldResolver(() => WorkerType, { nullable: true, description: 'The worker, for WORKER.' })
  worker(@Root() change: LiveChange, @Ctx() context: ApiContext): Promise<object | null> {
    return this.#present('WORKER', change, context);
  }

  async #present(subject: LiveSubject, change: LiveChange, { loads }: ApiContext): Promise<object | null> {
    if (change.subject !== subject || change.kind === 'DELETED') return null;
    return loads.one(sourceOf(this.parts.sources, subject), change.id);
  }
}

function sourceOf(sources: ApiSources, subject: LiveSubject): BatchSource<object> {
  const bySubject = {
    CONNECTION_SETUP: sources.connectionSetup,
    INTEGRATION_TABLE_MAPPING: sources.mapping,
    COUPLING: sources.coupling,
    JOB_QUEUE_ENTRY: sources.entry,
    JOB_QUEUE_RUN: sources.run,
    SYNCH_JOB: sources.synchJob,
    FULL_SYNCHRONIZATION: sources.fullSynchronization,
    WORKER: sources.worker,
  };
  return bySubject[subject];
}

/** The parts of a filter that ask for the object's own values. */
interface Wish {
  readonly connectionSetupId: string | undefined;
  readonly mapping: readonly string[] | undefined;
  readonly couplingState: readonly string[] | undefined;
}

const wishOf = ({ connectionSetupId, mapping: names, couplingState }: LiveChangeFilterInput): Wish => ({
  connectionSetupId: idIfGiven('ConnectionSetup', 'filter.connectionSetupId', connectionSetupId),
  mapping: names ?? undefined,
  couplingState: couplingState ?? undefined,
});

// An empty text is no id, and must not be taken for "all".
const idIfGiven = (
  type: Parameters<typeof argumentId>[0],
  argument: string,
  id: string | null | undefined,
): string | undefined => (id === undefined || id === null ? undefined : argumentId(type, argument, id));

interface Belonging {
  readonly connectionSetupId?: string | null;
  readonly mappingName?: string | null;
  readonly state?: string;
}

function belongs({ subject, id, states }: LiveChange, found: Belonging, wish: Wish): boolean {
  const connection = subject === 'CONNECTION_SETUP' ? id : found.connectionSetupId;
  if (wish.connectionSetupId !== undefined && connection !== wish.connectionSetupId) return false;
  if (subject !== 'COUPLING') return true;
  if (wish.mapping !== undefined && !wish.mapping.includes(found.mappingName ?? '')) return false;
  if (wish.couplingState === undefined || states === null) return true;
  const all: readonly (string | undefined)[] = [found.state, ...states];
  return wish.couplingState.some((state) => all.includes(state));
}

/** Those of the changes that are wanted. Ends with them, and ends them. */
const wantedOf = (
  changes: AsyncIterableIterator<LiveChange>,
  isWanted: (change: LiveChange) => Promise<boolean>,
): AsyncIterableIterator<LiveChange> =>
  iteratorOf(
    async () => {
      for (;;) {
        const taken = await changes.next();
        if (taken.done === true) return null;
        if (await isWanted(taken.value)) return taken.value;
      }
    },
    () => changes.return?.(),
  );
