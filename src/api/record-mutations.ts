import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { inSpan } from '../observability/tracing.js';
import { roleToUse } from './access.js';
import type { ApiContext } from './api-context.js';
import type { PayloadValue } from './mutation-call.js';
import { includesRole } from './role.js';

/** Puts the recorder of the operation's context, and a span, around every mutation of the schema: none can be added without. */
export function recordMutations(schema: GraphQLSchema): void {
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(mutations)) record(field as GraphQLField<unknown, ApiContext>, schema);
}

function record(field: GraphQLField<unknown, ApiContext>, schema: GraphQLSchema): void {
  const { resolve = defaultFieldResolver } = field;
  const needed = roleToUse(schema, field);
  const payloadType = getNamedType(field.type);
  if (!isObjectType(payloadType)) throw new TypeError(`the mutation ${field.name} answers no object`);
  field.resolve = (source, args: { readonly input: Readonly<Record<string, unknown>> }, context, info) =>
    inSpan(`mutation ${field.name}`, { attributes: { 'tandem.mutation': field.name } }, () =>
      context.mutations.perform({
        mutation: field.name,
        input: args.input,
        viewer: context.viewer,
        payloadType,
        isAllowed: includesRole(context.viewer.role, needed),
        run: async () => (await resolve(source, args, context, info)) as PayloadValue,
      }),
    );
}
