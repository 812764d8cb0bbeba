import type { TableMetadata } from '../../mapping/field-value.js';
import {
  allowsDirection,
  directionsOf,
  type FieldFilter,
  fieldOn,
  filterOn,
  type IntegrationFieldMapping,
  type RecordTemplate,
} from '../../mapping/integration-table-mapping.js';
import { otherSide, type Side, sides } from '../../synch/synch-error.js';
import type { DefaultMapping } from './field-definitions.js';

/** A default mapping as far as both systems offer what it names. */
export interface FittedMapping {
  readonly definition: DefaultMapping;
  /** As it can be made; null when it cannot. */
  readonly mapping: DefaultMapping | null;
  /** In words: what is left out because a system does not offer it, or why nothing can be made. */
  readonly leftOut: readonly string[];
}

/** The table of each side; null where the system has none of this name. */
type Tables = Readonly<Record<Side, TableMetadata | null>>;

const systemOf: Readonly<Record<Side, string>> = { BUSINESS: 'The business system', SALES: 'Dataverse' };

/**
 * Leaves out of a default mapping what a system does not offer: a company without the companion API lacks some fields and
 * tables. Without one of its tables, or without a field in one of its directions, it cannot be made.
 */
export function fitDefaultMapping(
  mapping: DefaultMapping,
  businessTable: TableMetadata | null,
  salesTable: TableMetadata | null,
): FittedMapping {
  const tables: Tables = { BUSINESS: businessTable, SALES: salesTable };
  const missing = sides.filter((side) => tables[side] === null);
  if (missing.length > 0)
    return unmade(
      mapping,
      missing.map((side) => noTable(mapping, side)),
    );
  const fields = mapping.fields.filter((field) => sides.every((side) => hasField(tables, side, fieldOn(field, side))));
  const without = withoutDirection(mapping, fields);
  if (without !== null) return unmade(mapping, [without]);
  return {
    definition: mapping,
    mapping: {
      ...mapping,
      fields,
      tableFilter: offeredFilters(filterOn(mapping, 'BUSINESS'), tables, 'BUSINESS'),
      integrationTableFilter: offeredFilters(filterOn(mapping, 'SALES'), tables, 'SALES'),
      templates: mapping.templates.flatMap((template) => offeredTemplate(template, tables)),
    },
    leftOut: leftOutOf(mapping, tables),
  };
}

/**
 * Leaves out what refers to default mappings that cannot be made: dependencies and lookups. Repeated until nothing more
 * falls away, since a mapping may lose its last field with a lookup.
 */
export function fitTogether(fitted: readonly FittedMapping[]): readonly FittedMapping[] {
  const made = new Set(fitted.flatMap(({ mapping }) => mapping?.name ?? []));
  const next = fitted.map((one) => withoutReferences(one, made));
  const isStable = next.every(({ mapping }, index) => (mapping === null) === (fitted[index]?.mapping === null));
  return isStable ? next : fitTogether(next);
}

function withoutReferences(fitted: FittedMapping, made: ReadonlySet<string>): FittedMapping {
  const { definition, mapping, leftOut } = fitted;
  if (mapping === null) return fitted;
  const isTranslated = ({ lookup }: IntegrationFieldMapping): boolean => lookup === null || made.has(lookup);
  const fields = mapping.fields.filter(isTranslated);
  const without = withoutDirection(mapping, fields);
  if (without !== null) return unmade(definition, [without]);
  const words = mapping.fields
    .filter((field) => !isTranslated(field))
    .map(
      (field) => `${pairName(field)} is left out: the mapping ${field.lookup}, which translates it, cannot be made.`,
    );
  const dependsOn = mapping.dependsOn.filter((name) => made.has(name));
  return { definition, mapping: { ...mapping, fields, dependsOn }, leftOut: [...leftOut, ...words] };
}

const unmade = (definition: DefaultMapping, leftOut: readonly string[]): FittedMapping => ({
  definition,
  mapping: null,
  leftOut,
});

const noTable = (mapping: DefaultMapping, side: Side): string =>
  `${systemOf[side]} does not offer ${side === 'BUSINESS' ? mapping.table : mapping.integrationTable}: the mapping cannot be made.`;

const hasField = (tables: Tables, side: Side, name: string): boolean =>
  name === '' || tables[side]?.fields.has(name) === true;

function withoutDirection(mapping: DefaultMapping, fields: readonly IntegrationFieldMapping[]): string | null {
  const empty = directionsOf(mapping.direction).find(
    (direction) => !fields.some((field) => field.enabled && allowsDirection(field.direction, direction)),
  );
  return empty === undefined ? null : `No field is offered in the direction ${empty}: the mapping cannot be made.`;
}

const offeredFilters = (filters: readonly FieldFilter[], tables: Tables, side: Side): readonly FieldFilter[] =>
  filters.filter(({ field }) => hasField(tables, side, field));

/** A template whose filter cannot be told would be taken for every record, so it goes as a whole. */
function offeredTemplate(template: RecordTemplate, tables: Tables): RecordTemplate[] {
  const { side, filter } = template;
  if (!filter.every(({ field }) => hasField(tables, otherSide(side), field))) return [];
  const values = template.values.filter(({ field }) => hasField(tables, side, field));
  return values.length === 0 ? [] : [{ ...template, values }];
}

function leftOutOf(mapping: DefaultMapping, tables: Tables): string[] {
  return sides.flatMap((side) => {
    const not = (name: string): boolean => !hasField(tables, side, name);
    const table = tables[side]?.name ?? '';
    return [
      ...mapping.fields
        .filter((field) => not(fieldOn(field, side)))
        .map((field) => `${pairName(field)} is left out: ${table} does not offer ${fieldOn(field, side)}.`),
      ...filterOn(mapping, side)
        .filter(({ field }) => not(field))
        .map(
          ({ field, expression }) =>
            `The filter ${field} = ${expression} is left out, so more records take part: ${table} does not offer ${field}.`,
        ),
      ...mapping.templates
        .filter((template) => template.side === side)
        .flatMap(({ values }) => values.filter(({ field }) => not(field)))
        .map(({ field }) => `New records get no ${field}: ${table} does not offer it.`),
    ];
  });
}

const pairName = ({ field, integrationField }: IntegrationFieldMapping): string =>
  `${field === '' ? 'A constant' : field} and ${integrationField === '' ? 'a constant' : integrationField}`;
