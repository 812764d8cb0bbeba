import type { SourceRow } from '../connectors/connector.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import type { Side } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** The rows of these ids as they are now, by id; without those that do not exist. */
export async function readByIds(
  run: SynchRun,
  side: Side,
  ids: readonly string[],
  otherFields: readonly string[] = [],
): Promise<Map<string, SourceRow>> {
  if (ids.length === 0) return new Map();
  const request = {
    table: tableOn(run.compiled.mapping, side),
    fields: [...new Set([...run.compiled.readFields[side], ...otherFields])],
    ids: [...new Set(ids)],
  };
  const rows = await run.connectors[side].readByIds(request, run.signal);
  return new Map(rows.map((row) => [row.id, row]));
}
