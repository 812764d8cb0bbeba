// ESLint looks at the emitted schema alone; oxlint and Biome look at the code.
import graphql from '@graphql-eslint/eslint-plugin';

const recommended = graphql.configs['flat/schema-recommended'];
const relay = graphql.configs['flat/schema-relay'];

export default [
  {
    files: ['schema/schema.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: 'schema/schema.graphql' } },
    },
    rules: {
      ...recommended.rules,
      ...relay.rules,
      // Values, payloads, edges and connections have no identity.
      '@graphql-eslint/strict-id-in-types': 'off',
      // Lists that a number bounds (weekdays, field mappings) are plain lists.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];
