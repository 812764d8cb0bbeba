import { tableOn } from '../mapping/integration-table-mapping.js';
import { type ReadResult, readSide } from './read-side.js';
import { readsChangesOf, stageIn } from './stage-changes.js';
import type { StagedRecord } from './stage-store.js';
import { sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { Chunks, synchronizeStaged } from './synchronize-pairs.js';
import { hasSteps } from './table-rules.js';
import { TouchedRecords } from './touched-records.js';

/** What changed on both sides, carried over. */
export interface Synchronized {
  readonly reads: readonly ReadResult[];
  /** Pairs that are left for the next run. */
  readonly left: number;
}

/**
 * The first synchronization into a table of Dataverse without rows: no record of the business system has to wait for what is
 * read of the other side. Each page is planned and written while the next one is read, and nothing is stored in between. Null
 * where this is no such run.
 */
export async function synchronizeIntoEmpty(run: SynchRun): Promise<Synchronized | null> {
  if (!(await isIntoEmpty(run))) return null;
  const startedAt = run.now();
  const touched = await TouchedRecords.open(run);
  // Nothing is coupled: what the filter leaves out concerns nobody.
  const everything = { cursor: null, narrowed: true, touched } as const;
  const sales = await readSide(run, { side: 'SALES', ...everything, take: stageIn(run) });
  await using chunks = new Chunks(run, 'BUSINESS');
  const begin = (records: readonly StagedRecord[]) => chunks.begin(records);
  const business = await readSide(run, { side: 'BUSINESS', ...everything, take: begin });
  for (const tally of Object.values(run.jobs)) tally.total = tally.counters.read;
  const left = (await chunks.end()) + (await synchronizeStaged(run));
  return { reads: [business, sales].map((read) => ({ ...read, sweptAt: startedAt })), left };
}

/** A run that reads both systems in full before anything is coupled, and whose records need no more than to be created. */
async function isIntoEmpty(run: SynchRun): Promise<boolean> {
  const { compiled, options, connectors, stores, signal } = run;
  const { mapping } = compiled;
  const readsBoth = sides.every((side) => readsChangesOf(run, side));
  if (!options.full || options.dryRun || !options.writes.SALES || !readsBoth) return false;
  if (hasSteps(mapping.integrationTable)) return false;
  if ((await stores.couplings.page(mapping.id, null, 1)).length > 0) return false;
  const table = tableOn(mapping, 'SALES');
  return (await connectors.SALES.find({ table, fields: [], equal: {}, atMost: 1 }, signal)).length === 0;
}
