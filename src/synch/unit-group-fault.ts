import type { FieldValues } from '../mapping/field-value.js';

/** The unit group that a unit of measure is coupled with, and how it has to be called. */
export interface ExpectedUnitGroup {
  readonly id: string;
  /** Null where the mapping gives it no name. */
  readonly name: string | null;
  /** What its one unit is called; null where the mapping does not say. */
  readonly unitName: string | null;
  /** What a person would call the unit of measure. */
  readonly title: string;
}

/** A row of Dataverse as it was read. */
export interface UnitRow {
  readonly id: string;
  readonly version: string;
  readonly values: FieldValues;
}

/** What Dataverse has of it. */
export interface UnitGroupRows {
  /** Undefined when it is gone. */
  readonly group: UnitRow | undefined;
  /** All groups of the expected name. */
  readonly namesakes: readonly UnitRow[];
  readonly units: readonly UnitRow[];
}

/** Why no product can be sold in the group, with what to do about it. */
export interface UnitGroupFault {
  readonly code: string;
  readonly message: string;
}

/** Faults that the synchronization of the unit of measure mends itself: until it has, no product is put on the group. */
export const isMendedBySynchronization = ({ code }: UnitGroupFault): boolean =>
  code === 'UNIT_GROUP_NAME' || code === 'UNIT_NAME';

/**
 * A product is sold in exactly one active group of the expected name, with exactly one unit, which is its base unit, has the
 * quantity 1 and is called like the code. Answers the first thing that is otherwise; null when all is as it should be.
 */
export function unitGroupFault(
  expected: ExpectedUnitGroup,
  { group, namesakes, units }: UnitGroupRows,
): UnitGroupFault | null {
  const { title, name, unitName } = expected;
  const theGroup = `the unit group of ${title}`;
  const fault = (code: string, message: string): UnitGroupFault => ({ code, message: `${theGroup} ${message}` });
  if (group === undefined)
    return fault(
      'UNIT_GROUP_MISSING',
      'is gone from Dataverse: couple the unit of measure with another one, or make it anew',
    );
  const others = namesakes.filter(({ id }) => id !== group.id);
  if (others.length > 0)
    return fault(
      'UNIT_GROUP_DUPLICATE',
      `is not the only one called ${name}: rename or delete the other one in Dataverse (${others.map(({ id }) => id).join(', ')})`,
    );
  if (name !== null && group.values['name'] !== name)
    return fault(
      'UNIT_GROUP_NAME',
      `is called ${String(group.values['name'])}, and ${name} is expected: the next run of the units of measure puts the name back`,
    );
  if (group.values['statecode'] !== '0') return fault('UNIT_GROUP_INACTIVE', 'is inactive: activate it in Dataverse');
  const [unit] = units;
  if (unit === undefined) return fault('UNIT_GROUP_EMPTY', 'has no unit: add one of quantity 1 in Dataverse');
  if (units.length > 1)
    return fault(
      'UNIT_GROUP_UNITS',
      `has ${units.length} units, and exactly one is expected: remove the others in Dataverse`,
    );
  return unitFault(fault, unit, unitName);
}

function unitFault(
  fault: (code: string, message: string) => UnitGroupFault,
  { values }: UnitRow,
  unitName: string | null,
): UnitGroupFault | null {
  if (values['quantity'] !== '1')
    return fault(
      'UNIT_QUANTITY',
      `has a unit of the quantity ${String(values['quantity'])}, and 1 is expected: set it in Dataverse`,
    );
  if (values['isschedulebaseuom'] === false)
    return fault(
      'UNIT_NOT_BASE',
      'has a unit that is not its base unit: make a new group in Dataverse, or synchronize the unit of measure into one',
    );
  return unitName === null || values['name'] === unitName
    ? null
    : fault(
        'UNIT_NAME',
        `has a unit called ${String(values['name'])}, and ${unitName} is expected: the next run of the units of measure puts the name back`,
      );
}
