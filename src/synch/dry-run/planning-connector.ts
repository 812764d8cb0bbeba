import type { Connector, SourceRow, WriteOperation, WriteOutcome, WriteRequest } from '../../connectors/connector.js';

/** Versions of rows that a dry run would have written; no system gives such ones. */
const PLANNED_VERSION = 'planned';

/** Rows of earlier rounds that are remembered: a chunk has fewer. */
const REMEMBERED_ROWS = 5_000;

/** What the id of a record that would be created begins with, where the system gives the ids. */
export const PLANNED_ID = 'planned-';

/**
 * A system that answers writes as if they were applied, and applies none: every other question goes to the system itself.
 * A row that changed since it was read is answered as such, as the system would.
 */
export function planningConnector(system: Connector, newId: () => string): Connector {
  const planned = new Map<string, SourceRow>();
  const remember = (row: SourceRow): SourceRow => {
    planned.set(row.id, row);
    for (const id of planned.keys()) {
      if (planned.size <= REMEMBERED_ROWS) break;
      planned.delete(id);
    }
    return row;
  };
  const readByIds: Connector['readByIds'] = async (request, signal) => {
    const asked = request.ids.filter((id) => !planned.has(id));
    const rows = asked.length === 0 ? [] : await system.readByIds({ ...request, ids: asked }, signal);
    return [...rows, ...request.ids.flatMap((id) => planned.get(id) ?? [])];
  };
  return {
    features: system.features,
    applyMs: system.applyMs,
    identity: (signal) => system.identity(signal),
    test: (signal) => system.test(signal),
    tables: (signal) => system.tables(signal),
    metadata: (table, signal) => system.metadata(table, signal),
    readChanges: (request, signal) => system.readChanges(request, signal),
    readMatching: (request, signal) => system.readMatching(request, signal),
    find: (request, signal) => system.find(request, signal),
    sweep: (table, signal) => system.sweep(table, signal),
    close: () => system.close(),
    readByIds,
    write: async (request, signal) => {
      const present = await presentRows(request, (ids) =>
        readByIds({ table: request.table, fields: request.fields, ids }, signal),
      );
      return request.operations.map((operation) => outcomeOf(operation, request, present, { remember, newId }));
    },
  };
}

async function presentRows(
  { operations }: WriteRequest,
  read: (ids: readonly string[]) => Promise<SourceRow[]>,
): Promise<ReadonlyMap<string, SourceRow>> {
  const ids = operations.flatMap((operation) => (operation.kind === 'CREATE' ? [] : [operation.id]));
  const rows = ids.length === 0 ? [] : await read([...new Set(ids)]);
  return new Map(rows.map((row) => [row.id, row]));
}

function outcomeOf(
  operation: WriteOperation,
  { fields }: WriteRequest,
  present: ReadonlyMap<string, SourceRow>,
  { remember, newId }: { readonly remember: (row: SourceRow) => SourceRow; readonly newId: () => string },
): WriteOutcome {
  if (operation.kind === 'CREATE') {
    const id = operation.id ?? `${PLANNED_ID}${newId()}`;
    const values = Object.fromEntries(fields.map((field) => [field, operation.values[field] ?? null]));
    return { kind: 'WRITTEN', row: remember({ id, version: PLANNED_VERSION, modifiedAt: null, values }) };
  }
  const row = present.get(operation.id);
  if (row === undefined) return { kind: 'GONE' };
  if (row.version !== operation.version) return { kind: 'CHANGED' };
  if (operation.kind === 'DELETE') return { kind: 'WRITTEN', row: null };
  const values = { ...row.values, ...operation.values };
  return { kind: 'WRITTEN', row: remember({ ...row, version: PLANNED_VERSION, values }) };
}
