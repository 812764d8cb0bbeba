import { Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { globalId } from '../api/global-id.js';
import type { JobQueueLogEntry } from './job-queue-entry.js';
import { JobQueueLogEntryType } from './job-queue-graphql.js';
import { WorkerConnection, WorkerType } from './worker-graphql.js';
import type { ListedWorker } from './worker-store.js';

/** Workers: look-ups. */
@Resolver(() => WorkerType)
export class WorkerResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => WorkerConnection, {
    description:
      'The processes that run jobs, in the order of their start. One that stops takes itself off; one that vanished is kept for a day.',
  })
  workers(@Args(() => ConnectionArgs) args: ConnectionArgs): Promise<Connection<ListedWorker>> {
    const { jobQueue } = this.parts;
    return connectionOf(args, {
      page: (request) => jobQueue.pageOfWorkers(request),
      count: () => jobQueue.countWorkers(),
    });
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() worker: ListedWorker): string {
    return globalId('Worker', worker._id);
  }

  @FieldResolver(() => [JobQueueLogEntryType], {
    description: 'What it runs now, at most as many as it runs at once.',
  })
  async runs(@Root() worker: ListedWorker, @Ctx() { loads }: ApiContext): Promise<readonly JobQueueLogEntry[]> {
    return (await loads.one(this.parts.sources.runsOfWorker, worker._id))?.runs ?? [];
  }
}
