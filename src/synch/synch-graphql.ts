import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { connectionType } from '../api/connection.js';
import { graphqlEnum } from '../api/graphql-enum.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { OneWayDirection, SynchDirection } from '../mapping/integration-table-mapping.js';
import { SynchDirectionEnum } from '../mapping/mapping-enums-graphql.js';
import type { SynchError, SynchErrorClass } from './synch-error.js';
import { SynchErrorClassEnum, SynchErrorType } from './synch-error-graphql.js';
import type { SynchJobKind, SynchJobStatus } from './synch-job.js';

export const SynchJobKindEnum = graphqlEnum<SynchJobKind>('SynchJobKind', 'What a synch job does.', {
  SYNCHRONIZATION: 'Carries changes over.',
  COUPLING: 'Finds counterparts for uncoupled records.',
  UNCOUPLING: 'Forgets couplings.',
  AUDIT: 'Compares everything and writes nothing.',
  APPLY: 'Writes what a dry run planned.',
  UNDO: 'Puts back what a synch job overwrote.',
});

export const SynchJobStatusEnum = graphqlEnum<SynchJobStatus>(
  'SynchJobStatus',
  'How far a synch job is, or how it ended.',
  {
    IN_PROCESS: 'It runs.',
    SUCCESS: 'It ran to its end, and no record failed.',
    PARTIAL: 'It ran to its end, and some records failed.',
    ERROR: 'It stopped before its end, or everything that it had to write failed.',
    CANCELLED: 'Someone cancelled its run.',
    INTERRUPTED: 'Its worker died or lost its lease; the run is repeated.',
  },
);

const count = (description: string): PropertyDecorator => Field(() => Int, { description });

@ObjectType('SynchJob', {
  implements: NodeType,
  description: 'What one run did for one mapping in one direction.',
  simpleResolvers: true,
})
export class SynchJobType extends NodeType {
  @Field(() => SynchJobKindEnum, { description: 'What it does.' })
  readonly kind!: SynchJobKind;

  @Field(() => String, { description: 'Name of the mapping, also when that is gone.' })
  readonly mappingName!: string;

  @Field(() => SynchDirectionEnum, { description: 'Which way it goes; never BIDIRECTIONAL, such a run is two jobs.' })
  readonly direction!: OneWayDirection;

  @Field(() => SynchJobStatusEnum, { description: 'How far it is, or how it ended.' })
  readonly status!: SynchJobStatus;

  @Field(() => DateTimeScalar, { description: 'When its work began.' })
  readonly startedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null while it runs.' })
  readonly finishedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'What there is to say about it besides the counters.' })
  readonly message!: string | null;

  @Field(() => SynchErrorType, {
    nullable: true,
    description: 'Why it stopped before its end; errors of single records are in `errors`.',
  })
  readonly error!: SynchError | null;

  @Field(() => Boolean, { description: 'True when it only planned, and wrote nothing to either system.' })
  readonly dryRun!: boolean;

  @count('Records created.') readonly inserted!: number;
  @count('Records changed.') readonly modified!: number;
  @count('Records deleted.') readonly deleted!: number;
  @count('Records that were compared and agreed.') readonly unchanged!: number;
  @count('Records left out: waiting, parked, outside the filter, or not to be created.') readonly skipped!: number;
  @count('Records that failed.') readonly failed!: number;
  @count('Pairs coupled.') readonly coupled!: number;
  @count('Pairs forgotten.') readonly uncoupled!: number;
  @count('Conflicts that no rule decided.') readonly conflicts!: number;
  @count('Source records read so far.') readonly read!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many source records there are, where that is known before they are read; of a job that applies or undoes: how many changes. Null where it is not known.',
  })
  readonly total!: number | null;
}

@ObjectType('SynchJobError', {
  implements: NodeType,
  description: 'An error of one record in one synch job.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class SynchJobErrorType extends NodeType {
  @Field(() => String, { description: 'What a person would call the record.' })
  readonly title!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the record in the business system; null where there is none.',
  })
  readonly businessId!: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the record in Dataverse; null where there is none.' })
  readonly salesId!: string | null;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  readonly at!: Date;

  @Field(() => SynchErrorType, { description: 'Why the record failed.' })
  readonly error!: SynchError;
}

export const SynchJobConnection = connectionType('SynchJob', () => SynchJobType);
export const SynchJobErrorConnection = connectionType('SynchJobError', () => SynchJobErrorType);

@InputType('SynchJobFilter', {
  description:
    'Which synch jobs are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing.',
})
export class SynchJobFilterInput {
  @Field(() => [SynchJobKindEnum], { nullable: true, description: 'Only these kinds.' })
  readonly kind?: SynchJobKind[] | null;

  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => SynchDirectionEnum, { nullable: true, description: 'Only of this direction.' })
  readonly direction?: SynchDirection | null;

  @Field(() => [SynchJobStatusEnum], { nullable: true, description: 'Only with these statuses.' })
  readonly status?: SynchJobStatus[] | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only started then or later.' })
  readonly since?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only started before.' })
  readonly until?: Date | null;

  @Field(() => Boolean, { nullable: true, description: 'Only dry runs, or only real ones.' })
  readonly dryRun?: boolean | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;
}

@InputType('SynchJobErrorFilter', {
  description:
    'Which errors of records are wanted: given fields are ANDed, values of one list ORed; an empty list matches nothing.',
})
export class SynchJobErrorFilterInput {
  @Field(() => [String], { nullable: true, description: 'Only of mappings with these names.' })
  readonly mapping?: string[] | null;

  @Field(() => [SynchErrorClassEnum], { nullable: true, description: 'Only of these classes.' })
  readonly class?: SynchErrorClass[] | null;

  @Field(() => [String], { nullable: true, description: 'Only with these codes.' })
  readonly code?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only about these fields.' })
  readonly field?: string[] | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only then or later.' })
  readonly since?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Only before.' })
  readonly until?: Date | null;

  @Field(() => ID, { nullable: true, description: 'Only of this connection.' })
  readonly connectionSetupId?: string | null;
}
