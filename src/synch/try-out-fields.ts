import type { Connector } from '../connectors/connector.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import type { FieldValue, FieldValues, TableMetadata } from '../mapping/field-value.js';
import {
  fieldOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
} from '../mapping/integration-table-mapping.js';
import type { TransformationRules } from '../mapping/transformation/transformation-rule.js';
import { type CompiledField, compileField, MappingError, type TransformedValue } from './compiled-field.js';
import { ValueError } from './convert-value.js';
import { valueError } from './decide-create.js';
import { describeError, RunFailedError } from './describe-error.js';
import { loadReferences } from './load-references.js';
import { localCurrencyOf } from './local-currency.js';
import { waitingError } from './pair-outcome.js';
import { type References, UncoupledReferenceError } from './references.js';
import { otherSide, type Side, type SynchError } from './synch-error.js';
import { translateOrClear } from './untranslated.js';

/** What a field of a record would become on the other side. */
export interface FieldTryOut {
  readonly field: string;
  readonly integrationField: string;
  readonly sourceValue: FieldValue;
  /** The value after each transformation rule. */
  readonly steps: readonly TransformedValue[];
  /** What would be written. */
  readonly value: FieldValue;
  /** Why it could not be written, as the run would list it. */
  readonly error: SynchError | null;
}

/** What fields are tried out with. */
export interface TryOutSurroundings {
  readonly mapping: IntegrationTableMapping;
  readonly tables: Readonly<Record<Side, TableMetadata>>;
  readonly connectors: Readonly<Record<Side, Connector>>;
  /** All of the connection: references are translated through their couplings. */
  readonly mappings: readonly IntegrationTableMapping[];
  readonly rules: TransformationRules;
  readonly couplings: Pick<CouplingStore, 'pairsOf'>;
}

/** A field mapping that can be used, or why it cannot. */
type CompiledOrNot = { readonly compiled: CompiledField } | { readonly error: SynchError };

/** Each enabled field of the direction by itself: one that cannot be used keeps none of the others from being shown. */
export async function tryOutFields(
  surroundings: TryOutSurroundings,
  { into, source }: { readonly into: Side; readonly source: FieldValues },
  signal: AbortSignal,
): Promise<FieldTryOut[]> {
  const fields = surroundings.mapping.fields
    .filter(({ enabled }) => enabled)
    .map((field) => ({ field, ...compiledOrNot(field, surroundings) }));
  const usable = fields.flatMap((one) => ('compiled' in one ? [one.compiled] : []));
  const local = await localCurrency(usable, surroundings, signal);
  const references = await loadReferences(
    {
      compiled: { fields: usable, lookups: new Map(surroundings.mappings.map((one) => [one.name, one])) },
      localCurrency: local.id,
      stores: surroundings,
    },
    [{ side: otherSide(into), values: source }],
  );
  return fields.flatMap(({ field, ...one }): FieldTryOut[] => {
    const name = fieldOn(field, otherSide(into));
    const sourceValue = name === '' ? field.constantValue : (source[name] ?? null);
    const tried = { field: field.field, integrationField: field.integrationField, sourceValue };
    if ('error' in one) return [{ ...tried, steps: [], value: null, error: one.error }];
    const { compiled } = one;
    if (!(into === 'SALES' ? compiled.toSales : compiled.toBusiness)) return [];
    const steps = compiled.transformedTo(into, sourceValue);
    if (compiled.lookup?.blankIsLocalCurrency === true && local.error !== null)
      return [{ ...tried, steps, value: null, error: local.error }];
    return [{ ...tried, steps, ...translated(compiled, into, sourceValue, references) }];
  });
}

function compiledOrNot(field: IntegrationFieldMapping, surroundings: TryOutSurroundings): CompiledOrNot {
  const { mapping, tables, mappings, rules } = surroundings;
  const lookups = new Map(mappings.map((one) => [one.name, one]));
  try {
    return {
      compiled: compileField(field, { mapping, business: tables.BUSINESS, sales: tables.SALES, lookups, rules }),
    };
  } catch (error) {
    if (error instanceof MappingError) return { error: { ...describeError(error), field: field.field || null } };
    throw error;
  }
}

async function localCurrency(
  fields: readonly CompiledField[],
  { connectors }: TryOutSurroundings,
  signal: AbortSignal,
): Promise<{ readonly id: string | null; readonly error: SynchError | null }> {
  try {
    return { id: await localCurrencyOf({ fields }, connectors, signal), error: null };
  } catch (error) {
    if (error instanceof RunFailedError) return { id: null, error: error.error };
    throw error;
  }
}

function translated(
  field: CompiledField,
  into: Side,
  source: FieldValue,
  references: References,
): Pick<FieldTryOut, 'value' | 'error'> {
  try {
    return { value: translateOrClear(field, into, source, references).value, error: null };
  } catch (error) {
    if (error instanceof ValueError) return { value: null, error: valueError(error, into) };
    if (error instanceof UncoupledReferenceError)
      return { value: null, error: waitingError({ into, waitingFor: [error.reference] }) };
    throw error;
  }
}
