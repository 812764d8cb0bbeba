import { expect, test } from 'vitest';
import type { Coupling, FieldBase, WriteIntent } from '../../../src/coupling/coupling.js';
import { asStored, fromStored } from '../../../src/coupling/stored-coupling.js';
import { asStoredChange, fromStoredChange } from '../../../src/synch/stored-change.js';
import type { RecordChange } from '../../../src/synch/synch-job.js';

const base: FieldBase = { field: 'name', integrationField: 'name', business: 'Ädatum', sales: null, meaning: 'm' };
const bases = [base, { ...base, field: 'city', cleared: 'SALES' as const }];
const intent: WriteIntent = {
  side: 'SALES',
  kind: 'UPDATE',
  runId: 'run',
  leaseToken: 1,
  recordId: 'r',
  version: '1',
  values: { name: '"quoted"', active: true, count: 3 },
  before: { name: null },
  sources: { name: 'x' },
  cleared: ['name'],
  number: 0,
  startedAt: new Date(0),
};
const change = {
  _id: 'change',
  fields: [{ field: 'name', integrationField: '', before: null, after: 'Ädatum' }],
} as unknown as RecordChange;

test('values of records are stored as texts, and read as they were', () => {
  const stored = asStored({ bases, intents: [intent] });
  expect(stored).toMatchObject({ bases: expect.any(String), intents: [{ kind: 'UPDATE', sent: expect.any(String) }] });
  expect(fromStored(stored)).toEqual({ bases, intents: [intent] });
  expect(asStoredChange(change)).toMatchObject({ fields: expect.any(String) });
  expect(fromStoredChange(asStoredChange(change))).toEqual(change);
});

test('what is not set stays unset', () => {
  const set: Partial<Coupling> = { state: 'COUPLED' };
  expect(asStored(set)).toEqual(set);
  expect(fromStored(asStored(set))).toEqual(set);
});

test('what an earlier version stored as documents is read as well', () => {
  expect(fromStored({ bases, intents: [intent] })).toEqual({ bases, intents: [intent] });
  expect(fromStoredChange(change)).toEqual(change);
});
