import { randomUUID } from 'node:crypto';
import type { Connector, SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import type { OptionMetadata } from '../mapping/field-value.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { couplingOf } from './new-coupling.js';
import type { Side } from './synch-error.js';

export interface OptionDependencies {
  readonly couplings: CouplingStore;
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
  readonly connect: (connectionSetupId: string, signal: AbortSignal) => Promise<Readonly<Record<Side, Connector>>>;
  readonly now: () => Promise<Date>;
}

/** Codes of the business system have so many characters; labels are cut to it, as the original does. */
const CODE_CHARACTERS = 10;

export interface ReadOptionsRequest {
  readonly connectionSetupId: string;
  /** Nothing is written: a choice without a record stays without one, and uncoupled. */
  readonly dryRun: boolean;
}

/**
 * Couples the choices of every OPTION mapping of a connection with the records of their code tables, by the label as a code;
 * a choice without a record gets one. A choice that is coupled stays coupled with its record, whatever its label becomes.
 */
export async function readOptions(
  dependencies: OptionDependencies,
  { connectionSetupId, dryRun }: ReadOptionsRequest,
  signal: AbortSignal,
): Promise<void> {
  const mappings = (await dependencies.mappingsOf(connectionSetupId)).filter(
    ({ kind, enabled }) => kind === 'OPTION' && enabled,
  );
  if (mappings.length === 0) return;
  const connectors = await dependencies.connect(connectionSetupId, signal);
  for (const mapping of mappings) await coupleOptions(dependencies, { mapping, dryRun }, connectors, signal);
}

async function coupleOptions(
  { couplings, now }: OptionDependencies,
  { mapping, dryRun }: { readonly mapping: IntegrationTableMapping; readonly dryRun: boolean },
  connectors: Readonly<Record<Side, Connector>>,
  signal: AbortSignal,
): Promise<void> {
  const [field] = mapping.fields;
  if (field === undefined) return;
  const { fields } = await connectors.SALES.metadata(mapping.integrationTable, signal);
  const options = (fields.get(field.integrationField)?.options ?? []).filter(({ label }) => codeOf(label) !== '');
  const known = await couplings.byRecordIds(
    mapping.id,
    'SALES',
    options.map(({ value }) => value),
  );
  const missing = options.filter(({ value }) => !known.some(({ salesId }) => salesId === value));
  if (missing.length === 0) return;
  const at = await now();
  const read: CodeTable = { table: mapping.table, fields: [field.field] };
  const records = await recordsByCode(read, connectors.BUSINESS, signal);
  if (!dryRun) await makeMissing(records, read, missing, connectors.BUSINESS, signal);
  await couplings.insert(
    missing.flatMap((option) => {
      const record = records.get(codeOf(option.label));
      return record === undefined ? [] : [optionCoupling(mapping, option, record.id, at)];
    }),
  );
}

interface CodeTable {
  readonly table: string;
  /** The field of the code alone. */
  readonly fields: readonly [codeField: string];
}

/** A table of codes is small: it is read whole. */
async function recordsByCode(
  read: CodeTable,
  business: Connector,
  signal: AbortSignal,
): Promise<Map<string, SourceRow>> {
  const [codeField] = read.fields;
  const records = new Map<string, SourceRow>();
  for await (const page of business.readChanges({ ...read, cursor: null }, signal)) {
    for (const row of page.rows) records.set(String(row.values[codeField] ?? ''), row);
  }
  return records;
}

/** Makes a record for each of these labels that has none yet. */
async function makeMissing(
  records: Map<string, SourceRow>,
  read: CodeTable,
  options: readonly OptionMetadata[],
  business: Connector,
  signal: AbortSignal,
): Promise<void> {
  const [codeField] = read.fields;
  const codes = [...new Set(options.map(({ label }) => codeOf(label)))].filter((code) => !records.has(code));
  // The code is the key of its table: a create that is repeated after a lost answer is refused, and found by the next read.
  const outcomes = await business.write(
    { ...read, operations: codes.map((code) => ({ kind: 'CREATE', id: null, values: { [codeField]: code } })) },
    signal,
  );
  for (const [index, outcome] of outcomes.entries()) {
    const code = codes[index];
    if (outcome.kind === 'WRITTEN' && outcome.row !== null && code !== undefined) records.set(code, outcome.row);
  }
}

const codeOf = (label: string): string => label.trim().toUpperCase().slice(0, CODE_CHARACTERS).trim();

function optionCoupling(
  mapping: IntegrationTableMapping,
  option: OptionMetadata,
  businessId: string,
  now: Date,
): Coupling {
  const record = { businessId, salesId: option.value, title: option.label };
  return {
    ...couplingOf(mapping, record, { id: randomUUID(), now }),
    state: 'COUPLED',
    business: { version: null, clean: true },
    sales: { version: null, clean: true },
    nextAttemptAt: null,
    lastSynchedAt: now,
    lastResult: 'COUPLE',
  };
}
