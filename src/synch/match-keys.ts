import type { FieldValues } from '../mapping/field-value.js';
import {
  fieldOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
} from '../mapping/integration-table-mapping.js';
import type { Side } from './synch-error.js';

/** The fields of one priority, which have to match together. */
export interface MatchGroupFields {
  readonly priority: number;
  readonly fields: readonly IntegrationFieldMapping[];
}

/** The groups of matching fields of a mapping, the lowest priority first. */
export function matchGroupsOf(mapping: IntegrationTableMapping): readonly MatchGroupFields[] {
  const byPriority = new Map<number, IntegrationFieldMapping[]>();
  for (const field of mapping.fields) {
    if (!field.enabled || !field.useForMatchBasedCoupling || field.field === '' || field.integrationField === '')
      continue;
    byPriority.set(field.matchPriority, [...(byPriority.get(field.matchPriority) ?? []), field]);
  }
  return [...byPriority].toSorted(([a], [b]) => a - b).map(([priority, fields]) => ({ priority, fields }));
}

/** What the keys of one group begin with. */
export const keyPrefixOf = (group: MatchGroupFields): string => `${group.priority}:`;

/** One key for each group in which the record has a value in every field: a blank matches nothing. */
export function matchKeysOf(groups: readonly MatchGroupFields[], side: Side, values: FieldValues): string[] {
  return groups.flatMap((group) => {
    const parts = group.fields.map((field) =>
      matchPart(values[fieldOn(field, side)] ?? null, field.caseSensitiveMatching),
    );
    return parts.includes(null) ? [] : [`${keyPrefixOf(group)}${JSON.stringify(parts)}`];
  });
}

function matchPart(value: FieldValues[string], caseSensitive: boolean): string | null {
  if (value === null || value === undefined) return null;
  const text = String(value).normalize('NFC').trim().replace(/\s+/g, ' ');
  return text === '' ? null : caseSensitive ? text : text.toLowerCase();
}
