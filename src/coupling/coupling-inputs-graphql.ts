import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type MutationPayload, MutationPayloadType } from '../api/user-error.js';
import type { JobQueueLogEntry } from '../job-queue/job-queue-entry.js';
import { JobQueueLogEntryType } from '../job-queue/job-queue-graphql.js';
import type { SynchDirection } from '../mapping/integration-table-mapping.js';
import { SynchDirectionEnum } from '../mapping/mapping-enums-graphql.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';
import type { Coupling } from './coupling.js';
import { CouplingFilterInput, CouplingType } from './coupling-graphql.js';

const clientMutationIdText = 'A key of your own for this call; the payload repeats it.';

@InputType('CoupleRecordsInput', {
  description: 'Two records that belong together, or one whose counterpart is to be made.',
})
export class CoupleRecordsInput {
  @Field(() => ID, { description: 'The mapping that couples them.' })
  readonly mappingId!: string;

  @Field(() => String, { nullable: true, description: 'Key of the record in the business system.' })
  readonly businessId?: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the record in Dataverse.' })
  readonly salesId?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "When one side's key is missing, the record is created there.",
  })
  readonly createMissing!: boolean;

  @Field(() => SynchDirectionEnum, {
    nullable: true,
    description: 'The direction of the first synchronization: its source wins. None now when absent.',
  })
  readonly synchronize?: SynchDirection | null;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}

@InputType('CouplingSelectionInput', {
  description:
    'Couplings by their ids (at most 1,000) or by a filter, not both; an empty filter is INVALID, more than 100,000 matches LIMIT_EXCEEDED.',
})
export class CouplingSelectionInput {
  @Field(() => [ID], { nullable: true, description: 'These couplings, at most 1,000.' })
  readonly ids?: string[] | null;

  @Field(() => CouplingFilterInput, { nullable: true, description: 'All that match.' })
  readonly filter?: CouplingFilterInput | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many you saw: refused with STALE_REVISION when it is another number by now.',
  })
  readonly expectedCount?: number | null;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}

@InputType('SynchronizeCouplingsInput', {
  description: 'Couplings of one mapping to synchronize now, by ids or filter, however many they are.',
})
export class SynchronizeCouplingsInput {
  @Field(() => [ID], { nullable: true, description: 'These couplings, at most 1,000.' })
  readonly ids?: string[] | null;

  @Field(() => CouplingFilterInput, { nullable: true, description: 'All that match when the run begins.' })
  readonly filter?: CouplingFilterInput | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many you saw: refused with STALE_REVISION when it is another number by now.',
  })
  readonly expectedCount?: number | null;

  @Field(() => SynchDirectionEnum, {
    nullable: true,
    description: "Its source wins in every field, also over a conflict; by the mapping's rules when absent.",
  })
  readonly direction?: SynchDirection | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Only plan: nothing is written to either system, and SynchJob.changes tells what would be.',
  })
  readonly dryRun!: boolean;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}

@InputType('FieldChoiceInput', { description: 'Which value of one field in conflict is kept.' })
export class FieldChoiceInput {
  @Field(() => String, { description: 'Name of the field in the business system.' })
  readonly field!: string;

  @Field(() => String, { nullable: true, description: 'Name in Dataverse, where two mapped pairs share the field.' })
  readonly integrationField?: string | null;

  @Field(() => SideEnum, { description: 'The side whose value is kept.' })
  readonly keep!: Side;
}

@InputType('ResolveConflictInput', {
  description:
    'What to keep. `keep` decides every field in conflict that `fields` does not name; a field left undecided is INVALID. Where one record was deleted and the other one changed (DELETED_AND_CHANGED), `keep` is the side whose state counts: the deletion, which deletes the other record too, or the record, which is made again on the other side.',
})
export class ResolveConflictInput {
  @Field(() => ID, { description: 'The pair.' })
  readonly couplingId!: string;

  @Field(() => Int, { nullable: true, description: 'Its revision as you read it; STALE_REVISION when it is another.' })
  readonly expectedRevision?: number | null;

  @Field(() => SideEnum, {
    nullable: true,
    description: 'The side whose values, or whose record or deletion, are kept.',
  })
  readonly keep?: Side | null;

  @Field(() => [FieldChoiceInput], { nullable: true, description: 'Per field, where the two sides are to be mixed.' })
  readonly fields?: FieldChoiceInput[] | null;

  @Field(() => String, { nullable: true, description: clientMutationIdText })
  readonly clientMutationId?: string | null;
}

@ObjectType('CouplingPayload', {
  implements: MutationPayloadType,
  description: 'The pair after the change, and what is still written for it.',
  simpleResolvers: true,
})
export class CouplingPayloadType extends MutationPayloadType {
  @Field(() => CouplingType, {
    nullable: true,
    description: 'The pair; null when it was refused, and when both of its records are gone by it.',
  })
  readonly coupling!: object | null;

  @Field(() => JobQueueLogEntryType, {
    nullable: true,
    description: 'The run that writes what has to be written; null when nothing has.',
  })
  readonly run!: object | null;
}

/** What a mutation of one pair answers. */
export interface CouplingPayload extends MutationPayload {
  readonly coupling: Coupling | null;
  readonly run: JobQueueLogEntry | null;
}

@ObjectType('CouplingsPayload', {
  implements: MutationPayloadType,
  description: 'What became of the chosen couplings; at most 100 userErrors.',
  simpleResolvers: true,
})
export class CouplingsPayloadType extends MutationPayloadType {
  @Field(() => Int, { description: 'How many were changed or uncoupled.' })
  readonly changedCount!: number;

  @Field(() => [ID], { description: 'The first 1,000 that were changed or uncoupled.' })
  readonly changedIds!: readonly string[];

  @Field(() => [CouplingType], { description: 'The first 100 of them that still exist.' })
  readonly couplings!: readonly object[];
}

/** What a mutation of many pairs answers. */
export interface CouplingsPayload extends MutationPayload {
  readonly changedCount: number;
  readonly changedIds: readonly string[];
  readonly couplings: readonly Coupling[];
}
