import { randomUUID } from 'node:crypto';
import { salesTable } from '../../world/world.js';
import { rowsOf } from '../context.js';
import { DataverseError } from '../errors.js';
import { idIn, invalidArgument, type TableRules } from './table-rules.js';

/** A new group gets its base unit with it. */
export const unitGroupRules: TableRules = {
  afterInsert: (context, group) => {
    context.world.put({
      table: salesTable('uom'),
      id: randomUUID(),
      by: context.userId,
      values: {
        name: group.values['baseuomname'] ?? null,
        quantity: 1,
        uomscheduleid: group.id,
        baseuom: null,
        isschedulebaseuom: true,
      },
    });
  },
};

/** Every other unit of a group is measured in another unit of it, by default the base unit. */
export const unitRules: TableRules = {
  beforeWrite: ({ context, given, values, before }) => {
    const units = rowsOf(context, 'uom');
    if (before?.values['isschedulebaseuom'] === true) {
      if (given['quantity'] !== undefined && given['quantity'] !== 1)
        throw new DataverseError(
          400,
          '0x80043b18',
          'Do not modify the Quantity field when you update the primary unit.',
        );
      return;
    }
    values['isschedulebaseuom'] = false;
    const group = idIn(values, 'uomscheduleid');
    values['baseuom'] ??=
      units.find((row) => row.values['uomscheduleid'] === group && row.values['isschedulebaseuom'] === true)?.id ??
      null;
    if (units.get(idIn(values, 'baseuom'))?.values['uomscheduleid'] !== group)
      throw invalidArgument('The base unit does not belong to the unit group.');
  },
};
