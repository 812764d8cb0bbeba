import {
  type Connector,
  ConnectorError,
  type PeekedChanges,
  type ReadChangesRequest,
  type SourceRow,
} from '../connectors/connector.js';
import { peekChanges } from '../connectors/peek-changes.js';
import { referenceKey } from '../coupling/coupling.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import type { NewsOfMapping } from '../job-queue/change-watch.js';
import { type IntegrationTableMapping, tableOn } from '../mapping/integration-table-mapping.js';
import type { TransformationRules } from '../mapping/transformation/transformation-rule.js';
import { type CompiledMapping, compileMapping } from './compiled-mapping.js';
import type { CursorSource, CursorStore, SynchCursor } from './cursor-store.js';
import { madeAgainOf } from './made-again-news.js';
import { matchGroupsOf } from './match-keys.js';
import { idOn } from './pair-work.js';
import { type Side, sides } from './synch-error.js';
import { tableRuleOf } from './table-rules.js';
import { keysOfPart, keysOfRow, versionOn } from './touched-records.js';
import { isNews } from './watch-news.js';

/** What the watch over both systems of a connection needs. */
export interface WatchDependencies {
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
  /** All transformation rules. */
  readonly rules: () => Promise<TransformationRules>;
  /** Both systems of an enabled connection; null when it is disabled or gone. */
  readonly reach: (connectionSetupId: string) => Promise<Readonly<Record<Side, Connector>> | null>;
  readonly cursors: Pick<CursorStore, 'ofMappings'>;
  readonly couplings: Pick<CouplingStore, 'byRecordIds' | 'byIds' | 'brokenPairs' | 'hungKeys' | 'parkedDue'>;
}

interface Watched {
  readonly compiled: CompiledMapping;
  readonly cursors: Partial<Record<CursorSource, SynchCursor>>;
}

/** A table that is looked at for a mapping: its own on a side, or the one with the parts of its Dataverse records. */
interface Look {
  readonly compiled: CompiledMapping;
  readonly source: CursorSource;
  readonly request: ReadChangesRequest;
}

/** Parked pairs that are told of at once: one is enough to wake an entry. */
const PARKED_TOLD = 100;

/** Pairs of a mapping of which a record is gone that a new record is compared with. */
const BROKEN_LOOKED_AT = 500;

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
  const parked = await dependencies.couplings.parkedDue(connectionSetupId, PARKED_TOLD);
  return watched.map(({ compiled }) => {
    const found = news.flat().flatMap(([mappingId, seen]) => (mappingId === compiled.mapping.id ? [seen] : []));
    const due = parked.filter(({ mappingId }) => mappingId === compiled.mapping.id);
    return {
      mappingId: compiled.mapping.id,
      changes: [
        ...found.flatMap(({ changes }) => changes),
        ...due.map(({ _id, nextAttemptAt }) => `parked:${_id}:${nextAttemptAt?.toISOString()}`),
      ],
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
        cursors: Object.fromEntries(ofMapping.map((cursor) => [cursor.source, cursor])),
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
): Promise<readonly (readonly [string, NewsOnSide])[]> {
  const looks = watched.flatMap((one) => looksOn(one, side));
  if (looks.length === 0) return [];
  const seen = await peekChanges(
    connector,
    looks.map(({ request }) => request),
    signal,
  );
  return Promise.all(
    looks.map(
      async (look, index) => [look.compiled.mapping.id, await newsIn(couplings, look, side, seen[index])] as const,
    ),
  );
}

/** Before the first run, and after an edit of the mapping, its next run reads everything anyway. */
function looksOn({ compiled, cursors }: Watched, side: Side): Look[] {
  const fields = compiled.readFields[side];
  const own = cursors[side];
  const { parts } = tableRuleOf(compiled.mapping.integrationTable);
  const ofParts = side === 'SALES' && parts !== undefined ? cursors.PARTS : undefined;
  return [
    ...(own !== undefined && own.readFields.join() === fields.join()
      ? [{ compiled, source: side, request: { table: tableOn(compiled.mapping, side), fields, cursor: own.cursor } }]
      : []),
    ...(ofParts !== undefined && parts !== undefined
      ? [
          {
            compiled,
            source: 'PARTS' as const,
            request: { table: parts.table, fields: [parts.parent], cursor: ofParts.cursor },
          },
        ]
      : []),
  ];
}

const nothingNew: NewsOnSide = { changes: [], isWhole: true };

async function newsIn(
  couplings: WatchDependencies['couplings'],
  { compiled, source }: Look,
  side: Side,
  seen: PeekedChanges | undefined,
): Promise<NewsOnSide> {
  if (seen === undefined || seen instanceof ConnectorError) return nothingNew;
  if (source === 'PARTS') return newsInParts(couplings, compiled, seen);
  const ids = [...seen.rows.map(({ id }) => id), ...seen.deletedIds];
  const known = ids.length === 0 ? [] : await couplings.byRecordIds(compiled.mapping.id, side, ids);
  const byId = new Map(known.map((coupling) => [idOn(coupling, side), coupling]));
  // What the run of the mapping would do nothing about may be what pairs hang on: it takes those up.
  const touching = seen.rows
    .filter(({ id, version }) => versionOn(byId.get(id), side) !== version)
    .map((row) => ({ row, keys: keysOfRow(compiled, side, row) }));
  const keyOf = (id: string): string => referenceKey(compiled.mapping.name, side, id);
  const hung = await couplings.hungKeys(compiled.mapping.connectionSetupId, [
    ...touching.flatMap(({ keys }) => keys),
    ...seen.deletedIds.map(keyOf),
  ]);
  const isHungOn = ({ id }: { readonly id: string }): boolean =>
    touching.some(({ row, keys }) => row.id === id && keys.some((key) => hung.has(key)));
  const news = new Set(
    seen.rows.filter((row) => isNews(compiled, side, row, byId.get(row.id) ?? null) || isHungOn(row)),
  );
  const madeAgain = await madeAgainAmong(
    couplings,
    compiled,
    side,
    seen.rows.filter((row) => !byId.has(row.id) && !news.has(row)),
  );
  const changed = seen.rows
    .filter((row) => news.has(row) || madeAgain.has(row))
    .map(({ id, version }) => `${side}:${id}:${version}`);
  const deleted = seen.deletedIds
    .filter((id) => (byId.has(id) && byId.get(id)?.state !== 'BROKEN') || hung.has(keyOf(id)))
    .map((id) => `${side}:${id}:deleted`);
  return { changes: [...changed, ...deleted], isWhole: seen.isWhole };
}

/** Of records without coupling those that a run takes up also where it creates nothing: in the place of one that is gone. */
async function madeAgainAmong(
  couplings: WatchDependencies['couplings'],
  compiled: CompiledMapping,
  side: Side,
  rows: readonly SourceRow[],
): Promise<ReadonlySet<SourceRow>> {
  const groups = matchGroupsOf(compiled);
  const inside = rows.filter(({ values }) => compiled.inFilter[side](values));
  if (groups.length === 0 || inside.length === 0) return new Set();
  const pairs = await couplings.brokenPairs(compiled.mapping.id, null, BROKEN_LOOKED_AT);
  // More than can be looked at now: the run finds out.
  if (pairs.length === BROKEN_LOOKED_AT) return new Set(inside);
  const broken = await couplings.byIds(pairs.map(({ _id }) => _id));
  const isMadeAgain = madeAgainOf(groups, side, broken);
  return new Set(inside.filter(({ values }) => isMadeAgain(values)));
}

/** A part concerns a pair that hangs on it, or on all parts of its record. */
async function newsInParts(
  couplings: WatchDependencies['couplings'],
  { mapping }: CompiledMapping,
  { rows, deletedIds, isWhole }: Exclude<PeekedChanges, ConnectorError>,
): Promise<NewsOnSide> {
  const told = [
    ...rows.map((row) => ({ name: `PARTS:${row.id}:${row.version}`, keys: keysOfPart(mapping, row) })),
    ...deletedIds.map((id) => ({ name: `PARTS:${id}:deleted`, keys: [referenceKey(mapping.name, 'SALES', id)] })),
  ];
  const hung = await couplings.hungKeys(
    mapping.connectionSetupId,
    told.flatMap(({ keys }) => keys),
  );
  return { changes: told.filter(({ keys }) => keys.some((key) => hung.has(key))).map(({ name }) => name), isWhole };
}
