import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { inSpan } from '../observability/tracing.js';
import type { ApiContext } from './api-context.js';
import { filterFaults } from './argument-limits.js';
import type { PayloadValue } from './mutation-call.js';
import { RefusedError, userError } from './user-error.js';

/** Puts the recorder of the operation's context, and a span, around every mutation of the schema: none can be added without. */
export function recordMutations(schema: GraphQLSchema): void {
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(mutations)) record(field as GraphQLField<unknown, ApiContext>);
}

function record(field: GraphQLField<unknown, ApiContext>): void {
  const { resolve = defaultFieldResolver } = field;
  const payloadType = getNamedType(field.type);
  if (!isObjectType(payloadType)) throw new TypeError(`the mutation ${field.name} answers no object`);
  const inputType = field.args.find(({ name }) => name === 'input')?.type;
  const refuseFilters = (input: Readonly<Record<string, unknown>>): void => {
    const faults = inputType ? filterFaults(inputType, input) : [];
    if (faults.length === 0) return;
    throw new RefusedError(
      faults.map(({ path, message }) => userError('INVALID', `${path.join('.')}: ${message}`, path)),
    );
  };
  field.resolve = (source, args: { readonly input: Readonly<Record<string, unknown>> }, context, info) =>
    inSpan(`mutation ${field.name}`, { attributes: { 'tandem.mutation': field.name } }, () =>
      context.mutations.perform({
        mutation: field.name,
        input: args.input,
        viewer: context.viewer,
        payloadType,
        run: async () => {
          refuseFilters(args.input);
          return (await resolve(source, args, context, info)) as PayloadValue;
        },
      }),
    );
}
