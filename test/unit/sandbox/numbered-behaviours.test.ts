import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../integration/sandbox/', import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');

/** Numbers that titles of tests name, as in `Dataverse 7: …` and `Business Central 4, 5: …`. */
function numbersOf(system: string): Set<number> {
  const titles = sources.matchAll(new RegExp(`${system} ((?:\\d+(?:, )?)+)(?=[:,])`, 'g'));
  return new Set([...titles].flatMap(([, numbers = '']) => [...numbers.matchAll(/\d+/g)].map(Number)));
}

const upTo = (last: number) => Array.from({ length: last }, (_unused, at) => at + 1);

test('each of the 30 behaviours of Dataverse has a test that names it', () => {
  const named = numbersOf('Dataverse');
  expect(upTo(30).filter((number) => !named.has(number))).toEqual([]);
});

test('each of the 25 behaviours of Business Central and NAV has a test that names it', () => {
  const named = new Set([...numbersOf('Business Central'), ...numbersOf('NAV')]);
  expect(upTo(25).filter((number) => !named.has(number))).toEqual([]);
});
