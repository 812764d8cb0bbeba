import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const source = globSync('src/synch/**/*.ts', { exclude: (name) => /-(resolver|actions)\.ts$/.test(name) })
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

/** How an error of a record gets its code: by class and code, by a refusal of a step, a requirement, a value, or a constant. */
const forms = [
  /makeError\(\s*'(?:VALIDATION|DEPENDENCY|DUPLICATE|CONFLICT|NOT_FOUND)',\s*'([A-Z_]+)'/g,
  /makeError\(\s*'TRANSIENT',\s*'(AFTER_CREATE)'/g,
  /(?:refused|fault)\(\s*'([A-Z_]+)'/g,
  /code: '([A-Z_]+)',\n\s+message:/g,
  /new ValueError\(\s*'([A-Z_]+)'/g,
  /const (?:DELETED_AND_CHANGED|COUPLED_ELSEWHERE) = '([A-Z_]+)'/g,
];

/** Reasons of runs, which no record has. */
const ofRuns = ['FULL_SYNCHRONIZATION_IN_PROCESS', 'LINES_STOPPED'];

const codes = [
  ...new Set(forms.flatMap((form) => [...source.matchAll(form)].flatMap(([, code]) => code ?? []))),
].filter((code) => !ofRuns.includes(code));

describe('the table of reasons', () => {
  const page = readFileSync('docs/how-a-run-works.md', 'utf8');
  const explained = page
    .split('\n')
    .flatMap((line) => /^\| ([A-Z_, ]+) \| [A-Z, ]+ \|/.exec(line)?.[1]?.split(', ') ?? []);

  test('is looked for in all of the source', () => {
    expect(codes.length).toBeGreaterThan(20);
  });

  test.each(codes)('explains %s', (code) => {
    expect(explained).toContain(code);
  });
});
