import { globSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';

const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));

/** Every GraphQL operation that a page of the documentation shows, with the page and line where it begins. */
const operations = ['README.md', ...globSync('docs/**/*.md')].flatMap((page) => {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```graphql\n(.*?)^```/gms)].map((match) => ({
    at: `${page}:${text.slice(0, match.index).split('\n').length}`,
    source: match[1] ?? '',
  }));
});

describe('GraphQL in the documentation', () => {
  test('is found', () => {
    const guide = operations.filter(({ at }) => at.startsWith('docs/your-own-systems.md'));
    expect(guide.length).toBeGreaterThanOrEqual(10);
  });

  test.each(operations)('$at is valid against the schema', ({ source }) => {
    expect(validate(schema, parse(source)).map(({ message }) => message)).toEqual([]);
  });
});

describe('the guide to one’s own systems', () => {
  test('has ten steps, and links to a page for each system that exists', () => {
    const guide = readFileSync('docs/your-own-systems.md', 'utf8');
    expect(guide.match(/^## \d+\./gm)).toEqual(Array.from({ length: 10 }, (_, index) => `## ${index + 1}.`));
    for (const [, page] of guide.matchAll(/\]\((systems\/[\w-]+\.md)\)/g))
      expect(readFileSync(`docs/${page}`, 'utf8')).toContain('## Check it');
  });
});
