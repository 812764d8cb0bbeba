import { describe, expect, test } from 'vitest';
import type { FieldValue, FieldValues } from '../../../src/mapping/field-value.js';
import { PlanGate } from '../../../src/synch/dry-run/plan-gate.js';
import type { RecordChange } from '../../../src/synch/synch-job.js';
import type { PairWrites } from '../../../src/synch/write-pairs.js';

/** What a dry run planned for one record of the business system: values after, by field; before was nothing. */
const planned = (after: FieldValues): RecordChange =>
  ({
    action: 'MODIFY',
    side: 'BUSINESS',
    businessId: 'b1',
    salesId: 's1',
    number: 0,
    versions: { BUSINESS: 'v1', SALES: 'v1' },
    fields: Object.entries(after).map(([field, value]) => ({
      field,
      integrationField: `sales-${field}`,
      before: null,
      after: value,
    })),
  }) as unknown as RecordChange;

const writing = (values: FieldValues, before: FieldValues = {}): PairWrites => {
  const version = { version: 'v1' };
  const coupling = { businessId: 'b1', salesId: 's1', business: version, sales: version };
  return {
    work: { coupling, seen: {}, round: 0 },
    writes: [{ side: 'BUSINESS', intent: { kind: 'UPDATE', values, before } }],
  } as unknown as PairWrites;
};

const isAdmitted = (plan: FieldValues, values: FieldValues, before?: FieldValues): boolean =>
  new PlanGate([planned(plan)], new Set(['agent'])).admit(writing(values, before)).length === 1;

describe('what a dry run planned', () => {
  test.each<[string, FieldValues, FieldValues, FieldValues | undefined, boolean]>([
    ['is written as it was planned', { name: 'A', agent: 'DHL' }, { name: 'A', agent: 'DHL' }, undefined, true],
    ['is not written with another value', { name: 'A' }, { name: 'B' }, undefined, false],
    ['is not written with another field', { name: 'A' }, { name: 'A', city: 'Oslo' }, undefined, false],
    ['is not written without one of its fields', { name: 'A', city: 'Oslo' }, { name: 'A' }, undefined, false],
    ['is not written over another value than before', { name: 'A' }, { name: 'A' }, { name: 'Z' }, false],
    ['is written with the code that a choice had none for', { agent: null }, { agent: 'AIR' }, undefined, true],
    ['is written with such a code as a further field', { name: 'A' }, { name: 'A', agent: 'AIR' }, undefined, true],
    ['is not written with another code than planned', { agent: 'DHL' }, { agent: 'AIR' }, undefined, false],
    [
      'is not written with a code over another one',
      { name: 'A' },
      { name: 'A', agent: 'AIR' },
      { agent: 'DHL' },
      false,
    ],
    ['is not written with a value for another blank', { name: null }, { name: 'A' }, undefined, false],
  ])('%s', (_name, plan, values, before, expected) => {
    expect(isAdmitted(plan, values, before)).toBe(expected);
  });

  test('is left out when a record has changed since, or was written already', () => {
    const gate = new PlanGate([planned({ name: 'A' } satisfies Record<string, FieldValue>)]);
    const moved = writing({ name: 'A' });
    const elsewhere = {
      ...moved,
      work: { ...moved.work, seen: { SALES: { version: 'v2' } } },
    } as unknown as PairWrites;
    expect(gate.admit(elsewhere)).toEqual([]);
    expect(gate.refused(new Set())).toHaveLength(1);
    expect(gate.admit(moved)).toHaveLength(1);
    expect(gate.admit(moved)).toEqual([]);
    expect(gate.refused(new Set())).toEqual([]);
  });
});
