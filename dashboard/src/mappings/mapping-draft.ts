import type { VariablesOf } from '../graphql/graphql';
import type { CreateMapping } from './mapping-mutations';

type CreateInput = VariablesOf<typeof CreateMapping>['input'];
type Given<Key extends keyof CreateInput> = NonNullable<CreateInput[Key]>;

export type FieldDraft = Required<{
  readonly [Key in keyof Given<'fields'>[number]]: Key extends 'constantValue' | 'lookup'
    ? string | null
    : NonNullable<Given<'fields'>[number][Key]>;
}>;
export type FilterDraft = Readonly<Given<'tableFilter'>[number]>;
export interface TemplateDraft {
  readonly side: 'BUSINESS' | 'SALES';
  readonly priority: number;
  readonly filter: readonly FilterDraft[];
  readonly values: readonly { readonly field: string; readonly value: string }[];
}

/** A mapping as it is being edited: what may be changed of it later, besides its name and tables. */
export interface MappingDraft {
  readonly description: string;
  readonly enabled: boolean;
  readonly direction: Given<'direction'>;
  readonly synchOnlyCoupledRecords: boolean;
  readonly updateConflictResolution: Given<'updateConflictResolution'>;
  readonly deletionConflictResolution: Given<'deletionConflictResolution'>;
  readonly wakeOnChange: boolean;
  readonly dependsOn: readonly string[];
  readonly tableFilter: readonly FilterDraft[];
  readonly integrationTableFilter: readonly FilterDraft[];
  readonly fields: readonly FieldDraft[];
  readonly templates: readonly TemplateDraft[];
}

export const emptyField: FieldDraft = {
  field: '',
  integrationField: '',
  direction: 'BIDIRECTIONAL',
  constantValue: null,
  transformations: [],
  clearValueOnFailedSynch: false,
  notNull: false,
  lookup: null,
  optionMap: [],
  conflictRule: 'INHERIT',
  enabled: true,
  useForMatchBasedCoupling: false,
  caseSensitiveMatching: false,
  matchPriority: 0,
};

export const emptyDraft: MappingDraft = {
  description: '',
  enabled: false,
  direction: 'BIDIRECTIONAL',
  synchOnlyCoupledRecords: true,
  updateConflictResolution: 'MERGE_FIELDS',
  deletionConflictResolution: 'NONE',
  wakeOnChange: true,
  dependsOn: [],
  tableFilter: [],
  integrationTableFilter: [],
  fields: [],
  templates: [],
};

/** The draft of a mapping as it is stored: its own parts alone, without what the answer carries besides. */
export function draftOf(mapping: MappingDraft): MappingDraft {
  const keys = Object.keys(emptyDraft) as (keyof MappingDraft)[];
  return withoutTypeNames(Object.fromEntries(keys.map((key) => [key, mapping[key]]))) as MappingDraft;
}

/** The parts of a draft that differ from what is stored. */
export function changedParts(draft: MappingDraft, stored: MappingDraft): Partial<MappingDraft> {
  const keys = (Object.keys(emptyDraft) as (keyof MappingDraft)[]).filter(
    (key) => JSON.stringify(draft[key]) !== JSON.stringify(stored[key]),
  );
  return Object.fromEntries(keys.map((key) => [key, draft[key]])) as Partial<MappingDraft>;
}

function withoutTypeNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTypeNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '__typename')
      .map(([key, part]) => [key, withoutTypeNames(part)]),
  );
}

/** The list with one element replaced. */
export const replaced = <Element>(list: readonly Element[], index: number, element: Element): Element[] =>
  list.map((other, at) => (at === index ? element : other));

/** The list without one element. */
export const without = <Element>(list: readonly Element[], index: number): Element[] =>
  list.filter((_, at) => at !== index);
