import { expect, test } from 'vitest';
import type { Coupling } from '../../../src/coupling/coupling.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { compileMapping } from '../../../src/synch/compiled-mapping.js';
import { makeBase } from '../../../src/synch/field-base.js';
import { isNews } from '../../../src/synch/watch-news.js';
import { accounts, customerMapping, customers } from '../../support/customer-mapping.js';

const business = { displayName: 'Adatum', city: 'Oslo', country: 'NO', phoneNumber: '1', contact: 'Kim' };
const row = (changes: object = {}, version = 'v2') => ({ version, values: { ...business, ...changes } });

function compiled(changes: Partial<IntegrationTableMapping> = {}) {
  const filter = [{ field: 'city', expression: "<>'Elsewhere'" }];
  return compileMapping(customerMapping({ tableFilter: filter, ...changes }), customers, accounts);
}

function coupling(changes: object = {}): Coupling {
  const bases = compiled().fields.map((field) =>
    makeBase(field, (business as Record<string, string>)[field.field] ?? null, 'of the other side'),
  );
  const side = { version: 'v1', clean: true };
  return { business: side, sales: side, bases, intents: [], error: null, ...changes } as unknown as Coupling;
}

const inConflict = () =>
  coupling({
    state: 'CONFLICT',
    conflicts: [{ field: 'phoneNumber', integrationField: 'telephone1', businessValue: '2', salesValue: '3' }],
  });

test.each<[string, boolean, ReturnType<typeof row>, Coupling | null, Partial<IntegrationTableMapping>?]>([
  ['a mapped field changed', true, row({ phoneNumber: '2' }), coupling()],
  ['another version, but nothing that is mapped changed: an echo', false, row(), coupling()],
  ['the version that a run has seen', false, row({ phoneNumber: '2' }, 'v1'), coupling()],
  ['a write of ours is under way', false, row({ phoneNumber: '2' }), coupling({ intents: [{ side: 'BUSINESS' }] })],
  ['a coupled record leaves the filter', true, row({ city: 'Elsewhere' }), coupling()],
  [
    'it stays outside the filter',
    false,
    row({ city: 'Elsewhere', phoneNumber: '2' }),
    coupling({ error: { code: 'OUTSIDE_FILTER' } }),
  ],
  ['it is back inside', true, row(), coupling({ error: { code: 'OUTSIDE_FILTER' } })],
  ['a field in conflict is as it was when that was noticed', false, row({ phoneNumber: '2' }), inConflict()],
  ['a field in conflict changed again', true, row({ phoneNumber: '4' }), inConflict()],
  ['another field of a pair in conflict changed', true, row({ phoneNumber: '2', city: 'Bergen' }), inConflict()],
  ['a new record that would be created', true, row(), null, { synchOnlyCoupledRecords: false }],
  ['a new record that would not be created', false, row(), null, { synchOnlyCoupledRecords: true }],
  ['a new record outside the filter', false, row({ city: 'Elsewhere' }), null, { synchOnlyCoupledRecords: false }],
])('%s: %s', (_, expected, changed, known, mapping = {}) => {
  expect(isNews(compiled(mapping), 'BUSINESS', changed, known)).toBe(expected);
});
