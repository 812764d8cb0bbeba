import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';

const FieldsOfTable = graphql(`
  query FieldsOfTable($connectionSetupId: ID!, $side: Side!, $names: [String!]) {
    tables(connectionSetupId: $connectionSetupId, side: $side, names: $names) {
      name
      fields { name label type maxLength readOnly target options { value label } }
    }
  }
`);

const TablesOfSystem = graphql(`
  query TablesOfSystem($connectionSetupId: ID!, $side: Side!) {
    tables(connectionSetupId: $connectionSetupId, side: $side) { name label }
  }
`);

const NamesQuery = graphql(`
  query NamesForMappings($connectionSetupId: ID) {
    transformationRules(first: 100) { edges { node { id code description } } }
    integrationTableMappings(first: 100, filter: { connectionSetupId: $connectionSetupId }) { edges { node { id name } } }
  }
`);

export type FieldOfTable = NonNullable<ResultOf<typeof FieldsOfTable>['tables']>[number]['fields'][number];
export type Side = 'BUSINESS' | 'SALES';

const none: readonly Topic[] = [];
const mappingTopics: readonly Topic[] = ['mappings'];

/** The fields of a table as the system's metadata tells them; none where the role may not read them, or before the answer. */
export function useFieldsOfTable(connectionSetupId: string, side: Side, table: string): readonly FieldOfTable[] {
  const mayRead = useMay('VIEWER');
  const { data } = useLiveQuery({
    query: FieldsOfTable,
    variables: { connectionSetupId, side, names: [table] },
    topics: none,
    pause: !mayRead || connectionSetupId === '' || table === '',
  });
  return data?.tables?.find(({ name }) => name === table)?.fields ?? [];
}

/** The entity sets that a system offers, at most 200 by name. */
export function useTablesOfSystem(connectionSetupId: string, side: Side): readonly string[] {
  const { data } = useLiveQuery({
    query: TablesOfSystem,
    variables: { connectionSetupId, side },
    topics: none,
    pause: connectionSetupId === '',
  });
  return data?.tables?.map(({ name }) => name) ?? [];
}

/** Names that a mapping may refer to: codes of rules, and the other mappings of its connection. */
export function useNamesForMappings(connectionSetupId: string): {
  readonly rules: readonly { readonly code: string; readonly description: string }[];
  readonly mappings: readonly string[];
} {
  const { data } = useLiveQuery({ query: NamesQuery, variables: { connectionSetupId }, topics: mappingTopics });
  return {
    rules: data?.transformationRules.edges.map(({ node }) => node) ?? [],
    mappings: data?.integrationTableMappings.edges.map(({ node }) => node.name) ?? [],
  };
}

/** Such as "Text, at most 100 characters" or "Option of 4". */
export function typeInWords({ type, maxLength, options, target, readOnly }: FieldOfTable): string {
  const words = type.charAt(0) + type.slice(1).toLowerCase().replaceAll('_', ' ');
  const more = [
    maxLength === null ? '' : `at most ${maxLength} characters`,
    options.length === 0 ? '' : `${options.length} choices`,
    target === null ? '' : `to ${target}`,
    readOnly ? 'cannot be written' : '',
  ].filter((part) => part !== '');
  return [words, ...more].join(', ');
}
