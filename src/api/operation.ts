import { type DocumentNode, type GraphQLSchema, type OperationDefinitionNode, visit } from 'graphql';
import type { ApiContext } from './api-context.js';
import { costOf, refuseCost } from './cost.js';
import { type Deadline, within } from './deadline.js';
import { type OperationLimits, refuseExcessiveVariables } from './limits.js';
import type { MutationRecorder } from './mutation-call.js';
import { OperationLoads } from './operation-loads.js';
import type { Viewer } from './role.js';

/** What the contexts of operations are made from. */
export interface OperationSources {
  readonly schema: GraphQLSchema;
  readonly limits: OperationLimits;
  readonly currentCursor: () => Promise<string>;
  readonly mutations: MutationRecorder;
  readonly resolver: ApiContext['resolver'];
}

/** The context of one operation; `deadline` where its time has begun already. */
export const operationContext = (
  viewer: Viewer,
  sources: OperationSources,
  deadline: Deadline | null = null,
): ApiContext => ({
  viewer,
  loads: new OperationLoads(),
  mutations: sources.mutations,
  liveCursor: null,
  cost: null,
  deadline,
  resolver: sources.resolver,
});

/** A valid operation that is about to be executed. */
export interface ResolvedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Prepares the context for an operation: counts its cost, and reads the position of the streams where it asks for it,
 * before anything else: a change that comes between that position and a page of the same operation is then told twice
 * rather than not at all.
 *
 * @throws ApiError COST_LIMIT_EXCEEDED, BAD_USER_INPUT, OPERATION_TIMED_OUT
 */
export async function beginOperation(
  { document, operation, variables }: ResolvedOperation,
  context: ApiContext,
  { schema, limits, currentCursor }: OperationSources,
): Promise<void> {
  refuseExcessiveVariables(variables, limits.textCharacters);
  context.cost = { requested: costOf(schema, document, operation, variables), limit: limits.cost };
  refuseCost(context.cost);
  if (mentions(document, 'liveCursor')) context.liveCursor = await within(context.deadline, currentCursor());
}

/** What stands beside the data of an answer. */
export const extensionsOf = ({ cost }: ApiContext): Record<string, unknown> => (cost === null ? {} : { cost });

function mentions(document: DocumentNode, field: string): boolean {
  let found = false;
  visit(document, {
    Field: (node) => {
      found ||= node.name.value === field;
    },
  });
  return found;
}
