import { createHash } from 'node:crypto';
import type { FieldMetadata, FieldValue, TableMetadata } from '../mapping/field-value.js';
import { compileFilters, type RowPredicate } from '../mapping/filter/filter-predicate.js';
import {
  allowsDirection,
  type FieldConflictRule,
  fieldOn,
  filterOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
  type OneWayDirection,
} from '../mapping/integration-table-mapping.js';
import { agree, convertValue, isNormalisedForm, ValueError } from './convert-value.js';
import { titleFieldsOf } from './record-title.js';
import type { Side } from './synch-error.js';

/** One enabled field pair of a mapping, ready to compare and to translate values. */
export interface CompiledField {
  readonly field: string;
  readonly integrationField: string;
  /** Directions in which it may be written: the field's within the mapping's. */
  readonly toSales: boolean;
  readonly toBusiness: boolean;
  readonly conflictRule: FieldConflictRule;
  /** See FieldBase.meaning. */
  readonly meaning: string;
  /** The value that the given side takes for the other side's value. Throws ValueError. */
  translateTo(side: Side, value: FieldValue): FieldValue;
  agree(business: FieldValue, sales: FieldValue): boolean;
  /** The answer is what was sent, but for the server's own normalisation. */
  isNormalisedForm(sent: FieldValue, answered: FieldValue): boolean;
}

/** A mapping with both systems' metadata worked in: what planner and engine need, without further look-ups. */
export interface CompiledMapping {
  readonly mapping: IntegrationTableMapping;
  readonly fields: readonly CompiledField[];
  readonly table: Readonly<Record<Side, TableMetadata>>;
  /** Fields to read of each side: mapped ones, those of the filters, and the ones of the title. */
  readonly readFields: Readonly<Record<Side, readonly string[]>>;
  readonly inFilter: Readonly<Record<Side, RowPredicate>>;
  /** Of what decides which pairs agree: enabled fields with their meaning, filters, direction. Another hash: all pairs are evaluated anew. */
  readonly hash: string;
}

/** A mapping that cannot run as it stands: a field that a system does not have, a filter that does not parse. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  constructor(
    readonly code: 'UNKNOWN_FIELD' | 'NO_FIELD_IN_DIRECTION' | 'FILTER_SYNTAX',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throws {@link MappingError}. */
export function compileMapping(
  mapping: IntegrationTableMapping,
  business: TableMetadata,
  sales: TableMetadata,
): CompiledMapping {
  const enabled = mapping.fields.filter((field) => field.enabled);
  const fields = enabled.map((field) => compileField(field, mapping, business, sales));
  requireFieldInEachDirection(mapping, fields);
  const table = { BUSINESS: business, SALES: sales };
  return {
    mapping,
    fields,
    table,
    readFields: {
      BUSINESS: readFieldsOf(mapping, enabled, 'BUSINESS', business),
      SALES: readFieldsOf(mapping, enabled, 'SALES', sales),
    },
    inFilter: {
      BUSINESS: compileSideFilter(mapping, 'BUSINESS', business),
      SALES: compileSideFilter(mapping, 'SALES', sales),
    },
    hash: hashOf([
      mapping.direction,
      mapping.tableFilter,
      mapping.integrationTableFilter,
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

function compileField(
  field: IntegrationFieldMapping,
  mapping: IntegrationTableMapping,
  business: TableMetadata,
  sales: TableMetadata,
): CompiledField {
  const writable = (direction: OneWayDirection): boolean =>
    allowsDirection(mapping.direction, direction) && allowsDirection(field.direction, direction);
  const businessField = metadataOf(field, 'BUSINESS', business, mapping);
  const salesField = metadataOf(field, 'SALES', sales, mapping);
  const optionsToSales = new Map(field.optionMap.map(({ value, integrationValue }) => [value, integrationValue]));
  const optionsToBusiness = new Map(field.optionMap.map(({ value, integrationValue }) => [integrationValue, value]));
  const translate = {
    SALES: (value: FieldValue) =>
      convertValue(throughOptions(value, optionsToSales, field.field), businessField, salesField),
    BUSINESS: (value: FieldValue) =>
      convertValue(throughOptions(value, optionsToBusiness, field.integrationField), salesField, businessField),
  };
  return {
    field: field.field,
    integrationField: field.integrationField,
    toSales: writable('TO_INTEGRATION_TABLE'),
    toBusiness: writable('FROM_INTEGRATION_TABLE'),
    conflictRule: field.conflictRule,
    meaning: hashOf([field.constantValue, field.transformations, field.lookup, field.optionMap]),
    translateTo: (side, value) => translate[side](field.constantValue ?? value),
    agree: (businessValue, salesValue) => {
      if (optionsToSales.size === 0)
        return agree(field.constantValue ?? businessValue, businessField, salesValue, salesField);
      return businessValue === null ? salesValue === null : optionsToSales.get(String(businessValue)) === salesValue;
    },
    isNormalisedForm,
  };
}

/** Throws ValueError for a value that an option map does not know; blank stays blank. */
function throughOptions(value: FieldValue, options: ReadonlyMap<string, string>, field: string): FieldValue {
  if (value === null || options.size === 0) return value;
  const translated = options.get(String(value));
  if (translated === undefined) {
    throw new ValueError(
      'UNKNOWN_OPTION',
      field,
      `the option map of ${field} has no pair for "${value}": add one, or change the value`,
    );
  }
  return translated;
}

/** A constant has no field on its side; its text is converted to what the other side holds. */
const constantField: FieldMetadata = {
  name: '',
  label: '',
  type: 'TEXT',
  nativeType: 'constant',
  maxLength: null,
  scale: null,
  nullable: true,
  readOnly: true,
  target: null,
  options: [],
};

function metadataOf(
  field: IntegrationFieldMapping,
  side: Side,
  table: TableMetadata,
  mapping: IntegrationTableMapping,
): FieldMetadata {
  const name = fieldOn(field, side);
  if (name === '') return constantField;
  const metadata = table.fields.get(name);
  if (metadata === undefined) {
    throw new MappingError(
      'UNKNOWN_FIELD',
      `mapping ${mapping.name} names the field "${name}", which ${table.name} does not have: correct the field mapping, or publish the field there`,
    );
  }
  return metadata;
}

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
  names.delete(table.keyField);
  return [...names];
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

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
