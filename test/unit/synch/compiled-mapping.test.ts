import { expect, test } from 'vitest';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { accounts, customerMapping, customers } from '../../support/customer-mapping.js';

const hashWith = (expression: string): string =>
  compileMapping(customerMapping({ tableFilter: [{ field: 'city', expression }] }), customers, accounts).hash;

test('a filter that is only written in another way leaves what couplings and cursors are based on', () => {
  expect(hashWith("(@'kob'* ) | <>''")).toBe(hashWith("@kob*|<>''"));
});

test('a filter that selects other records is another basis', () => {
  expect(hashWith('@kob*')).not.toBe(hashWith('kob*'));
});
