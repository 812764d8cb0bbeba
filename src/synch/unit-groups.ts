import type { SourceRow } from '../connectors/connector.js';
import { chunksOf } from '../connectors/odata/parallel.js';
import { type Coupling, referenceKey } from '../coupling/coupling.js';
import { filterOneOf } from '../mapping/filter/print-filter.js';
import type { SynchRun } from './synch-run.js';
import { partsKey } from './touched-records.js';
import type { ExpectedUnitGroup, UnitGroupRows } from './unit-group-fault.js';

const GROUPS = 'uomschedules';
const UNITS = 'uoms';
const groupFields = ['name', 'statecode'];
const unitFields = ['name', 'quantity', 'isschedulebaseuom', 'uomscheduleid'];

/** Groups that are asked for together: their ids and names stay far below what an address may hold. */
const GROUPS_AT_ONCE = 25;

/** A unit group with its units, and the keys of all that decides whether it is as it should be. */
export interface KnownUnitGroup extends UnitGroupRows {
  readonly expected: ExpectedUnitGroup;
  readonly hangsOn: readonly string[];
}

/** What a unit of measure and its group have to be called, as both sides last agreed on it. */
export function expectedUnitGroup({ salesId, title, bases }: Coupling): ExpectedUnitGroup {
  const agreed = (column: string) => bases.find(({ integrationField }) => integrationField === column);
  const code = agreed('name')?.business ?? agreed('baseuomname')?.business ?? null;
  const name = agreed('name')?.sales ?? null;
  return {
    id: salesId ?? '',
    name: name === null ? null : String(name),
    unitName: code === null ? null : String(code),
    title,
  };
}

/** Unit groups as Dataverse has them at this moment; each is read once by a chunk of pairs, and many together. */
export class UnitGroups {
  readonly #known = new Map<string, KnownUnitGroup>();

  constructor(private readonly run: SynchRun) {}

  /** The groups that units of measure are coupled with, by the id of the group. */
  async of(mappingName: string, couplings: readonly Coupling[]): Promise<ReadonlyMap<string, KnownUnitGroup>> {
    const asked = couplings.map(expectedUnitGroup).filter(({ id }) => id !== '' && !this.#known.has(id));
    for (const some of chunksOf(asked, GROUPS_AT_ONCE)) await this.#read(mappingName, some);
    return this.#known;
  }

  async #read(mappingName: string, expected: readonly ExpectedUnitGroup[]): Promise<void> {
    const ids = expected.map(({ id }) => id);
    const named = await this.#find(GROUPS, groupFields, {
      field: 'name',
      texts: expected.flatMap(({ name }) => name ?? []),
    });
    const unseen = ids.filter((id) => !named.some((group) => group.id === id));
    const request = { table: GROUPS, fields: groupFields, ids: unseen };
    const renamed = unseen.length === 0 ? [] : await this.run.connectors.SALES.readByIds(request, this.run.signal);
    const units = await this.#find(UNITS, unitFields, { field: 'uomscheduleid', texts: ids });
    for (const one of expected) {
      const namesakes = one.name === null ? [] : named.filter(({ values }) => values['name'] === one.name);
      const ofGroup = units.filter(({ values }) => values['uomscheduleid'] === one.id);
      this.#known.set(one.id, {
        expected: one,
        group: [...named, ...renamed].find(({ id }) => id === one.id),
        namesakes,
        units: ofGroup,
        hangsOn: keysOf(mappingName, one, [...namesakes.filter(({ id }) => id !== one.id), ...ofGroup]),
      });
    }
  }

  async #find(
    table: string,
    fields: readonly string[],
    { field, texts }: { readonly field: string; readonly texts: readonly string[] },
  ): Promise<readonly SourceRow[]> {
    if (texts.length === 0) return [];
    const found: SourceRow[] = [];
    const filter = [{ field, expression: filterOneOf([...new Set(texts)]) }];
    for await (const rows of this.run.connectors.SALES.readMatching({ table, fields, filter }, this.run.signal))
      found.push(...rows);
    return found;
  }
}

const keysOf = (
  mappingName: string,
  { id, name }: ExpectedUnitGroup,
  rows: readonly SourceRow[],
): readonly string[] => [
  partsKey(mappingName, id, UNITS),
  ...(name === null ? [] : [referenceKey(mappingName, 'SALES', name)]),
  ...rows.map((row) => referenceKey(mappingName, 'SALES', row.id)),
];
