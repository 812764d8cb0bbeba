import { Field, Int, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import { DateTimeScalar } from '../api/scalars.js';
import type { Side, SynchErrorClass } from './synch-error.js';
import { SideEnum, SynchErrorClassEnum } from './synch-error-graphql.js';
import { SynchJobErrorType } from './synch-graphql.js';

@ObjectType('SynchErrorGroup', {
  description:
    'Errors with one cause: the same mapping, class, code, side and field. restoreCouplings with these as its filter retries all couplings that stand with it.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class SynchErrorGroupType {
  @Field(() => String, { description: 'Name of the mapping.' })
  readonly mappingName!: string;

  @Field(() => SynchErrorClassEnum, { description: 'What kind of error it is.' })
  readonly class!: SynchErrorClass;

  @Field(() => String, { description: 'Its stable code.' })
  readonly code!: string;

  @Field(() => SideEnum, { nullable: true, description: 'The system that it is about; null when it is neither.' })
  readonly side!: Side | null;

  @Field(() => String, { nullable: true, description: 'The field that it is about; null when no single one is meant.' })
  readonly field!: string | null;

  @Field(() => Int, { description: 'How often it happened.' })
  readonly count!: number;

  @Field(() => Int, { description: 'How many couplings stand with it now.' })
  readonly openCouplings!: number;

  @Field(() => DateTimeScalar, { description: 'When it happened first, among those asked for.' })
  readonly firstAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it happened last.' })
  readonly lastAt!: Date;

  @Field(() => SynchJobErrorType, { description: 'The newest one.' })
  readonly example!: object;
}
