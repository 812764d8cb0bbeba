import type { Connector } from '../connectors/connector.js';
import type { FieldValues } from '../mapping/field-value.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import type { TransformationRules } from '../mapping/transformation/transformation-rule.js';
import { type CompiledMapping, compileMapping } from './compiled-mapping.js';
import { describeError, RunFailedError } from './describe-error.js';
import { localCurrencyOf } from './local-currency.js';
import type { Side } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';

/** A mapping with both of its systems, ready to read and to compare. */
export interface OpenMapping {
  readonly compiled: CompiledMapping;
  readonly connectors: Readonly<Record<Side, Connector>>;
  /** Id of the transaction currency that a blank currency means; null when no field of the mapping refers to currencies. */
  readonly localCurrency: string | null;
}

/** What opening a mapping asks for. */
export interface MappingSurroundings {
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
  /** All transformation rules. */
  readonly rules: () => Promise<TransformationRules>;
  /** Both systems of a connection, after making sure that they are still the ones that it was set up for. Throws RunFailedError. */
  readonly connect: (connectionSetupId: string, signal: AbortSignal) => Promise<Readonly<Record<Side, Connector>>>;
}

/** Connects to both systems and works their metadata into the mapping. Throws RunFailedError, ConnectorError. */
export async function openMapping(
  mapping: IntegrationTableMapping,
  { mappingsOf, rules, connect }: MappingSurroundings,
  signal: AbortSignal,
): Promise<OpenMapping> {
  const connectors = await connect(mapping.connectionSetupId, signal);
  const lookups = new Map((await mappingsOf(mapping.connectionSetupId)).map((one) => [one.name, one]));
  const compiled = await compile(mapping, connectors, { lookups, rules: await rules() }, signal);
  const localCurrency = await localCurrencyOf(compiled, connectors, signal);
  const settings = await settingsOf(mapping, connectors.SALES, signal);
  return { compiled: { ...compiled, settings }, connectors, localCurrency };
}

/** What the organisation is set to, by the column of the table that follows it; nothing that it is not set to. */
async function settingsOf(
  { integrationTable }: IntegrationTableMapping,
  sales: Connector,
  signal: AbortSignal,
): Promise<FieldValues> {
  const columns = Object.entries(tableRuleOf(integrationTable).createdBySetting ?? {});
  if (columns.length === 0) return {};
  const fields = columns.map(([, setting]) => setting);
  const [organization] = await sales.find({ table: 'organizations', fields, equal: {} }, signal);
  const settings = columns.map(([column, setting]) => [column, organization?.values[setting] ?? null] as const);
  return Object.fromEntries(settings.filter(([, value]) => value !== null));
}

async function compile(
  mapping: IntegrationTableMapping,
  connectors: Readonly<Record<Side, Connector>>,
  {
    lookups,
    rules,
  }: {
    readonly lookups: ReadonlyMap<string, IntegrationTableMapping>;
    readonly rules: TransformationRules;
  },
  signal: AbortSignal,
): Promise<CompiledMapping> {
  const business = await connectors.BUSINESS.metadata(mapping.table, signal);
  const sales = await connectors.SALES.metadata(mapping.integrationTable, signal);
  try {
    return compileMapping(mapping, business, sales, lookups, rules);
  } catch (error) {
    throw new RunFailedError(describeError(error), { cause: error });
  }
}
