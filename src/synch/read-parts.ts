import { CursorExpiredError } from '../connectors/connector.js';
import { referenceKey } from '../coupling/coupling.js';
import type { ReadResult } from './read-side.js';
import type { SynchRun } from './synch-run.js';
import { tableRuleOf } from './table-rules.js';
import { keysOfPart } from './touched-records.js';

/**
 * Reads what changed in the parts of the Dataverse records that stand in a table of their own, such as the units of unit groups:
 * pairs whose record has other parts than before have their steps done once more. Without a cursor all pairs have.
 */
export async function readParts(run: SynchRun): Promise<readonly ReadResult[]> {
  const { compiled, stores, options } = run;
  const { parts } = tableRuleOf(compiled.mapping.integrationTable);
  if (parts === undefined) return [];
  const known = await stores.cursors.get(compiled.mapping.id, 'PARTS');
  if (known === null || options.full) return [await readFrom(run, null)];
  try {
    return [await readFrom(run, known.cursor)];
  } catch (error) {
    if (!(error instanceof CursorExpiredError)) throw error;
    return [await readFrom(run, null)];
  }
}

async function readFrom(run: SynchRun, cursor: string | null): Promise<ReadResult> {
  const { compiled, connectors, stores } = run;
  const { id: mappingId, integrationTable } = compiled.mapping;
  const { parts = { table: '', parent: '' }, whenTouched = [] } = tableRuleOf(integrationTable);
  const readFields = [parts.parent];
  let next: string | null = null;
  for await (const page of connectors.SALES.readChanges(
    { table: parts.table, fields: readFields, cursor },
    run.signal,
  )) {
    next = page.cursor;
    const keys = [
      ...page.rows.flatMap((row) => keysOfPart(compiled.mapping, row)),
      ...page.deletedIds.map((id) => referenceKey(compiled.mapping.name, 'SALES', id)),
    ];
    if (cursor !== null && keys.length > 0)
      await stores.couplings.openSteps(mappingId, whenTouched, { salesIds: [], keys }, run.now());
  }
  if (next === null) throw new Error(`the last page of ${parts.table} carried no cursor`);
  if (cursor === null) await stores.couplings.openSteps(mappingId, whenTouched, 'ALL', run.now());
  return { source: 'PARTS', readFields, cursor: next, modifiedUntil: null, complete: false, sweptAt: null };
}
