import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldValue } from '../../../src/mapping/field-value.js';
import { applyRule, TransformationError } from '../../../src/mapping/transformation/apply-rule.js';
import { builtInTransformations } from '../../../src/mapping/transformation/built-in-transformations.js';
import { ruleFaults } from '../../../src/mapping/transformation/check-rule.js';
import {
  chainOf,
  isReversible,
  type TransformationKind,
  type TransformationRule,
  transformationKinds,
} from '../../../src/mapping/transformation/transformation-rule.js';

const [template] = builtInTransformations.values();
const rule = (kind: TransformationKind, parts: Partial<TransformationRule> = {}): TransformationRule => ({
  ...(template as TransformationRule),
  findValue: null,
  replaceValue: null,
  code: kind,
  kind,
  ...parts,
});

interface RuleCase {
  readonly kind: TransformationKind;
  readonly parts?: Partial<TransformationRule>;
  readonly from: FieldValue;
  readonly to: FieldValue;
}

describe('a transformation rule', () => {
  test.each<RuleCase>([
    { kind: 'UPPERCASE', from: 'Straße', to: 'STRASSE' },
    { kind: 'UPPERCASE', parts: { culture: 'tr-TR' }, from: 'izmir', to: 'İZMİR' },
    { kind: 'LOWERCASE', from: 'ÆØÅ', to: 'æøå' },
    { kind: 'TITLE_CASE', from: "jens o'brien ÅBERG 2b", to: "Jens O'brien Åberg 2b" },
    { kind: 'TRIM', from: '  x y  ', to: 'x y' },
    { kind: 'TRIM', from: '   ', to: null },
    { kind: 'SUBSTRING', parts: { startPosition: 2, length: 3 }, from: 'abcdef', to: 'bcd' },
    { kind: 'SUBSTRING', parts: { startPosition: 4 }, from: 'abc', to: null },
    { kind: 'SUBSTRING', parts: { startingText: '(', endingText: ')' }, from: 'Oslo (NO) x', to: 'NO' },
    { kind: 'SUBSTRING', parts: { startingText: '(' }, from: 'Oslo', to: null },
    { kind: 'REPLACE', parts: { findValue: '.', replaceValue: '$&' }, from: 'a.b.c', to: 'a$&b$&c' },
    { kind: 'REPLACE', parts: { findValue: '-' }, from: '1-2-3', to: '123' },
    {
      kind: 'REGULAR_EXPRESSION_REPLACE',
      parts: { findValue: String.raw`(\d+)-(\d+)`, replaceValue: '$2/$1' },
      from: '12-34',
      to: '34/12',
    },
    { kind: 'REGULAR_EXPRESSION_MATCH', parts: { findValue: String.raw`\d{4}` }, from: 'NO-5003 Bergen', to: '5003' },
    { kind: 'REGULAR_EXPRESSION_MATCH', parts: { findValue: 'x' }, from: 'abc', to: null },
    { kind: 'REMOVE_NON_ALPHANUMERIC', from: '+47 (22) é-x', to: '4722éx' },
    { kind: 'DATE_FORMATTING', parts: { dataFormat: 'dd/MM/yyyy' }, from: '31/01/2026', to: '2026-01-31' },
    {
      kind: 'DATE_FORMATTING',
      parts: { dataFormat: 'd MMMM yyyy', culture: 'da-DK' },
      from: '3 maj 2026',
      to: '2026-05-03',
    },
    { kind: 'DATE_FORMATTING', parts: { culture: 'en-US' }, from: '1/31/2026', to: '2026-01-31' },
    {
      kind: 'DATE_TIME_FORMATTING',
      parts: { dataFormat: 'M/d/yyyy h:mm tt', culture: 'en-US' },
      from: '1/31/2026 2:05 PM',
      to: '2026-01-31T14:05:00.000Z',
    },
    { kind: 'DECIMAL_FORMATTING', parts: { culture: 'da-DK' }, from: '1.234,50', to: '1234.5' },
    { kind: 'DECIMAL_FORMATTING', parts: { culture: 'fr-FR' }, from: '-1 234,5', to: '-1234.5' },
    { kind: 'ROUND', parts: { precision: 0.05 }, from: '1.23', to: '1.25' },
    { kind: 'ROUND', parts: { precision: 1 }, from: '-2.5', to: '-3' },
    { kind: 'ROUND', parts: { precision: 10, roundDirection: 'DOWN' }, from: '19.99', to: '10' },
    { kind: 'ROUND', parts: { precision: 0.01, roundDirection: 'UP' }, from: '0.001', to: '0.01' },
    { kind: 'ROUND', parts: { precision: 0.01 }, from: '123456789012345678.905', to: '123456789012345678.91' },
    { kind: 'EXTRACT_FROM_DATE', parts: { datePart: 'MONTH' }, from: '2026-02-03', to: '2' },
    { kind: 'EXTRACT_FROM_DATE', parts: { datePart: 'YEAR' }, from: '2026-02-03T23:00:00.000Z', to: '2026' },
    { kind: 'UNIX_TIMESTAMP', from: '1767225600', to: '2026-01-01T00:00:00.000Z' },
    { kind: 'UNIX_TIMESTAMP', from: 'soon', to: null },
  ])('$kind $parts makes $to of $from', ({ kind, parts = {}, from, to }) => {
    expect(applyRule(rule(kind, parts), from)).toBe(to);
  });

  test.each(transformationKinds)('%s leaves blank blank', (kind) => {
    expect(applyRule(rule(kind, { findValue: 'x', precision: 1 }), null)).toBeNull();
  });

  test.each<[TransformationKind, Partial<TransformationRule>]>([
    ['DATE_FORMATTING', { dataFormat: 'dd/MM/yyyy' }],
    ['DATE_TIME_FORMATTING', {}],
    ['DECIMAL_FORMATTING', { culture: 'da-DK' }],
    ['ROUND', { precision: 1 }],
    ['EXTRACT_FROM_DATE', { datePart: 'DAY' }],
  ])('%s refuses what it cannot read, naming the rule and what was expected', (kind, parts) => {
    expect(() => applyRule(rule(kind, parts), 'nonsense')).toThrow(TransformationError);
    expect(() => applyRule(rule(kind, parts), 'nonsense')).toThrow(kind);
  });

  test.each(transformationKinds.filter((kind) => isReversible(kind, new Map([[kind, rule(kind)]]))))(
    '%s may stand on a bidirectional field: applied again it changes nothing',
    (kind) => {
      const some = rule(kind, kind === 'ROUND' ? { precision: 0.25 } : {});
      const texts: fc.Arbitrary<string> =
        kind === 'ROUND'
          ? fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((value) => value.toFixed(6))
          : fc.string({ unit: fc.constantFrom(...Array.from("aZéßŉİıǆΐﬁÅ 1-.'’😀\u0301\u00a0")) });
      fc.assert(
        fc.property(texts, (text) => {
          const once = applyRule(some, text);
          expect(applyRule(some, once)).toBe(once);
        }),
      );
    },
  );

  test('an expression that blows up elsewhere takes no longer than any other', () => {
    const evil = rule('REGULAR_EXPRESSION_MATCH', { findValue: '^(a+)+$' });
    const startedAt = performance.now();
    expect(applyRule(evil, `${'a'.repeat(5_000)}b`)).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('that has no end is no chain, and cannot be saved', () => {
    const first = rule('TRIM', { code: 'A', next: 'B' });
    const rules = new Map([
      ['A', first],
      ['B', rule('UPPERCASE', { code: 'B', next: 'C' })],
      ['C', rule('SUBSTRING', { code: 'C', startPosition: 1 })],
    ]);
    expect(chainOf('A', rules)?.map(({ code }) => code)).toEqual(['A', 'B', 'C']);
    expect(isReversible('A', rules)).toBe(false);
    const circle = new Map([...rules, ['C', rule('TRIM', { code: 'C', next: 'A' })]]);
    expect(chainOf('A', circle)).toBeNull();
    expect(ruleFaults(first, circle)).toMatchObject([{ path: ['next'] }]);
    expect(ruleFaults({ ...first, next: 'NOBODY' }, rules)).toMatchObject([{ path: ['next'] }]);
  });

  test.each<[string, TransformationRule, string[]]>([
    ['a parameter that it needs', rule('REPLACE'), ['findValue']],
    ['none that it does not take', rule('TRIM', { findValue: 'x' }), ['findValue']],
    ['a part by position or by texts', rule('SUBSTRING'), ['startPosition']],
    ['a position from 1', rule('SUBSTRING', { startPosition: 0 }), ['startPosition']],
    ['an expression of RE2', rule('REGULAR_EXPRESSION_MATCH', { findValue: String.raw`(a)\1` }), ['findValue']],
    ['a culture that exists', rule('TITLE_CASE', { culture: 'no_such' }), ['culture']],
    ['a precision above 0', rule('ROUND', { precision: 0 }), ['precision']],
    ['a code', rule('TRIM', { code: '' }), ['code']],
    ['a code of at most 50 characters', rule('TRIM', { code: 'x'.repeat(51) }), ['code']],
  ])('is saved only with %s', (_what, wrong, path) => {
    expect(ruleFaults(wrong, new Map()).map((fault) => fault.path)).toEqual([path]);
  });

  test.each([...builtInTransformations.values()])('$code is built in and valid', (one) => {
    expect(ruleFaults(one, builtInTransformations)).toEqual([]);
  });
});
