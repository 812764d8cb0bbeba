import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar } from '../api/scalars.js';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { FullSynchMode } from '../job-queue/job-queue-entry.js';
import type { FullSynchStatus } from './full-synchronization-plan.js';
import type { FullSynchronization } from './full-synchronization-store.js';

export const FullSynchModeEnum = graphqlEnum<FullSynchMode>(
  'FullSynchMode',
  "How a full synchronization treats uncoupled records, for this run over the mappings' synchOnlyCoupledRecords.",
  {
    COUPLED_ONLY: 'Synchronizes coupled records, creates nothing.',
    MATCH_THEN_CREATE: 'Couples records that are the same by their matching fields, then creates what is missing.',
    CREATE_MISSING:
      'Creates a counterpart for every uncoupled record, unless it stands there already under its code: currencies, unit groups and price lines.',
  },
);

export const FullSynchStatusEnum = graphqlEnum<FullSynchStatus>(
  'FullSynchStatus',
  'How far a full synchronization, or one of its lines, is. Errors of single records are no ERROR.',
  {
    READY: 'Not begun.',
    IN_PROCESS: 'It runs.',
    SUCCESS: 'It ran to its end.',
    ERROR: 'It stopped before its end, and its retries are used; of the whole: one of its lines did.',
    BLOCKED: 'One that it depends on stopped with ERROR or CANCELLED.',
    CANCELLED: 'Someone cancelled it.',
  },
);

@ObjectType('FullSynchLine', {
  description:
    'One mapping in a full synchronization. dependsOn and blockedBy are mapping names of this full synchronization.',
  simpleResolvers: true,
})
export class FullSynchLineType {
  @Field(() => String, { description: 'Name of the mapping, also when that is gone.' })
  readonly mappingName!: string;

  @Field(() => FullSynchStatusEnum, { description: 'How far it is.' })
  readonly status!: FullSynchStatus;

  @Field(() => String, { nullable: true, description: 'Why it is ERROR, BLOCKED or CANCELLED; null otherwise.' })
  readonly reason!: string | null;

  @Field(() => [String], { description: 'What has to be done before it.' })
  readonly dependsOn!: readonly string[];

  @Field(() => [String], { description: 'What stopped, so that it cannot run; empty unless it is BLOCKED.' })
  readonly blockedBy!: readonly string[];
}

@ObjectType('FullSynchronization', {
  implements: NodeType,
  description:
    'One full synchronization of a connection, each line a run of its own; cancelling `run` cancels what is left of it.',
  simpleResolvers: true,
})
export class FullSynchronizationType extends NodeType {
  @Field(() => FullSynchModeEnum, { description: 'How it treats uncoupled records.' })
  readonly mode!: FullSynchMode;

  @Field(() => Boolean, { description: 'True when it only plans, and writes nothing to either system.' })
  readonly dryRun!: boolean;

  @Field(() => FullSynchStatusEnum, { description: 'How far it is, or how it ended.' })
  readonly status!: FullSynchStatus;

  @Field(() => DateTimeScalar, { description: 'From acceptance.' })
  readonly startedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null before.' })
  readonly finishedAt!: Date | null;

  @Field(() => [FullSynchLineType], {
    description: 'One line per mapping, in the order in which they run: what a mapping depends on comes before it.',
  })
  readonly lines!: readonly FullSynchLineType[];
}

export const FullSynchronizationConnection = connectionType('FullSynchronization', () => FullSynchronizationType);

@InputType('RunFullSynchronizationInput', { description: 'What to synchronize fully.' })
export class RunFullSynchronizationInput {
  @Field(() => ID, { description: 'The connection.' })
  readonly connectionSetupId!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'Names of mappings, in any order: only these run, so lines of an earlier one that stopped or were blocked run again. All enabled ones when absent.',
  })
  readonly mappings?: string[] | null;

  @Field(() => FullSynchModeEnum, { description: 'How uncoupled records are treated.' })
  readonly mode!: FullSynchMode;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Only plan: nothing is written to either system, and SynchJob.changes tells what would be.',
  })
  readonly dryRun!: boolean;

  @Field(() => String, { nullable: true, description: 'A key of your own for this call; the payload repeats it.' })
  readonly clientMutationId?: string | null;
}

@ObjectType('FullSynchronizationPayload', {
  implements: MutationPayloadType,
  description: 'The full synchronization that was accepted; null when it was refused.',
  simpleResolvers: true,
})
export class FullSynchronizationPayloadType extends MutationPayloadType {
  @Field(() => FullSynchronizationType, { nullable: true, description: 'What was accepted; null when it was refused.' })
  readonly fullSynchronization!: FullSynchronizationType | null;
}

/** What the mutation that starts a full synchronization answers. */
export interface FullSynchronizationPayload extends MutationPayload {
  readonly fullSynchronization: FullSynchronization | null;
}
