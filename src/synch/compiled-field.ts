import { createHash } from 'node:crypto';
import type { FieldMetadata, FieldValue, TableMetadata } from '../mapping/field-value.js';
import {
  allowsDirection,
  type FieldConflictRule,
  fieldOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
  type OneWayDirection,
} from '../mapping/integration-table-mapping.js';
import { applyRule, TransformationError } from '../mapping/transformation/apply-rule.js';
import {
  chainOf,
  type TransformationRule,
  type TransformationRules,
} from '../mapping/transformation/transformation-rule.js';
import { agree, convertValue, isBlankNumber, isNormalisedForm, ValueError } from './convert-value.js';
import { throughMap, throughOptions } from './option-map.js';
import {
  type CompiledLookup,
  type Directions,
  type References,
  referencesAgree,
  translateReference,
} from './references.js';
import type { Side } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';

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
  /** A value of the mapping's template stands for blank in Dataverse; see standInOf. */
  readonly standsInForBlank: boolean;
  /** Set for a reference, which is translated through the couplings of another mapping. */
  readonly lookup: CompiledLookup | null;
  /** The value that the given side takes for the other side's value. Throws ValueError, UncoupledReferenceError. */
  translateTo(side: Side, value: FieldValue, references: References): FieldValue;
  /** The value after each transformation rule on its way to a side; ends before a rule that refuses it. */
  transformedTo(side: Side, value: FieldValue): readonly TransformedValue[];
  agree(business: FieldValue, sales: FieldValue, references: References): boolean;
  /** The answer is what was sent, but for the server's own normalisation. */
  isNormalisedForm(sent: FieldValue, answered: FieldValue): boolean;
}

/** A value after a transformation rule. */
export interface TransformedValue {
  /** Of the rule. */
  readonly code: string;
  readonly value: FieldValue;
}

/** A mapping that cannot run as it stands: a field that a system does not have, a filter that does not parse. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  constructor(
    readonly code: 'UNKNOWN_FIELD' | 'UNKNOWN_LOOKUP' | 'UNKNOWN_RULE' | 'NO_FIELD_IN_DIRECTION' | 'FILTER_SYNTAX',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a field mapping is compiled with. */
export interface FieldSurroundings {
  readonly mapping: IntegrationTableMapping;
  readonly business: TableMetadata;
  readonly sales: TableMetadata;
  readonly lookups: ReadonlyMap<string, IntegrationTableMapping>;
  readonly rules: TransformationRules;
}

/** Throws {@link MappingError}. */
export function compileField(field: IntegrationFieldMapping, surroundings: FieldSurroundings): CompiledField {
  const { mapping, business, sales } = surroundings;
  const rules = rulesOf(field, surroundings.rules);
  const standIn = standInOf(field, mapping, sales);
  const writable = (direction: OneWayDirection): boolean =>
    allowsDirection(mapping.direction, direction) && allowsDirection(field.direction, direction);
  const directions = {
    toSales: writable('TO_INTEGRATION_TABLE'),
    toBusiness: writable('FROM_INTEGRATION_TABLE'),
  };
  return {
    field: field.field,
    integrationField: field.integrationField,
    ...directions,
    conflictRule: field.conflictRule,
    meaning: hashOf([
      field.constantValue,
      rules.map(contentOf),
      field.lookup,
      field.optionMap,
      ...(standIn === null ? [] : [standIn]),
    ]),
    standsInForBlank: standIn !== null,
    isNormalisedForm,
    ...(field.lookup === null
      ? valueTranslation(field, {
          businessField: metadataOf(field, 'BUSINESS', business, mapping),
          salesField: metadataOf(field, 'SALES', sales, mapping),
          rules,
          standIn,
          directions,
          intoBlankOnly: tableRuleOf(mapping.integrationTable).intoBlankOnly?.includes(field.integrationField) === true,
        })
      : referenceTranslation(lookupOf(field, surroundings), directions)),
  };
}

type Translation = Pick<CompiledField, 'lookup' | 'translateTo' | 'transformedTo' | 'agree'>;

const referenceTranslation = (lookup: CompiledLookup, directions: Directions): Translation => ({
  lookup,
  translateTo: (side, value, references) => translateReference(lookup, side, value, references),
  transformedTo: () => [],
  agree: (business, sales, references) => referencesAgree(lookup, directions, { business, sales }, references),
});

/**
 * What stands for blank in a column of Dataverse that takes none and is written in one direction only: the value that the
 * mapping's template gives to each new record. Null where blank is written as it is.
 */
function standInOf(
  { integrationField, direction, lookup }: IntegrationFieldMapping,
  { templates }: IntegrationTableMapping,
  sales: TableMetadata,
): string | null {
  if (lookup !== null || direction !== 'TO_INTEGRATION_TABLE') return null;
  if (sales.fields.get(integrationField)?.nullable !== false) return null;
  const [template] = templates.filter(({ side }) => side === 'SALES').toSorted((a, b) => a.priority - b.priority);
  // One that only some records get stands for blank in none.
  if (template === undefined || template.filter.length > 0) return null;
  return template.values.find(({ field }) => field === integrationField)?.value || null;
}

/** What values of a field pair are translated by. */
interface ValueSurroundings {
  readonly businessField: FieldMetadata;
  readonly salesField: FieldMetadata;
  readonly rules: readonly TransformationRule[];
  /** See standInOf. */
  readonly standIn: string | null;
  readonly directions: Directions;
  /** See TableRule.intoBlankOnly. */
  readonly intoBlankOnly: boolean;
}

function valueTranslation(
  field: IntegrationFieldMapping,
  { businessField, salesField, rules, standIn, directions, intoBlankOnly }: ValueSurroundings,
): Translation {
  const optionsToSales = new Map(field.optionMap.map(({ value, integrationValue }) => [value, integrationValue]));
  const optionsToBusiness = new Map(field.optionMap.map(({ value, integrationValue }) => [integrationValue, value]));
  const transform = transformationOf(field, rules);
  const intoSales = (value: FieldValue): FieldValue => transform(value) ?? standIn;
  const toSales = (value: FieldValue): FieldValue =>
    convertValue(
      intoSales(throughOptions(value, optionsToSales, field.field)),
      transformedField(field, businessField),
      salesField,
    );
  const toBusiness = (value: FieldValue): FieldValue =>
    convertValue(
      transform(throughOptions(value, optionsToBusiness, field.integrationField)),
      salesField,
      businessField,
    );
  return {
    lookup: null,
    translateTo: (side, value) => (side === 'SALES' ? toSales : toBusiness)(field.constantValue ?? value),
    transformedTo: (side, value) =>
      untilRefused(function* () {
        const options = side === 'SALES' ? optionsToSales : optionsToBusiness;
        const name = side === 'SALES' ? field.field : field.integrationField;
        yield* eachChange(field, rules, throughOptions(field.constantValue ?? value, options, name));
      }),
    agree: unlessRefused((businessValue, salesValue) => {
      // Where blank is not to be written, a blank source agrees with whatever the other side has.
      if (field.notNull && (field.direction === 'FROM_INTEGRATION_TABLE' ? salesValue : businessValue) === null)
        return true;
      if (intoBlankOnly && businessValue !== null) return true;
      if (field.optionMap.length > 0) {
        const toBusinessValue = throughMap(salesValue, optionsToBusiness);
        const toSalesValue = throughMap(businessValue, optionsToSales);
        if (field.direction === 'FROM_INTEGRATION_TABLE')
          return (field.notNull && toBusinessValue === null) || toBusinessValue === textOrNull(businessValue);
        if ((field.notNull && toSalesValue === null) || toSalesValue === textOrNull(salesValue)) return true;
        // Several values may stand for one on the other side: it is enough that one of the ways would change nothing.
        return field.direction === 'BIDIRECTIONAL' && toBusinessValue === textOrNull(businessValue);
      }
      if (directions.toBusiness && salesValue === null && isBlankNumber(businessValue)) return true;
      const source = field.constantValue ?? businessValue;
      return field.direction === 'FROM_INTEGRATION_TABLE'
        ? agree(field.constantValue ?? businessValue, businessField, transform(salesValue), salesField)
        : agree(
            intoSales(source),
            transformedField(field, businessField),
            // What stands on a field of both directions is applied both ways, so both sides are compared as changed by it.
            field.direction === 'BIDIRECTIONAL' ? transform(salesValue) : salesValue,
            salesField,
          );
    }),
  };
}

/** What a rule cannot read agrees with nothing: writing it tells why. */
const unlessRefused =
  (agrees: (business: FieldValue, sales: FieldValue) => boolean): CompiledField['agree'] =>
  (business, sales) => {
    try {
      return agrees(business, sales);
    } catch (error) {
      if (error instanceof ValueError) return false;
      throw error;
    }
  };

const textOrNull = (value: FieldValue): string | null => (value === null ? null : String(value));

/** What a transformation makes of a code is no code any more. */
const transformedField = (field: IntegrationFieldMapping, metadata: FieldMetadata): FieldMetadata =>
  field.transformations.length > 0 && metadata.type === 'CODE'
    ? { ...metadata, type: 'TEXT', maxLength: null }
    : metadata;

/** What a rule does: another text or edit of it changes nothing. */
const contentOf = ({
  id: _id,
  description: _description,
  revision: _revision,
  next: _next,
  ...content
}: TransformationRule) => content;

/** All rules of a field in their order, with those that they chain through. */
export function rulesOf(field: IntegrationFieldMapping, rules: TransformationRules): readonly TransformationRule[] {
  return field.transformations.flatMap((code) => {
    const chain = chainOf(code, rules);
    if (chain === null)
      throw new MappingError(
        'UNKNOWN_RULE',
        `the field mapping ${field.field} names the transformation rule ${code}, which does not exist or does not end`,
      );
    return chain;
  });
}

/** Throws ValueError for a value that a rule cannot change. */
function transformationOf(
  field: IntegrationFieldMapping,
  rules: readonly TransformationRule[],
): (value: FieldValue) => FieldValue {
  return (value) => {
    let transformed = value;
    for (const rule of rules) transformed = changedBy(rule, transformed, field);
    return transformed;
  };
}

/** The value after each rule. Throws ValueError for a value that a rule cannot change. */
function* eachChange(
  field: IntegrationFieldMapping,
  rules: readonly TransformationRule[],
  value: FieldValue,
): Generator<TransformedValue, void, undefined> {
  let transformed = value;
  for (const rule of rules) {
    transformed = changedBy(rule, transformed, field);
    yield { code: rule.code, value: transformed };
  }
}

function untilRefused(changes: () => Generator<TransformedValue, void, undefined>): TransformedValue[] {
  const made: TransformedValue[] = [];
  try {
    for (const change of changes()) made.push(change);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
  }
  return made;
}

function changedBy(rule: TransformationRule, value: FieldValue, field: IntegrationFieldMapping): FieldValue {
  try {
    return applyRule(rule, value);
  } catch (error) {
    if (!(error instanceof TransformationError)) throw error;
    const name = field.field === '' ? field.integrationField : field.field;
    throw new ValueError('TRANSFORMATION', name, `${name}: ${error.message}, and another value came`);
  }
}

/** Columns of the business system that are blank for its local currency refer to this table. */
const CURRENCY_TABLE = 'transactioncurrencies';

function lookupOf(
  field: IntegrationFieldMapping,
  { mapping, business, sales, lookups }: FieldSurroundings,
): CompiledLookup {
  const through = lookups.get(field.lookup ?? '');
  if (through === undefined) {
    throw new MappingError(
      'UNKNOWN_LOOKUP',
      `mapping ${mapping.name} translates ${field.field} through the mapping ${field.lookup}, which the connection does not have: create it, or remove the field`,
    );
  }
  metadataOf(field, 'BUSINESS', business, mapping);
  const { target, options } = metadataOf(field, 'SALES', sales, mapping);
  return {
    mappingName: through.name,
    isOption: through.kind === 'OPTION',
    choices: new Set(options.map(({ value }) => value)),
    target: target === through.integrationTable ? null : target,
    blankIsLocalCurrency: through.integrationTable === CURRENCY_TABLE,
    clearsValue: field.clearValueOnFailedSynch,
    notNull: field.notNull,
    field: field.field,
    integrationField: field.integrationField,
  };
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

/** A short digest of anything that JSON can write. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
