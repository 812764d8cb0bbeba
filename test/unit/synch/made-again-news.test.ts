import { expect, test } from 'vitest';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { makeError } from '../../../src/synch/describe-error.js';
import { makeBase } from '../../../src/synch/field-base.js';
import { madeAgainOf } from '../../../src/synch/made-again-news.js';
import { matchGroupsOf } from '../../../src/synch/match-keys.js';
import type { Side } from '../../../src/synch/synch-error.js';
import { accounts, customerMapping, customers } from '../../support/customer-mapping.js';

const compiled = compileMapping(customerMapping(), customers, accounts);
const groups = matchGroupsOf(compiled);

/** A pair of Adatum in Oslo whose record on a side is gone. */
function broken(gone: Side, agreed: Readonly<Record<string, string | null>> = {}) {
  const values: Readonly<Record<string, string | null>> = { displayName: 'Adatum', city: 'Oslo', ...agreed };
  const bases = compiled.fields.map((field) =>
    makeBase(field, values[field.field] ?? null, values[field.field] ?? null),
  );
  return [{ bases, error: makeError('NOT_FOUND', 'RECORD_DELETED', 'the record was deleted', { side: gone }) }];
}

test.each<[string, boolean, Side, Readonly<Record<string, string>>, ReturnType<typeof broken>]>([
  ['is what is gone there', true, 'BUSINESS', { displayName: 'Adatum', city: 'Oslo' }, broken('BUSINESS')],
  ['is what is gone on the other system', true, 'SALES', { name: 'Adatum', address1_city: 'Oslo' }, broken('SALES')],
  ['differs in case and blanks only', true, 'BUSINESS', { displayName: 'ADATUM ', city: 'oslo' }, broken('BUSINESS')],
  ['differs in a matching field', false, 'BUSINESS', { displayName: 'Adatum', city: 'Bergen' }, broken('BUSINESS')],
  ['has a blank matching field', false, 'BUSINESS', { displayName: 'Adatum' }, broken('BUSINESS', { city: null })],
  ['is like what still stands', false, 'BUSINESS', { displayName: 'Adatum', city: 'Oslo' }, broken('SALES')],
  ['comes while nothing is gone', false, 'BUSINESS', { displayName: 'Adatum', city: 'Oslo' }, []],
])('a new record that %s: made again is %s', (_, expected, side, values, pairs) => {
  expect(madeAgainOf(groups, side, pairs)(values)).toBe(expected);
});

test('a mapping without matching fields tells nothing', () => {
  expect(madeAgainOf([], 'BUSINESS', broken('BUSINESS'))({ displayName: 'Adatum', city: 'Oslo' })).toBe(false);
});
