import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './schema-types.d.ts';

/** A value of a record: decimals, dates and long numbers come as text, so that no digit is lost. */
export type RecordValue = string | number | boolean | null;

/**
 * Makes a document of an operation or a fragment, typed from schema/schema.graphql. Results are not masked: a component
 * takes what its fragment names as props.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { ID: string; DateTime: string; LocalTime: string; TimeZone: string; JSON: RecordValue };
}>();

export type { ResultOf, VariablesOf } from 'gql.tada';
