import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { emittedSchema } from '../../../src/api/emit-schema.js';

const released = readFileSync('schema/released.graphql', 'utf8');

/** What would break a client of the earlier schema, and was not deprecated in it. */
async function breaking(before: GraphQLSchema, after: GraphQLSchema): Promise<string[]> {
  const changes = await diff(before, after);
  return changes
    .filter(({ criticality, meta }) => {
      const wasDeprecated = Object.entries(meta as object).some(
        ([name, value]) => /deprecated/i.test(name) && value === true,
      );
      return criticality.level === CriticalityLevel.Breaking && !wasDeprecated;
    })
    .map(({ message }) => message);
}

test('nothing of the last release is gone or narrower, unless it was deprecated there', async () => {
  expect(await breaking(buildSchema(released), buildSchema(emittedSchema()))).toEqual([]);
});

test('what would break a client is found', async () => {
  const before = buildSchema('type Query { kept: Int old: Int @deprecated(reason: "use kept") gone(a: Int): Int }');
  const after = buildSchema('type Query { kept: Int gone(a: Int!): String }');
  const found = await breaking(before, after);
  expect(found).toHaveLength(2);
  expect(found.join()).not.toContain('old');
});
