import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Field, ID, Info, InterfaceType, Query, Resolver } from 'type-graphql';
import { demandRole, roleToSee } from './access.js';
import type { ApiContext } from './api-context.js';
import { badUserInput } from './api-errors.js';
import { type GlobalId, parseGlobalId } from './global-id.js';
import type { BatchSource } from './operation-loads.js';

export interface ResolvedNode {
  readonly __typename: string;
}

@InterfaceType('Node', {
  description: 'An object with a global id.',
  resolveType: (node: ResolvedNode) => node.__typename,
})
export abstract class NodeType {
  @Field(() => ID, { simple: true, description: 'Opaque and unique among all objects of all types.' })
  readonly id!: string;
}

/** The sources of every type that implements Node, by the type's name. */
export type NodeSources = ReadonlyMap<string, BatchSource<object>>;

// Each id is a read of its own type; a page of a list has no more.
const MOST_IDS = 100;

/** `node` and `nodes`: any object by its global id. */
@Resolver()
export class NodeResolver {
  constructor(private readonly sources: NodeSources) {}

  @Query(() => NodeType, {
    nullable: true,
    description: 'The object with this id, whatever its type; null when there is none.',
  })
  async node(
    @Arg('id', () => ID, { description: 'A global id as this API gave it.' }) id: string,
    @Ctx() context: ApiContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ResolvedNode | null> {
    const found = parseGlobalId(id);
    return found === null ? null : loadNode(this.sources, found, context, info);
  }

  @Query(() => [NodeType], {
    nullable: 'items',
    description: 'The objects with these ids, in the order asked, null where there is none; at most 100.',
  })
  async nodes(
    @Arg('ids', () => [ID], { description: 'Global ids as this API gave them, at most 100.' }) ids: string[],
    @Ctx() context: ApiContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<(ResolvedNode | null)[]> {
    if (ids.length > MOST_IDS)
      throw badUserInput(`ids: expected at most ${MOST_IDS} ids, got ${ids.length}; ask in several steps`);
    return Promise.all(ids.map((id) => this.node(id, context, info)));
  }
}

/** The object that a global id stands for; null when there is none. Throws FORBIDDEN when the role may not see its type. */
export async function loadNode(
  sources: NodeSources,
  { type, id }: GlobalId,
  context: ApiContext,
  { schema }: Pick<GraphQLResolveInfo, 'schema'>,
): Promise<ResolvedNode | null> {
  const source = sources.get(type);
  if (source === undefined) return null;
  demandRole(context, roleToSee(schema, type), `reading a ${type}`);
  const found = await context.loads.one(source, id);
  return found && { ...found, __typename: type };
}
