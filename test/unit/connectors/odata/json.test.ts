import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactNumber, parseJson } from '../../../../src/connectors/odata/json.js';

describe('numbers in answers', () => {
  test.each([
    ['{"a":1.5}', { a: 1.5 }],
    ['{"a":0.1234567890123456789}', { a: '0.1234567890123456789' }],
    ['{"a":9007199254740993}', { a: '9007199254740993' }],
    ['[ -123456789.1234567890 ]', ['-123456789.1234567890']],
    ['{"a":1e400}', { a: '1e400' }],
    ['{"a":000}', null],
    [
      '{"text":"12345678901234567890","a":{"b":[922337203685477.1234]}}',
      { text: '12345678901234567890', a: { b: ['922337203685477.1234'] } },
    ],
    ['\uFEFF{"a":1}', { a: 1 }],
  ])('%s keeps its digits', (text, expected) => {
    if (expected === null) expect(() => parseJson(text)).toThrow(SyntaxError);
    else expect(parseJson(text)).toEqual(expected);
  });

  test('any decimal comes back with all its digits, as number or as text', () => {
    const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.stringMatching(/^\d{0,19}[1-9]$/));
    fc.assert(
      fc.property(decimal, ([whole, fraction]) => {
        const source = `${whole}.${fraction}`;
        const parsed = (parseJson(`{"value":[${source}]}`) as { value: [number | string] }).value[0];
        if (typeof parsed === 'string') expect(parsed).toBe(source);
        else expect(parsed.toFixed(fraction.length)).toBe(source);
      }),
    );
  });
});

describe('numbers in requests', () => {
  test('are written with all their digits', () => {
    expect(JSON.stringify({ price: exactNumber('0.1234567890123456789') })).toBe('{"price":0.1234567890123456789}');
  });

  test.each(['', '1,5', 'NaN', '{}', '1;2', '01', '0x10'])('%j is refused', (text) => {
    expect(() => exactNumber(text)).toThrow(RangeError);
  });
});
