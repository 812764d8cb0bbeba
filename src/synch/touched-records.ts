import type { ChangePage, SourceRow } from '../connectors/connector.js';
import { type Coupling, referenceKey } from '../coupling/coupling.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { idOn, stateOn } from './pair-work.js';
import type { Side } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { tableRuleOf } from './table-rules.js';

/** Keys by which pairs may hang on a record: its own, those of whatever refers to the same records, and the one of its name. */
export function keysOfRow(
  { mapping, fields }: Pick<CompiledMapping, 'mapping' | 'fields'>,
  side: Side,
  { id, values }: Pick<SourceRow, 'id' | 'values'>,
): readonly string[] {
  const { namedBy } = tableRuleOf(mapping.integrationTable);
  const name = side === 'SALES' && namedBy !== undefined ? (values[namedBy] ?? null) : null;
  return [
    referenceKey(mapping.name, side, id),
    ...(name === null ? [] : [referenceKey(mapping.name, side, String(name))]),
    ...fields.flatMap(({ lookup, field, integrationField }) => {
      const value = values[side === 'BUSINESS' ? field : integrationField] ?? null;
      return lookup === null || lookup.isOption || value === null
        ? []
        : [referrersKey(referenceKey(lookup.mappingName, side, String(value)))];
    }),
  ];
}

/** Names all that refers to a record, so that a pair may hang on those without hanging on the record itself, and the other way. */
export const referrersKey = (key: string): string => `${key}/referrers`;

/** Keys by which pairs may hang on a part of a Dataverse record. */
export function keysOfPart(
  { name, integrationTable }: Pick<IntegrationTableMapping, 'name' | 'integrationTable'>,
  { id, values }: Pick<SourceRow, 'id' | 'values'>,
): readonly string[] {
  const { parts = { table: '', parent: '' } } = tableRuleOf(integrationTable);
  return [referenceKey(name, 'SALES', id), partsKey(name, String(values[parts.parent] ?? ''), parts.table)];
}

/** Names the parts of a Dataverse record as a whole, so that a new one is noticed too. */
export const partsKey = (mappingName: string, salesId: string, table: string): string =>
  referenceKey(mappingName, 'SALES', `${salesId}/${table}`);

/** Names of the mappings in the keys of rows of a mapping. */
export const mappingsInKeys = ({ mapping, fields }: Pick<CompiledMapping, 'mapping' | 'fields'>): readonly string[] => [
  ...new Set([
    mapping.name,
    ...fields.flatMap(({ lookup }) => (lookup === null || lookup.isOption ? [] : [lookup.mappingName])),
  ]),
];

/**
 * What changed in the tables of a mapping may be what pairs hang on, of this mapping or of another one: those are taken up,
 * and the entries of their mappings woken.
 */
export class TouchedRecords {
  private constructor(
    private readonly run: SynchRun,
    private readonly isHungOn: boolean,
  ) {}

  static async open(run: SynchRun): Promise<TouchedRecords> {
    const { compiled, stores } = run;
    const { connectionSetupId } = compiled.mapping;
    return new TouchedRecords(run, await stores.couplings.isHungOn(connectionSetupId, mappingsInKeys(compiled)));
  }

  /** Call it for each page of changes, after the page is staged. */
  async tell(side: Side, { rows, deletedIds }: Pick<ChangePage, 'rows' | 'deletedIds'>): Promise<void> {
    const { compiled, stores } = this.run;
    const steps = side === 'SALES' ? tableRuleOf(compiled.mapping.integrationTable).whenTouched : undefined;
    if ((!this.isHungOn && steps === undefined) || rows.length + deletedIds.length === 0) return;
    const ids = [...rows.map(({ id }) => id), ...deletedIds];
    const couplings = await stores.couplings.byRecordIds(compiled.mapping.id, side, ids);
    const known = new Map(couplings.map((coupling) => [idOn(coupling, side) ?? '', coupling]));
    // A row at the version that its coupling knows was told before, or was written by us.
    const changed = rows.filter(({ id, version }) => versionOn(known.get(id), side) !== version);
    const keys = [
      ...changed.flatMap((row) => keysOfRow(compiled, side, row)),
      ...deletedIds.map((id) => referenceKey(compiled.mapping.name, side, id)),
      // What a record referred to before it was changed or deleted.
      ...[...changed.map(({ id }) => id), ...deletedIds].flatMap((id) => keysBefore(known.get(id))),
    ];
    await this.#takeUp([...new Set(keys)]);
    if (steps !== undefined)
      await stores.couplings.openSteps(
        compiled.mapping.id,
        steps,
        { salesIds: changed.map(({ id }) => id), keys },
        this.run.now(),
      );
  }

  async #takeUp(keys: readonly string[]): Promise<void> {
    const { compiled, stores, now } = this.run;
    const { connectionSetupId, id } = compiled.mapping;
    const mappingIds = await stores.couplings.takeUpHanging({ connectionSetupId }, keys, now());
    // Those of this mapping are taken up by this run, which goes on with what is due.
    const others = mappingIds.filter((mappingId) => mappingId !== id);
    if (others.length > 0) await this.run.wakeMappings(others);
  }
}

/** The version at which a coupling knows the record of a side; null without coupling. */
export const versionOn = (coupling: Coupling | undefined, side: Side): string | null =>
  coupling === undefined ? null : stateOn(coupling, side).version;

const keysBefore = (coupling: Coupling | undefined): readonly string[] =>
  coupling === undefined ? [] : [...(coupling.refs ?? []), ...coupling.waitingKeys].map(referrersKey);
