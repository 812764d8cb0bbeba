import type { Coupling } from '../../coupling/coupling.js';
import { refused, type Step, writeSales } from './step.js';

const groupFields = ['baseuomname', 'statecode'];
const unitFields = ['name', 'quantity', 'isschedulebaseuom'];

/**
 * The unit group of a unit of measure is active and has one unit, its base unit, of quantity 1, called like the code: one of
 * another name is renamed. Products are sold in it, so it is kept with the coupling.
 */
export const completeUnitGroup: Step = async (context, coupling) => {
  const { run } = context;
  const { salesId, title } = coupling;
  const { SALES } = run.connectors;
  const [group] = await SALES.readByIds(
    { table: 'uomschedules', fields: groupFields, ids: [salesId ?? ''] },
    run.signal,
  );
  if (group?.values['statecode'] !== '0')
    throw refused('UNIT_GROUP_INACTIVE', `the unit group of ${title} is inactive: activate it in Dataverse`);
  const units = await SALES.find({ table: 'uoms', fields: unitFields, equal: { uomscheduleid: salesId } }, run.signal);
  const [unit] = units;
  if (unit === undefined)
    throw refused('UNIT_GROUP_EMPTY', `the unit group of ${title} has no unit: add one of quantity 1 in Dataverse`);
  if (units.length > 1)
    throw refused(
      'UNIT_GROUP_UNITS',
      `the unit group of ${title} has ${units.length} units, and exactly one is expected: remove the others in Dataverse`,
    );
  if (unit.values['quantity'] !== '1')
    throw refused(
      'UNIT_QUANTITY',
      `the unit of the unit group of ${title} has the quantity ${unit.values['quantity']}, and 1 is expected: set it in Dataverse`,
    );
  if (unit.values['isschedulebaseuom'] === false)
    throw refused(
      'UNIT_NOT_BASE',
      `the unit of the unit group of ${title} is not its base unit: make a new group in Dataverse, or synchronize the unit of measure into one`,
    );
  const code = codeOf(coupling);
  if (code !== null && unit.values['name'] !== code) {
    const { id, version } = unit;
    await writeSales(context, 'uoms', [], [{ kind: 'UPDATE', id, version, values: { name: code } }]);
  }
  return { related: { uoms: unit.id } };
};

/** The code that the unit is called by, as both sides last agreed on it. */
const codeOf = ({ bases }: Coupling): string | null => {
  const base = bases.find(({ field, integrationField }) => field === 'code' && integrationField === 'name');
  return base === undefined || base.business === null ? null : String(base.business);
};
