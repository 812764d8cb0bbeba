import { Field, ID, InputType } from 'type-graphql';
import type { SynchDirection } from '../mapping/integration-table-mapping.js';
import { SynchDirectionEnum } from '../mapping/mapping-enums-graphql.js';
import { RecordChangeFilterInput } from './record-change-graphql.js';

const clientMutationIdText = 'A key of your own for this call; the payload repeats it.';
const dryRunText = 'Only plan: nothing is written to either system, and SynchJob.changes tells what would be.';

@InputType('ApplyDryRunInput', {
  description: 'All that the jobs of one dry run planned, or chosen changes, or what a filter matches.',
})
export class ApplyDryRunInput {
  @Field(() => [ID], { description: 'The synch jobs of a dry run of one mapping.' })
  readonly synchJobIds!: string[];

  @Field(() => [ID], { nullable: true, description: 'Only these changes, at most 1,000.' })
  readonly changeIds?: string[] | null;

  @Field(() => RecordChangeFilterInput, { nullable: true, description: 'Only changes that match.' })
  readonly filter?: RecordChangeFilterInput | null;

  @Field(() => [ID], { nullable: true, description: 'These are left out, at most 1,000.' })
  readonly exceptChangeIds?: string[] | null;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}

@InputType('UndoSynchJobInput', { description: 'Synch jobs of one mapping whose writes are put back.' })
export class UndoSynchJobInput {
  @Field(() => [ID], { description: 'The synch jobs.' })
  readonly synchJobIds!: string[];

  @Field(() => Boolean, { defaultValue: false, description: dryRunText })
  readonly dryRun!: boolean;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}

@InputType('MatchAndCoupleInput', { description: 'A mapping whose records are coupled by its matching fields.' })
export class MatchAndCoupleInput {
  @Field(() => ID, { description: 'The mapping.' })
  readonly mappingId!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Records without a match get a counterpart; otherwise they are counted skipped.',
  })
  readonly createIfNoMatch!: boolean;

  @Field(() => SynchDirectionEnum, {
    nullable: true,
    description: 'The direction of the first synchronization of the new pairs: its source wins. None now when absent.',
  })
  readonly synchronize?: SynchDirection | null;

  @Field(() => Boolean, { defaultValue: false, description: dryRunText })
  readonly dryRun!: boolean;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}
