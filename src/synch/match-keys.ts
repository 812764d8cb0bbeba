import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { ValueError } from './convert-value.js';
import { type References, UncoupledReferenceError } from './references.js';
import type { Side } from './synch-error.js';

/** The fields of one priority, which have to match together. */
export interface MatchGroupFields {
  readonly priority: number;
  readonly fields: readonly MatchField[];
}

interface MatchField {
  readonly compiled: CompiledField;
  readonly caseSensitive: boolean;
}

/** The groups of matching fields of a mapping, the lowest priority first. */
export function matchGroupsOf({ mapping, fields }: CompiledMapping): readonly MatchGroupFields[] {
  const byPriority = new Map<number, MatchField[]>();
  for (const field of mapping.fields) {
    const compiled = fields.find((one) => one.field === field.field && one.integrationField === field.integrationField);
    if (!field.enabled || !field.useForMatchBasedCoupling || compiled === undefined) continue;
    if (field.field === '' || field.integrationField === '') continue;
    const group = byPriority.get(field.matchPriority) ?? [];
    byPriority.set(field.matchPriority, [...group, { compiled, caseSensitive: field.caseSensitiveMatching }]);
  }
  return [...byPriority].toSorted(([a], [b]) => a - b).map(([priority, group]) => ({ priority, fields: group }));
}

/** What the keys of one group begin with. */
export const keyPrefixOf = (group: MatchGroupFields): string => `${group.priority}:`;

/** One key for each group in which the record has a value in every field: a blank matches nothing. */
export function matchKeysOf(
  groups: readonly MatchGroupFields[],
  side: Side,
  values: FieldValues,
  references: References,
): string[] {
  return groups.flatMap((group) => {
    const parts = group.fields.map(({ compiled, caseSensitive }) =>
      matchPart(salesForm(compiled, side, values, references), caseSensitive),
    );
    return parts.includes(null) ? [] : [`${keyPrefixOf(group)}${JSON.stringify(parts)}`];
  });
}

/** Both sides' values as Dataverse would hold them: transformed, cut to its length, references as its own ids. */
function salesForm(field: CompiledField, side: Side, values: FieldValues, references: References): FieldValue {
  if (side === 'SALES') return values[field.integrationField] ?? null;
  try {
    return field.translateTo('SALES', values[field.field] ?? null, references);
  } catch (error) {
    if (error instanceof ValueError || error instanceof UncoupledReferenceError) return null;
    throw error;
  }
}

function matchPart(value: FieldValue, caseSensitive: boolean): string | null {
  if (value === null) return null;
  const text = String(value).normalize('NFC').trim().replace(/\s+/g, ' ');
  return text === '' ? null : caseSensitive ? text : text.toLowerCase();
}
