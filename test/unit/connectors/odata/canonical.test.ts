import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalCode,
  canonicalDate,
  canonicalDecimal,
  canonicalGuid,
  canonicalInstant,
  canonicalText,
  canonicalTime,
  roundDecimal,
} from '../../../../src/connectors/odata/canonical.js';

describe('blank in any form is null', () => {
  test.each([
    ['text', canonicalText('   ')],
    ['code', canonicalCode(' ')],
    ['zero GUID', canonicalGuid('00000000-0000-0000-0000-000000000000')],
    ['blank date', canonicalDate('0001-01-01')],
    ['blank instant', canonicalInstant('0001-01-01T00:00:00Z')],
  ])('%s', (_name, value) => expect(value).toBeNull());
});

test.each<[string, unknown, unknown]>([
  ['text keeps leading blanks, loses trailing ones', canonicalText('  a b  '), '  a b'],
  ['line ends become LF', canonicalText('a\r\nb\rc'), 'a\nb\nc'],
  ['codes are trimmed and upper-cased', canonicalCode(' eur '), 'EUR'],
  [
    'GUIDs are lower case',
    canonicalGuid('6B29FC40-CA47-1067-B31D-00DD010662DA'),
    '6b29fc40-ca47-1067-b31d-00dd010662da',
  ],
  ['instants are UTC with milliseconds', canonicalInstant('2026-01-31T11:00:00.5+01:00'), '2026-01-31T10:00:00.500Z'],
  ['an instant without zone is UTC', canonicalInstant('2026-01-31T10:00:00'), '2026-01-31T10:00:00.000Z'],
  ['the time of an instant is not part of a date', canonicalDate('2026-01-31T00:00:00Z'), '2026-01-31'],
  ['times have whole seconds', canonicalTime('08:00:00.0000000'), '08:00:00'],
])('%s', (_name, value, expected) => expect(value).toBe(expected));

describe('decimals', () => {
  test.each<[string | number, string]>([
    [12.5, '12.5'],
    ['12.50', '12.5'],
    ['0012', '12'],
    ['-0.00', '0'],
    [1e-7, '0.0000001'],
    [1e21, '1000000000000000000000'],
    ['1.5E+3', '1500'],
    ['123.456e-2', '1.23456'],
    ['0.10', '0.1'],
    ['100', '100'],
  ])('%s is %s', (value, expected) => expect(canonicalDecimal(value)).toBe(expected));

  test.each(['', 'abc', '1,5', '1e999999999'])('%j is refused', (value) => {
    expect(() => canonicalDecimal(value)).toThrow(RangeError);
  });

  test('the canonical form of a canonical form is itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        const once = canonicalDecimal(value);
        expect(canonicalDecimal(once)).toBe(once);
        expect(Number(once)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['1.004', 2, '1'],
    ['0.5', 0, '1'],
    ['9.999', 2, '10'],
    ['0.00049', 3, '0'],
    ['12345678901234567890.125', 2, '12345678901234567890.13'],
  ])('%s to %d decimals is %s', (value, scale, expected) => expect(roundDecimal(value, scale)).toBe(expected));
});
