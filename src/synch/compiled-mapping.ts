import type { FieldValues, TableMetadata } from '../mapping/field-value.js';
import { compileFilters, type RowPredicate } from '../mapping/filter/filter-predicate.js';
import { normalFilter } from '../mapping/filter/print-filter.js';
import {
  allowsDirection,
  type FieldFilter,
  fieldOn,
  filterOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
} from '../mapping/integration-table-mapping.js';
import { builtInTransformations } from '../mapping/transformation/built-in-transformations.js';
import type { TransformationRules } from '../mapping/transformation/transformation-rule.js';
import { type CompiledField, compileField, hashOf, MappingError } from './compiled-field.js';
import { titleFieldsOf } from './record-title.js';
import type { Side } from './synch-error.js';
import { requirementsOf, tableRuleOf } from './table-rules.js';

/**
 * Changes whenever values are compared in another way: what stands in conflict is then looked at once more, and leaves it by
 * itself where both sides agree.
 */
const COMPARISON = 2;

/** A mapping with both systems' metadata worked in: what planner and engine need, without further look-ups. */
export interface CompiledMapping {
  readonly mapping: IntegrationTableMapping;
  readonly fields: readonly CompiledField[];
  /** Mappings of the connection by name: what its references are translated through. */
  readonly lookups: ReadonlyMap<string, IntegrationTableMapping>;
  readonly table: Readonly<Record<Side, TableMetadata>>;
  readonly rules: TransformationRules;
  /** Fields to read of each side: mapped ones, those of the filters, and the ones of the title. */
  readonly readFields: Readonly<Record<Side, readonly string[]>>;
  readonly inFilter: Readonly<Record<Side, RowPredicate>>;
  /** Columns of new Dataverse records that follow a setting of the organisation, with what it is set to. */
  readonly settings: FieldValues;
  /**
   * Of what decides which records take part and which pairs agree: enabled fields with their meaning, filters, direction,
   * whether missing records are created. Another hash: everything is read and evaluated anew.
   */
  readonly hash: string;
  /** Of the rules by which conflicts are decided and deletions answered. */
  readonly rulesHash: string;
}

/** Throws {@link MappingError}. */
export function compileMapping(
  mapping: IntegrationTableMapping,
  business: TableMetadata,
  sales: TableMetadata,
  lookups: ReadonlyMap<string, IntegrationTableMapping> = new Map(),
  rules: TransformationRules = builtInTransformations,
): CompiledMapping {
  const enabled = mapping.fields.filter((field) => field.enabled);
  const fields = enabled.map((field) => compileField(field, { mapping, business, sales, lookups, rules }));
  requireFieldInEachDirection(mapping, fields);
  const table = { BUSINESS: business, SALES: sales };
  return {
    mapping,
    fields,
    lookups,
    rules,
    table,
    readFields: {
      BUSINESS: readFieldsOf(mapping, enabled, 'BUSINESS', business),
      SALES: readFieldsOf(mapping, enabled, 'SALES', sales),
    },
    inFilter: {
      BUSINESS: compileSideFilter(mapping, 'BUSINESS', business),
      SALES: compileSideFilter(mapping, 'SALES', sales),
    },
    settings: {},
    rulesHash: hashOf([
      COMPARISON,
      mapping.updateConflictResolution,
      mapping.deletionConflictResolution,
      fields.map(({ field, integrationField, conflictRule }) => [field, integrationField, conflictRule]),
    ]),
    hash: hashOf([
      mapping.direction,
      mapping.synchOnlyCoupledRecords,
      inNormalForm(mapping.tableFilter),
      inNormalForm(mapping.integrationTableFilter),
      fields.map(({ field, integrationField, toSales, toBusiness, meaning }) => [
        field,
        integrationField,
        toSales,
        toBusiness,
        meaning,
      ]),
    ]),
  };
}

/** Filters as they select, however they were written: another way to write the same one is no reason to read everything. */
const inNormalForm = (filters: readonly FieldFilter[]): readonly (readonly [string, string])[] =>
  filters.map(({ field, expression }) => [field, normalFilter(expression)]);

function requireFieldInEachDirection(mapping: IntegrationTableMapping, fields: readonly CompiledField[]): void {
  const missing =
    (allowsDirection(mapping.direction, 'TO_INTEGRATION_TABLE') &&
      !fields.some(({ toSales }) => toSales) &&
      'to the integration table') ||
    (allowsDirection(mapping.direction, 'FROM_INTEGRATION_TABLE') &&
      !fields.some(({ toBusiness }) => toBusiness) &&
      'from the integration table');
  if (missing !== false) {
    throw new MappingError(
      'NO_FIELD_IN_DIRECTION',
      `mapping ${mapping.name} has no enabled field in the direction ${missing}: enable one, or change the mapping's direction`,
    );
  }
}

function readFieldsOf(
  mapping: IntegrationTableMapping,
  enabled: readonly IntegrationFieldMapping[],
  side: Side,
  table: TableMetadata,
): readonly string[] {
  const names = new Set<string>();
  for (const field of enabled) if (fieldOn(field, side) !== '') names.add(fieldOn(field, side));
  for (const { field } of filterOn(mapping, side)) names.add(field);
  for (const name of titleFieldsOf(table)) names.add(name);
  for (const name of ruleFields(mapping, side, table)) if (table.fields.has(name)) names.add(name);
  return [...names];
}

/** Fields that the rules of the tables look at. */
function ruleFields({ integrationTable }: IntegrationTableMapping, side: Side, table: TableMetadata): string[] {
  const { createdWith = {}, openWhile } = tableRuleOf(integrationTable);
  if (side === 'SALES') return openWhile === undefined ? [] : [openWhile.column];
  return [...requirementsOf(table).map(({ field }) => field), ...Object.values(createdWith).flat()];
}

function compileSideFilter(mapping: IntegrationTableMapping, side: Side, table: TableMetadata): RowPredicate {
  try {
    return compileFilters(filterOn(mapping, side), table);
  } catch (error) {
    throw new MappingError(
      'FILTER_SYNTAX',
      `a filter of mapping ${mapping.name} on ${table.name} cannot be used: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
