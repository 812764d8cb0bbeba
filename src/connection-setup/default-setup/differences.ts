import { isDeepStrictEqual } from 'node:util';
import type { EntryDefinition } from '../../job-queue/entry-store.js';
import type { JobQueueEntry } from '../../job-queue/job-queue-entry.js';
import type { IntegrationFieldMapping, IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import type { DefaultMapping } from './field-definitions.js';

/** The default mapping, but for what stays as a mapping was created. */
export type Replaceable = Omit<DefaultMapping, 'name' | 'kind' | 'table' | 'integrationTable'>;

/** What an edited mapping gets when it is put back. */
export function replaceableOf(mapping: DefaultMapping): Replaceable {
  const { name: _name, kind: _kind, table: _table, integrationTable: _integrationTable, ...rest } = mapping;
  return rest;
}

/** True when a mapping of the connection is the default one, edited or not: somebody may have given its name to another. */
export const isDefaultOne = (existing: IntegrationTableMapping, mapping: DefaultMapping): boolean =>
  existing.kind === mapping.kind &&
  existing.table === mapping.table &&
  existing.integrationTable === mapping.integrationTable;

/** In words: what an existing mapping would lose by being put back; empty when it is as it was made. */
export function mappingDifferences(existing: IntegrationTableMapping, mapping: DefaultMapping): string[] {
  const { fields, ...others } = replaceableOf(mapping);
  return [...partDifferences(existing, others), ...fieldDifferences(existing.fields, fields)];
}

/** The definition of a default entry, as far as it can be put back. */
export type EntryParts = Partial<
  Omit<EntryDefinition, '_id' | 'connectionSetupId' | 'code' | 'task' | 'status' | 'nextRunAt'>
>;

/** In words: what an existing entry would lose by being put back. */
export const entryDifferences = (existing: JobQueueEntry, parts: EntryParts): string[] =>
  partDifferences(existing, parts).map((difference) => `Job ${existing.code}: ${difference}`);

function partDifferences(existing: object, wanted: object): string[] {
  const present = new Map(Object.entries(existing));
  return Object.entries(wanted)
    .filter(([name, value]) => !isDeepStrictEqual(present.get(name), value))
    .map(([name, value]) => `${name} ${shown(present.get(name))} becomes ${shown(value)}`);
}

function fieldDifferences(
  existing: readonly IntegrationFieldMapping[],
  wanted: readonly IntegrationFieldMapping[],
): string[] {
  const [before, after] = [byPair(existing), byPair(wanted)];
  const lost = [...before.keys()].filter((name) => !after.has(name)).map((name) => `field pair ${name} is lost`);
  const changed = [...after].flatMap(([name, field]) => {
    const present = before.get(name);
    if (present === undefined) return [`field pair ${name} comes back`];
    return partDifferences(present, field).map((difference) => `field pair ${name}: ${difference}`);
  });
  const [oldOrder, newOrder] = [[...before.keys()], [...after.keys()]];
  const isMoved = lost.length === 0 && changed.length === 0 && !isDeepStrictEqual(oldOrder, newOrder);
  return [...lost, ...changed, ...(isMoved ? ['the order of the field pairs is put back'] : [])];
}

const byPair = (fields: readonly IntegrationFieldMapping[]): ReadonlyMap<string, IntegrationFieldMapping> =>
  new Map(fields.map((field) => [`${field.field || '(none)'} - ${field.integrationField || '(none)'}`, field]));

/** Values of a setup are short; only templates and filters are lists. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value) && value.length === 0) return 'none';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}
