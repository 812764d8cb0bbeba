import type { FieldValue, TableMetadata } from '../mapping/field-value.js';

/** What has to be done with a Dataverse record after it was created by us, or coupled. */
export type StepName = 'COMPLETE_UNIT_GROUP' | 'ACTIVATE_PRODUCT';

/** What a record of the business system has to be like before anything is written to Dataverse for it. */
export interface Requirement {
  readonly field: string;
  readonly code: string;
  readonly message: string;
  holds(value: FieldValue): boolean;
}

/** By entity set of the business system. */
const requirements: Readonly<Record<string, readonly Requirement[]>> = {
  customerPriceGroups: [
    {
      field: 'priceCurrencyCount',
      code: 'SEVERAL_CURRENCIES',
      message: 'its sales prices are in several currencies, and a price list has one: split the group',
      holds: (value) => value === null || Number(value) <= 1,
    },
  ],
};

/** The requirements whose fields the system tells. */
export const requirementsOf = (table: TableMetadata): readonly Requirement[] =>
  (requirements[table.name] ?? []).filter(({ field }) => table.fields.has(field));

/** What a Dataverse table asks for beyond the copying of fields. */
export interface TableRule {
  /** Records are only coupled, on neither side created: a user is no salesperson before somebody says so. */
  readonly neverCreated?: true;
  /** Steps once both records of a pair exist, however they were found. */
  readonly whenCoupled?: readonly StepName[];
  /** Further steps for a record that we created there. */
  readonly whenCreated?: readonly StepName[];
}

/** By entity set of Dataverse. */
const tableRules: Readonly<Record<string, TableRule>> = {
  systemusers: { neverCreated: true },
  // A product refers to a group and to a unit of it: the one unit of the group is kept with the coupling.
  uomschedules: { whenCoupled: ['COMPLETE_UNIT_GROUP'] },
  // Dataverse makes products as drafts, which nobody can sell.
  products: { whenCreated: ['ACTIVATE_PRODUCT'] },
};

export const tableRuleOf = (integrationTable: string): TableRule => tableRules[integrationTable] ?? {};

/** The steps of a pair that is complete now. */
export const stepsOf = (integrationTable: string, created: boolean): readonly StepName[] => {
  const { whenCoupled = [], whenCreated = [] } = tableRuleOf(integrationTable);
  return created ? [...whenCoupled, ...whenCreated] : whenCoupled;
};
