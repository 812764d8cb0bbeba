import { Field, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../api/connection.js';
import { NodeType } from '../api/node.js';
import { DateTimeScalar } from '../api/scalars.js';

@ObjectType('Worker', {
  implements: NodeType,
  description: 'A process of the service that runs jobs.',
  simpleResolvers: true,
})
export class WorkerType extends NodeType {
  @Field(() => String, { description: 'Name of the machine.' })
  readonly host!: string;

  @Field(() => Int, { description: 'Number of the process on its machine.' })
  readonly processId!: number;

  @Field(() => String, { description: 'Version of the program.' })
  readonly version!: string;

  @Field(() => DateTimeScalar, { description: 'When it started.' })
  readonly startedAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was heard last.' })
  readonly heartbeatAt!: Date;

  @Field(() => Boolean, { description: 'True when it was heard within the last 15 seconds.' })
  readonly alive!: boolean;
}

export const WorkerConnection = connectionType('Worker', () => WorkerType);
