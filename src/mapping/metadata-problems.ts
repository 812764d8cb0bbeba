import { type Side, sides } from '../synch/synch-error.js';
import { fieldProblems } from './field-problems.js';
import type { FieldMetadata, TableMetadata } from './field-value.js';
import { FilterSyntaxError } from './filter/filter-ast.js';
import { compileFilter } from './filter/filter-predicate.js';
import {
  type FieldFilter,
  filterOn,
  type IntegrationTableMapping,
  type RecordTemplate,
  tableOn,
} from './integration-table-mapping.js';
import type { MappingProblem } from './mapping-problem.js';

/** What a system tells of the table of a mapping: null when it has no such table, UNREAD when it could not be asked. */
export type ReadTable = TableMetadata | null | 'UNREAD';

/** Names of the systems in messages. */
const systemOf: Readonly<Record<Side, string>> = { BUSINESS: 'the business system', SALES: 'Dataverse' };

/**
 * What is wrong with a mapping, or will surprise, by what both systems tell of their tables: fields that do not exist or
 * cannot be written, types and lengths that do not fit, operands of filters. What needs the metadata of a system that could
 * not be asked is left out, and one warning OTHER says so.
 */
export function metadataProblems(
  mapping: IntegrationTableMapping,
  business: ReadTable,
  sales: ReadTable,
): MappingProblem[] {
  const read: Readonly<Record<Side, ReadTable>> = { BUSINESS: business, SALES: sales };
  const tables: Readonly<Record<Side, TableMetadata | null>> = { BUSINESS: known(business), SALES: known(sales) };
  return [
    ...sides.flatMap((side) => tableProblems(mapping, side, read[side])),
    ...sides.flatMap((side) => filterProblems(filterOn(mapping, side), tables[side], [filterPart[side]])),
    ...mapping.fields.flatMap((field, index) => fieldProblems(field, mapping, tables, ['fields', String(index)])),
    ...mapping.templates.flatMap((template, index) => templateProblems(template, tables, ['templates', String(index)])),
  ];
}

const filterPart = { BUSINESS: 'tableFilter', SALES: 'integrationTableFilter' } as const;

const known = (table: ReadTable): TableMetadata | null => (table === 'UNREAD' ? null : table);

function tableProblems(mapping: IntegrationTableMapping, side: Side, table: ReadTable): MappingProblem[] {
  if (table === 'UNREAD') {
    return [
      {
        severity: 'WARNING',
        code: 'OTHER',
        message: `what ${systemOf[side]} offers could not be read: fields, types and lengths of ${tableOn(mapping, side)} were not checked`,
        path: [],
        position: null,
      },
    ];
  }
  if (table !== null) return [];
  // Name and tables stay as created, so no edit of the mapping could mend it: a warning, or it could not even be disabled.
  return [
    {
      severity: 'WARNING',
      code: 'OTHER',
      message: `${systemOf[side]} has no entity set ${tableOn(mapping, side)}: every run will fail until it is offered`,
      path: [],
      position: null,
    },
  ];
}

function filterProblems(
  filters: readonly FieldFilter[],
  table: TableMetadata | null,
  path: readonly string[],
): MappingProblem[] {
  if (table === null) return [];
  return filters.flatMap(({ field, expression }, index) => {
    const at = [...path, String(index)];
    const metadata = table.fields.get(field);
    if (metadata === undefined) return field.trim() === '' ? [] : [unknownField(table, field, [...at, 'field'])];
    return operandProblems(expression, metadata, [...at, 'expression']);
  });
}

function operandProblems(expression: string, field: FieldMetadata, path: readonly string[]): MappingProblem[] {
  try {
    compileFilter(expression, field);
    return [];
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const { message, position } = error;
    return [{ severity: 'ERROR', code: 'FILTER_SYNTAX', message, path, position }];
  }
}

/** The filter of a template is on the source record, its values are of the record that is made. */
function templateProblems(
  { side, filter, values }: RecordTemplate,
  tables: Readonly<Record<Side, TableMetadata | null>>,
  path: readonly string[],
): MappingProblem[] {
  const source = side === 'BUSINESS' ? tables.SALES : tables.BUSINESS;
  const made = tables[side];
  const ofValues =
    made === null
      ? []
      : values.flatMap(({ field }, index) => {
          const at = [...path, 'values', String(index), 'field'];
          const metadata = made.fields.get(field);
          if (metadata === undefined) return field.trim() === '' ? [] : [unknownField(made, field, at)];
          return metadata.readOnly ? [readOnlyField(made, field, at)] : [];
        });
  return [...filterProblems(filter, source, [...path, 'filter']), ...ofValues];
}

const unknownField = (table: TableMetadata, field: string, path: readonly string[]): MappingProblem => ({
  severity: 'ERROR',
  code: 'UNKNOWN_FIELD',
  message: `expected a field of ${table.name}, got "${field}"`,
  path,
  position: null,
});

const readOnlyField = (table: TableMetadata, field: string, path: readonly string[]): MappingProblem => ({
  severity: 'ERROR',
  code: 'READ_ONLY_FIELD',
  message: `expected a field of ${table.name} that can be written, got "${field}", which cannot`,
  path,
  position: null,
});
