import type { FieldMetadata, FieldType } from './field-value.js';

/** How values of one type become values of another. */
export type Compatibility = 'ALWAYS' | /** Only values that read as one. */ 'SOME' | 'NEVER';

const readable: readonly FieldType[] = ['TEXT', 'CODE'];
const textual: readonly FieldType[] = [
  'TEXT',
  'CODE',
  'INTEGER',
  'DECIMAL',
  'BOOLEAN',
  'DATE',
  'TIME',
  'DATE_TIME',
  'GUID',
  'OPTION',
];

/** By the type of the destination: types whose values always fit, and types of which only some do. */
const sources: Readonly<
  Record<FieldType, { readonly always: readonly FieldType[]; readonly some: readonly FieldType[] }>
> = {
  TEXT: { always: textual, some: [] },
  CODE: { always: textual, some: [] },
  INTEGER: { always: ['INTEGER'], some: ['DECIMAL', 'OPTION', ...readable] },
  DECIMAL: { always: ['INTEGER', 'DECIMAL'], some: ['OPTION', ...readable] },
  BOOLEAN: { always: ['BOOLEAN'], some: ['INTEGER', 'OPTION', ...readable] },
  DATE: { always: ['DATE', 'DATE_TIME'], some: readable },
  TIME: { always: ['TIME'], some: readable },
  DATE_TIME: { always: ['DATE', 'DATE_TIME'], some: readable },
  GUID: { always: ['GUID', 'REFERENCE'], some: readable },
  // Values and labels of options are told apart when a value comes; which texts come is not known before.
  OPTION: { always: ['OPTION', 'INTEGER', ...readable], some: ['BOOLEAN'] },
  // A key of one system is no key of the other: only the coupling of a lookup translates it.
  REFERENCE: { always: [], some: [] },
  BINARY: { always: ['BINARY'], some: [] },
  OTHER: { always: [], some: [] },
};

/** Types that hold a key of a record: what a lookup translates. */
const keyTypes: ReadonlySet<FieldType> = new Set(['REFERENCE', 'GUID', 'CODE', 'TEXT', 'OPTION', 'INTEGER']);

/** How values of the source's type fit the destination's; `byLookup` where couplings translate them. */
export function compatibility(
  source: Pick<FieldMetadata, 'type'>,
  destination: Pick<FieldMetadata, 'type'>,
  byLookup: boolean,
): Compatibility {
  if (byLookup) return keyTypes.has(source.type) && keyTypes.has(destination.type) ? 'ALWAYS' : 'NEVER';
  const { always, some } = sources[destination.type];
  if (always.includes(source.type)) return 'ALWAYS';
  return some.includes(source.type) ? 'SOME' : 'NEVER';
}
