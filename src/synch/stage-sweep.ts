import type { RowVersion } from '../connectors/connector.js';
import { type Coupling } from '../coupling/coupling.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { pagesOfDocuments } from './pages-of.js';
import { idOn, stateOn } from './pair-work.js';
import { deletedRecord, readStaged, stageRecords } from './staged-records.js';
import type { Side } from './synch-error.js';
import { createsFrom, type SynchRun } from './synch-run.js';

/** Couplings that are looked at together. */
const PAGE = 500;

/** After a complete read: coupled records that were not among the rows are staged as deleted. */
export async function stageMissing(run: SynchRun, side: Side): Promise<void> {
  const { stores, compiled } = run;
  const mappingId = compiled.mapping.id;
  for await (const couplings of pagesOfDocuments((afterId) => stores.couplings.page(mappingId, afterId, PAGE))) {
    // A record that a begun create will make is not missing.
    const ids = couplings
      .filter(({ intents }) => intents.length === 0)
      .flatMap((coupling) => idOn(coupling, side) ?? []);
    const staged = new Set((await stores.stage.byIds(run.runId, side, ids)).map(({ id }) => id));
    const missing = ids.filter((id) => !staged.has(id));
    await stageRecords(
      run,
      missing.map((id) => deletedRecord(side, id)),
    );
  }
}

/**
 * Compares ids and versions of all rows of a side with the couplings: finds rows that were deleted, and changes that no read
 * told (a row that was stored late, a trigger that was skipped). Nothing of it is held in memory. What it does not list is
 * read by its id before it counts as gone.
 */
export async function stageSwept(run: SynchRun, side: Side): Promise<void> {
  const { compiled, connectors, stores } = run;
  const { mapping } = compiled;
  const startedAt = run.now();
  for await (const page of connectors[side].sweep(tableOn(mapping, side), run.signal)) {
    const ids = page.map(({ id }) => id);
    const couplings = await stores.couplings.byRecordIds(mapping.id, side, ids);
    await stores.couplings.markSwept(mapping.id, side, ids, run.runId);
    await stageMissed(run, side, missedOf(run, side, page, couplings));
  }
  const sweep = { sweepId: run.runId, createdBefore: startedAt, limit: PAGE };
  const unswept = (afterId: string | null) => stores.couplings.unswept(mapping.id, side, { ...sweep, afterId });
  for await (const unlisted of pagesOfDocuments(unswept)) {
    await stageMissed(
      run,
      side,
      unlisted.filter(({ intents }) => intents.length === 0).flatMap((coupling) => idOn(coupling, side) ?? []),
      deletedOnes,
    );
  }
}

/** Rows whose version is not the one that the coupling knows, and rows without coupling where this run creates what is missing. */
function missedOf(
  run: SynchRun,
  side: Side,
  page: readonly RowVersion[],
  couplings: readonly Coupling[],
): readonly string[] {
  const versions = new Map(couplings.map((coupling) => [idOn(coupling, side), stateOn(coupling, side).version]));
  return page.flatMap(({ id, version }) => {
    const isMissed = versions.has(id) ? versions.get(id) !== version : createsFrom(run, side);
    return isMissed ? [id] : [];
  });
}

type Stage = (
  run: SynchRun,
  side: Side,
  ids: readonly string[],
) => Promise<Parameters<SynchRun['stores']['stage']['put']>[1]>;

const deletedOnes: Stage = async (_run, side, ids) => ids.map((id) => deletedRecord(side, id));

/** Stages what this run has not read already. */
async function stageMissed(
  run: SynchRun,
  side: Side,
  ids: readonly string[],
  stage: Stage = readStaged,
): Promise<void> {
  const known = new Set((await run.stores.stage.byIds(run.runId, side, ids)).map(({ id }) => id));
  const missed = ids.filter((id) => !known.has(id));
  await stageRecords(run, await stage(run, side, missed));
}
