import { Field, Int, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { connectionType } from '../api/connection.js';
import { NodeType } from '../api/node.js';
import { ExternalRecordType } from '../coupling/external-record-graphql.js';
import type { MatchAmbiguity } from './match-ambiguity.js';

@ObjectType('MatchAmbiguity', {
  implements: NodeType,
  description:
    'A record with several possible counterparts: it was neither coupled nor created, until coupleRecords couples it with the right one.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class MatchAmbiguityType extends NodeType {
  @Field(() => ExternalRecordType, { description: 'The record.' })
  readonly record!: MatchAmbiguity['record'];

  @Field(() => [String], { description: 'Names of its fields in which the candidates agree with it.' })
  readonly matchedOn!: readonly string[];

  @Field(() => Int, { description: 'How many possible counterparts there are.' })
  readonly candidateCount!: number;

  @Field(() => [ExternalRecordType], { description: 'The possible counterparts, at most 20 of them.' })
  readonly candidates!: MatchAmbiguity['candidates'];
}

export const MatchAmbiguityConnection = connectionType('MatchAmbiguity', () => MatchAmbiguityType);
