import { type Connector, ConnectorError, type PeekedChanges } from '../connectors/connector.js';
import { peekChanges } from '../connectors/peek-changes.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import type { NewsOfMapping } from '../job-queue/change-watch.js';
import { type IntegrationTableMapping, tableOn } from '../mapping/integration-table-mapping.js';
import type { TransformationRules } from '../mapping/transformation/transformation-rule.js';
import { type CompiledMapping, compileMapping } from './compiled-mapping.js';
import type { CursorStore, SynchCursor } from './cursor-store.js';
import { idOn } from './pair-work.js';
import { type Side, sides } from './synch-error.js';
import { isNews } from './watch-news.js';

/** What the watch over both systems of a connection needs. */
export interface WatchDependencies {
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
  /** All transformation rules. */
  readonly rules: () => Promise<TransformationRules>;
  /** Both systems of an enabled connection; null when it is disabled or gone. */
  readonly reach: (connectionSetupId: string) => Promise<Readonly<Record<Side, Connector>> | null>;
  readonly cursors: Pick<CursorStore, 'ofMappings'>;
  readonly couplings: Pick<CouplingStore, 'byRecordIds'>;
}

interface Watched {
  readonly compiled: CompiledMapping;
  readonly cursors: Partial<Record<Side, SynchCursor>>;
}

/**
 * Looks whether these mappings of a connection have something to do: one request a system, from the cursors of their runs,
 * which it does not move. What cannot be seen now counts as nothing new. Mappings that are not to be woken are left out.
 */
export async function lookForNews(
  dependencies: WatchDependencies,
  connectionSetupId: string,
  mappingIds: readonly string[],
  signal: AbortSignal,
): Promise<NewsOfMapping[]> {
  const connectors = await dependencies.reach(connectionSetupId);
  if (connectors === null) return [];
  const watched = await watchedMappings(dependencies, connectors, { connectionSetupId, mappingIds, signal });
  const news = await Promise.all(sides.map((side) => newsOn(dependencies, connectors[side], side, watched, signal)));
  return watched.map(({ compiled }) => {
    const found = news.flatMap((ofSide) => ofSide.get(compiled.mapping.id) ?? []);
    return {
      mappingId: compiled.mapping.id,
      changes: found.flatMap(({ changes }) => changes),
      isWhole: found.every(({ isWhole }) => isWhole),
    };
  });
}

async function watchedMappings(
  { mappingsOf, rules, cursors }: WatchDependencies,
  connectors: Readonly<Record<Side, Connector>>,
  look: { readonly connectionSetupId: string; readonly mappingIds: readonly string[]; readonly signal: AbortSignal },
): Promise<Watched[]> {
  const all = await mappingsOf(look.connectionSetupId);
  const lookups = new Map(all.map((one) => [one.name, one]));
  const wanted = all.filter(
    ({ id, enabled, wakeOnChange, kind }) =>
      enabled && wakeOnChange && kind !== 'OPTION' && look.mappingIds.includes(id),
  );
  const present = await rules();
  const known = await cursors.ofMappings(wanted.map(({ id }) => id));
  return Promise.all(
    wanted.map(async (mapping) => {
      const business = await connectors.BUSINESS.metadata(mapping.table, look.signal);
      const sales = await connectors.SALES.metadata(mapping.integrationTable, look.signal);
      const ofMapping = known.filter(({ mappingId }) => mappingId === mapping.id);
      return {
        compiled: compileMapping(mapping, business, sales, lookups, present),
        cursors: Object.fromEntries(ofMapping.map((cursor) => [cursor.side, cursor])),
      };
    }),
  );
}

interface NewsOnSide {
  readonly changes: readonly string[];
  readonly isWhole: boolean;
}

async function newsOn(
  { couplings }: WatchDependencies,
  connector: Connector,
  side: Side,
  watched: readonly Watched[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NewsOnSide>> {
  const asked = watched.flatMap(({ compiled, cursors }) => {
    const cursor = cursors[side];
    // Before the first run, and after an edit of the mapping, its next run reads everything anyway.
    const fits = cursor !== undefined && cursor.readFields.join() === compiled.readFields[side].join();
    return fits ? [{ compiled, cursor }] : [];
  });
  if (asked.length === 0) return new Map();
  const seen = await peekChanges(
    connector,
    asked.map(({ compiled, cursor }) => ({
      table: tableOn(compiled.mapping, side),
      fields: compiled.readFields[side],
      cursor: cursor.cursor,
    })),
    signal,
  );
  const news = new Map<string, NewsOnSide>();
  for (const [index, { compiled }] of asked.entries()) {
    const changes = seen[index];
    if (changes !== undefined) news.set(compiled.mapping.id, await newsIn(couplings, compiled, side, changes));
  }
  return news;
}

async function newsIn(
  couplings: WatchDependencies['couplings'],
  compiled: CompiledMapping,
  side: Side,
  seen: PeekedChanges,
): Promise<NewsOnSide> {
  if (seen instanceof ConnectorError) return { changes: [], isWhole: true };
  const ids = [...seen.rows.map(({ id }) => id), ...seen.deletedIds];
  const known = ids.length === 0 ? [] : await couplings.byRecordIds(compiled.mapping.id, side, ids);
  const byId = new Map(known.map((coupling) => [idOn(coupling, side), coupling]));
  const changed = seen.rows
    .filter((row) => isNews(compiled, side, row, byId.get(row.id) ?? null))
    .map(({ id, version }) => `${side}:${id}:${version}`);
  const deleted = seen.deletedIds
    .filter((id) => byId.has(id) && byId.get(id)?.state !== 'BROKEN')
    .map((id) => `${side}:${id}:deleted`);
  return { changes: [...changed, ...deleted], isWhole: seen.isWhole };
}
