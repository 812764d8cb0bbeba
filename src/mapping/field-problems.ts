import { otherSide, type Side, sides } from '../synch/synch-error.js';
import type { FieldMetadata, TableMetadata } from './field-value.js';
import {
  allowsDirection,
  directionInto,
  fieldOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
} from './integration-table-mapping.js';
import type { MappingProblem, MappingProblemCode } from './mapping-problem.js';
import { compatibility } from './type-compatibility.js';

/** The table of each side; null where nothing is known of its fields. */
export type KnownTables = Readonly<Record<Side, TableMetadata | null>>;

/** Name of the part of a field mapping that names the field of a side. */
const fieldPart = { BUSINESS: 'field', SALES: 'integrationField' } as const satisfies Record<Side, string>;

/** What is wrong with one pair of fields, or will surprise, by the metadata of both tables. */
export function fieldProblems(
  pair: IntegrationFieldMapping,
  mapping: Pick<IntegrationTableMapping, 'direction'>,
  tables: KnownTables,
  path: readonly string[],
): MappingProblem[] {
  return [
    ...sides.flatMap((side) => unknownFieldProblems(pair, side, tables[side], path)),
    ...sides
      .filter((side) => isWritten(pair, mapping, side))
      .flatMap((side) => [
        ...readOnlyProblems(pair, side, tables[side], path),
        ...valueProblems(pair, side, tables, path),
        ...optionProblems(pair, side, tables[side], path),
      ]),
  ];
}

const isWritten = (
  pair: IntegrationFieldMapping,
  mapping: Pick<IntegrationTableMapping, 'direction'>,
  side: Side,
): boolean =>
  pair.enabled &&
  fieldOn(pair, side) !== '' &&
  allowsDirection(pair.direction, directionInto(side)) &&
  allowsDirection(mapping.direction, directionInto(side));

/** A pair that rests may name what does not exist (yet): no run reads it. */
function unknownFieldProblems(
  pair: IntegrationFieldMapping,
  side: Side,
  table: TableMetadata | null,
  path: readonly string[],
): MappingProblem[] {
  const name = fieldOn(pair, side);
  if (table === null || name === '' || table.fields.has(name)) return [];
  const message = `expected a field of ${table.name}, got "${name}"`;
  return [problem('UNKNOWN_FIELD', message, [...path, fieldPart[side]], pair.enabled ? 'ERROR' : 'WARNING')];
}

function readOnlyProblems(
  pair: IntegrationFieldMapping,
  side: Side,
  table: TableMetadata | null,
  path: readonly string[],
): MappingProblem[] {
  if (table?.fields.get(fieldOn(pair, side))?.readOnly !== true) return [];
  const remedy =
    pair.constantValue === null
      ? `; give the pair the direction ${directionInto(otherSide(side))}, or leave it out`
      : '; leave it out';
  const message = `expected a field of ${table.name} that can be written, got "${fieldOn(pair, side)}", which cannot${remedy}`;
  return [problem('READ_ONLY_FIELD', message, [...path, fieldPart[side]])];
}

/** Whether values of the other side's field fit the field of this side. A constant, an option map or a rule makes values of its own. */
function valueProblems(
  pair: IntegrationFieldMapping,
  side: Side,
  tables: KnownTables,
  path: readonly string[],
): MappingProblem[] {
  const from = otherSide(side);
  const destination = tables[side]?.fields.get(fieldOn(pair, side));
  const source = tables[from]?.fields.get(fieldOn(pair, from));
  if (destination === undefined || source === undefined || pair.constantValue !== null) return [];
  if (pair.optionMap.length > 0 || pair.transformations.length > 0) return [];
  const at = [...path, fieldPart[side]];
  return [...typeProblems(source, destination, pair.lookup !== null, at), ...lengthProblems(source, destination, at)];
}

function typeProblems(
  source: FieldMetadata,
  destination: FieldMetadata,
  byLookup: boolean,
  path: readonly string[],
): MappingProblem[] {
  const types = `${source.name} is ${source.type} (${source.nativeType}) and ${destination.name} is ${destination.type} (${destination.nativeType})`;
  switch (compatibility(source, destination, byLookup)) {
    case 'ALWAYS':
      return [];
    case 'SOME':
      return [
        problem('INCOMPATIBLE_TYPES', `${types}: a value that does not read as one fails the record`, path, 'WARNING'),
      ];
    case 'NEVER': {
      const remedy =
        destination.type === 'REFERENCE' && !byLookup
          ? 'a reference needs the lookup of a mapping that couples its records'
          : 'values of the one never fit the other';
      return [problem('INCOMPATIBLE_TYPES', `${types}: ${remedy}`, path)];
    }
  }
}

function lengthProblems(source: FieldMetadata, destination: FieldMetadata, path: readonly string[]): MappingProblem[] {
  const isLonger =
    isText(source) &&
    isText(destination) &&
    source.maxLength !== null &&
    destination.maxLength !== null &&
    source.maxLength > destination.maxLength;
  if (!isLonger) return [];
  const end =
    destination.type === 'CODE' || source.type === 'CODE' ? 'a longer code fails the record' : 'longer texts are cut';
  const message = `${source.name} holds ${source.maxLength} characters and ${destination.name} ${destination.maxLength}: ${end}`;
  return [problem('TOO_LONG', message, path, 'WARNING')];
}

const isText = ({ type }: FieldMetadata): boolean => type === 'TEXT' || type === 'CODE';

/** A pair of an option map that leads to an option which the destination does not have. */
function optionProblems(
  { optionMap, ...pair }: IntegrationFieldMapping,
  side: Side,
  table: TableMetadata | null,
  path: readonly string[],
): MappingProblem[] {
  const destination = table?.fields.get(side === 'BUSINESS' ? pair.field : pair.integrationField);
  if (destination?.type !== 'OPTION' || destination.options.length === 0) return [];
  const part = side === 'BUSINESS' ? 'value' : 'integrationValue';
  return optionMap.flatMap((options, index) => {
    const wanted = options[part];
    if (wanted.trim() === '' || hasOption(destination, wanted)) return [];
    const labels = destination.options.map(({ value, label }) => (value === label ? value : `${value} (${label})`));
    const message = `expected an option of ${destination.name}, got "${wanted}"; it has ${labels.join(', ')}`;
    return [problem('INCOMPATIBLE_TYPES', message, [...path, 'optionMap', String(index), part])];
  });
}

const hasOption = ({ options }: FieldMetadata, wanted: string): boolean =>
  options.some(({ value, label }) => value === wanted || label.toLowerCase() === wanted.toLowerCase());

const problem = (
  code: MappingProblemCode,
  message: string,
  path: readonly string[],
  severity: MappingProblem['severity'] = 'ERROR',
): MappingProblem => ({ severity, code, message, path, position: null });
