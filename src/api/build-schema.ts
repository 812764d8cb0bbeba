import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type ContainerType, type PubSub } from 'type-graphql';
import { enforceAccess } from './access.js';
import { enforceArgumentLimits } from './argument-limits.js';
import { declareCost } from './cost.js';
import { enforceDeadline } from './deadline.js';
import { recordMutations } from './record-mutations.js';
import { resolverClasses } from './resolvers.js';

/**
 * The executable schema of the API: its resolvers' instances come from `container`, and every field checks the role that
 * its `@access` tells. Every mutation is recorded, and harmless to repeat: see `mutation-recorder`.
 */
export function buildApiSchema(container: ContainerType): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [...resolverClasses],
    container,
    // Inputs are checked by the rules of their slices, which answer userErrors with paths.
    validate: false,
    pubSub: noPubSub,
  });
  describeRoots(schema);
  enforceArgumentLimits(schema);
  const guarded = enforceAccess(declareCost(schema));
  // Around the check of the role: who tried what he may not is recorded, too.
  recordMutations(guarded);
  // Around the record: what takes too long goes on, and its outcome is recorded.
  enforceDeadline(guarded);
  return guarded;
}

const rootDescriptions: Readonly<Record<string, string>> = {
  Query: 'What can be read: the present state, and what has happened.',
  Mutation: 'What can be done. Every mutation takes one input and answers what it changed, or why it changed nothing.',
  Subscription: 'What can be followed while it happens, over a WebSocket (graphql-transport-ws).',
};

// type-graphql has no place for them.
function describeRoots(schema: GraphQLSchema): void {
  for (const [name, description] of Object.entries(rootDescriptions)) {
    const type = schema.getType(name);
    if (type) type.description = description;
  }
}

// type-graphql demands one; our subscriptions bring their own source, which survives a restart and a second process.
const noPubSub: PubSub = {
  publish: () => undefined,
  subscribe: (topic) => {
    throw new Error(`nothing is published in "${topic}": subscriptions name their own source`);
  },
};
