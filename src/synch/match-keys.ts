import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { ValueError } from './convert-value.js';
import { type References, UncoupledReferenceError } from './references.js';
import type { Side } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';

/** Fields that have to match together: those of one priority of the mapping, or those by which records of the table stand once. */
export interface MatchGroupFields {
  readonly priority: number | 'STANDS_ONCE';
  readonly fields: readonly MatchField[];
}

interface MatchField {
  readonly compiled: CompiledField;
  readonly caseSensitive: boolean;
}

/**
 * The groups of matching fields of a mapping, the lowest priority first. Before them stands what records of the table stand
 * once by, which holds without being asked for.
 */
export function matchGroupsOf(compiled: CompiledMapping): readonly MatchGroupFields[] {
  const standsOnce = standsOnceGroup(compiled);
  return [...standsOnce, ...chosenGroups(compiled).filter((group) => !standsOnce.some((one) => isSame(one, group)))];
}

const isSame = (one: MatchGroupFields, other: MatchGroupFields): boolean =>
  one.fields.length === other.fields.length &&
  one.fields.every(({ compiled }) => other.fields.some((field) => field.compiled === compiled));

/** By which a record is found whatever the mode of the run: no second one is made beside it. */
export const groupsOfStandingOnce = (groups: readonly MatchGroupFields[]): readonly MatchGroupFields[] =>
  groups.filter(({ priority }) => priority === 'STANDS_ONCE');

/** None where the mapping leaves one of the columns out: without it nothing can be told. */
function standsOnceGroup({ mapping, fields }: CompiledMapping): readonly MatchGroupFields[] {
  const { standsOnceBy = [] } = tableRuleOf(mapping.integrationTable);
  const mapped = standsOnceBy.flatMap(
    (column) => fields.find(({ field, integrationField }) => integrationField === column && field !== '') ?? [],
  );
  if (mapped.length === 0 || mapped.length < standsOnceBy.length) return [];
  return [{ priority: 'STANDS_ONCE', fields: mapped.map((compiled) => ({ compiled, caseSensitive: false })) }];
}

function chosenGroups({ mapping, fields }: CompiledMapping): readonly MatchGroupFields[] {
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
    const key = keyOnSide(group, (field) => salesForm(field, side, values, references));
    return key === null ? [] : [`${keyPrefixOf(group)}${key}`];
  });
}

/** The key by which records of one side are told to be alike in a group; null where one of the values is blank. */
export function keyOnSide({ fields }: MatchGroupFields, valueOf: (field: CompiledField) => FieldValue): string | null {
  const parts = fields.map(({ compiled, caseSensitive }) => matchPart(valueOf(compiled), caseSensitive));
  return parts.includes(null) ? null : JSON.stringify(parts);
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
