import { Field, ObjectType } from 'type-graphql';
import { Access } from '../api/access.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';

@ObjectType('ExternalRecord', {
  description: 'A record of one of the systems, as it was just read, or when the run found it.',
  simpleResolvers: true,
})
@Access('VIEWER')
export class ExternalRecordType {
  @Field(() => SideEnum, { description: 'The system that it is in.' })
  readonly side!: Side;

  @Field(() => String, { description: 'Its key in that system; no global id.' })
  readonly recordId!: string;

  @Field(() => String, { description: 'What a person would call it, e.g. 10000 Adatum Corporation.' })
  readonly title!: string;
}
