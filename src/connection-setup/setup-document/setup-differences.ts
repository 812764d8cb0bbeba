import { isDeepStrictEqual } from 'node:util';
import type { IntegrationFieldMapping } from '../../mapping/integration-table-mapping.js';
import type { MappingSetup } from './setup.js';

/** In words: what an object becomes; empty when both are the same. */
export function setupDifferences<T extends object>(present: T, wanted: T): string[] {
  const before = new Map(Object.entries(present));
  return Object.entries(wanted)
    .filter(([name, value]) => !isDeepStrictEqual(before.get(name), value))
    .map(([name, value]) => `${name} ${shown(before.get(name))} becomes ${shown(value)}`);
}

/** The same of a mapping, each pair of fields by itself. */
export function mappingDifferences(present: MappingSetup, wanted: MappingSetup): string[] {
  const { fields: fieldsBefore, ...before } = present;
  const { fields: fieldsAfter, ...after } = wanted;
  return [...setupDifferences(before, after), ...fieldDifferences(fieldsBefore, fieldsAfter)];
}

function fieldDifferences(
  present: readonly IntegrationFieldMapping[],
  wanted: readonly IntegrationFieldMapping[],
): string[] {
  const [before, after] = [byPair(present), byPair(wanted)];
  const removed = [...before.keys()].filter((name) => !after.has(name)).map((name) => `field pair ${name} is removed`);
  const others = [...after].flatMap(([name, field]) => {
    const known = before.get(name);
    if (known === undefined) return [`field pair ${name} is added`];
    return setupDifferences(known, field).map((difference) => `field pair ${name}: ${difference}`);
  });
  const isMoved = removed.length + others.length === 0 && !isDeepStrictEqual([...before.keys()], [...after.keys()]);
  return [...removed, ...others, ...(isMoved ? ['the order of the field pairs changes'] : [])];
}

const byPair = (fields: readonly IntegrationFieldMapping[]): ReadonlyMap<string, IntegrationFieldMapping> =>
  new Map(fields.map((field) => [`${field.field || '(none)'} - ${field.integrationField || '(none)'}`, field]));

function shown(value: unknown): string {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return value instanceof Date ? value.toISOString() : typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
