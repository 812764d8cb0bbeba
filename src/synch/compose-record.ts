import type { AwaitedReference } from '../coupling/coupling.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import { compileFilters } from '../mapping/filter/filter-predicate.js';
import type { RecordTemplate } from '../mapping/integration-table-mapping.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { convertValue, ValueError } from './convert-value.js';
import { offeredName } from './offered-name.js';
import type { References } from './references.js';
import { otherSide, type Side } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';
import { translateOrClear } from './untranslated.js';
import { isSettledLast } from './within-rules.js';

/** A new record, complete before its one write, and what it was made from. */
export interface ComposedRecord {
  /** By field of the side it is created on; blanks are left out. */
  readonly values: FieldValues;
  /** The source's value by field of the side it is created on, for the mapped fields. */
  readonly sources: FieldValues;
  /** References that stay blank because they cannot be translated yet, by field of the side it is created on. */
  readonly cleared: Readonly<Record<string, AwaitedReference>>;
}

/**
 * The values of the record that a source record becomes on the other side: what the organisation is set to, then those of the
 * first template whose filter the source matches, then the mapped fields of that direction. Throws ValueError for a value that cannot be translated, and
 * UncoupledReferenceError for a reference that has to wait.
 */
export function composeRecord(
  compiled: CompiledMapping,
  into: Side,
  source: FieldValues,
  references: References,
): ComposedRecord {
  const rule = tableRuleOf(compiled.mapping.integrationTable);
  const values: Record<string, FieldValue> = {
    ...(into === 'SALES' ? compiled.settings : {}),
    ...templateValues(compiled, into, source),
    ...(into === 'SALES' ? createdWith(compiled, source) : {}),
  };
  const sources: Record<string, FieldValue> = {};
  const cleared: Record<string, AwaitedReference> = {};
  for (const field of compiled.fields) {
    if (!(into === 'SALES' ? field.toSales : field.toBusiness)) continue;
    if (into === 'SALES' && isSettledLast(rule, field)) continue;
    const [sourceName, name] =
      into === 'SALES' ? [field.field, field.integrationField] : [field.integrationField, field.field];
    const sourceValue = sourceName === '' ? null : (source[sourceName] ?? null);
    if (name in sources) continue;
    const translated = translateOrClear(field, into, sourceValue, references);
    if (translated.cleared !== null) cleared[name] = translated.cleared;
    sources[name] = sourceValue;
    if (translated.value !== null) values[name] = translated.value;
  }
  return { values, sources, cleared };
}

/** Columns that a new record of Dataverse begins with, as far as the business system tells what they are made of. */
function createdWith({ mapping, table }: CompiledMapping, source: FieldValues): FieldValues {
  const values: Record<string, FieldValue> = {};
  for (const [name, sourceNames] of Object.entries(tableRuleOf(mapping.integrationTable).createdWith ?? {})) {
    const sourceName = offeredName(table.BUSINESS, sourceNames) ?? '';
    const [from, to] = [table.BUSINESS.fields.get(sourceName), table.SALES.fields.get(name)];
    const value = source[sourceName] ?? null;
    if (from !== undefined && to !== undefined && value !== null)
      values[name] = convertValue(value, { ...from, type: 'TEXT' }, to);
  }
  return values;
}

function templateValues(compiled: CompiledMapping, into: Side, source: FieldValues): FieldValues {
  const template = templatesFor(compiled, into).find(({ filter }) =>
    compileFilters(filter, compiled.table[otherSide(into)])(source),
  );
  if (template === undefined) return {};
  return Object.fromEntries(
    template.values.map(({ field, value }) => [field, templateValue(compiled, into, field, value)]),
  );
}

const templatesFor = (compiled: CompiledMapping, into: Side): readonly RecordTemplate[] =>
  compiled.mapping.templates.filter(({ side }) => side === into).toSorted((a, b) => a.priority - b.priority);

function templateValue(compiled: CompiledMapping, into: Side, name: string, value: string): FieldValue {
  const field = compiled.table[into].fields.get(name);
  if (field === undefined) {
    throw new ValueError(
      'INCOMPATIBLE_VALUE',
      name,
      `a template of mapping ${compiled.mapping.name} names the field "${name}", which ${compiled.table[into].name} does not have`,
    );
  }
  return convertValue(value === '' ? null : value, { ...field, type: 'TEXT' }, field);
}
