import type { Coupling } from '../../coupling/coupling.js';
import type { SynchRun } from '../synch-run.js';
import { isMendedBySynchronization, unitGroupFault } from '../unit-group-fault.js';
import { type KnownUnitGroup, UnitGroups } from '../unit-groups.js';
import { refused, type Step, writeSales } from './step.js';

/** The groups of the units of measure of a chunk of pairs, read together when the first of them is asked for. */
export class UnitGroupsOfPairs {
  #read: Promise<ReadonlyMap<string, KnownUnitGroup>> | null = null;

  constructor(
    private readonly run: SynchRun,
    private readonly couplings: readonly Coupling[],
  ) {}

  async of({ salesId }: Coupling): Promise<KnownUnitGroup | undefined> {
    const { name } = this.run.compiled.mapping;
    this.#read ??= new UnitGroups(this.run).of(name, this.couplings);
    return (await this.#read).get(salesId ?? '');
  }
}

/**
 * The unit group of a unit of measure is the only one of its name, is active and has one unit, its base unit, of quantity 1,
 * called like the code: one of another name is renamed. Products are sold in it, so it is kept with the coupling, which hangs
 * on all that could make it otherwise.
 */
export const completeUnitGroup: Step = async (context, coupling) => {
  const known = await context.unitGroups.of(coupling);
  if (known === undefined) return {};
  const { expected, units, hangsOn } = known;
  const fault = unitGroupFault(expected, known);
  if (fault !== null && !isMendedBySynchronization(fault)) throw refused(fault.code, fault.message, hangsOn);
  const [unit] = units;
  if (unit === undefined) return { hangsOn };
  const { id, version } = unit;
  if (fault?.code === 'UNIT_NAME')
    await writeSales(context, 'uoms', [], [{ kind: 'UPDATE', id, version, values: { name: expected.unitName } }]);
  return { related: { uoms: id }, hangsOn };
};
