import type { FieldValue, TableMetadata } from '../mapping/field-value.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { offeredName } from './offered-name.js';
import type { Side } from './synch-error.js';

/** What has to be done with the Dataverse record of a pair after it was created by us, coupled, or written. */
export type StepName =
  | 'COMPLETE_UNIT_GROUP'
  | 'PRICE_IN_DEFAULT_LIST'
  | 'ACTIVATE_PRODUCT'
  | 'FIRST_CONTACT'
  | 'SUBMIT_ORDER'
  | 'INVOICE_LINES';

/** What a record of the business system has to be like before anything is written to Dataverse for it. */
export interface Requirement {
  /** Names of the field, as Business Central's API and a page of NAV have it. */
  readonly fields: readonly string[];
  readonly code: string;
  readonly message: string;
  /** It is asked of records that are created there alone: one that is there already goes on without it. */
  readonly ofNewRecords?: true;
  holds(value: FieldValue): boolean;
}

/** A product is sold in a unit of a group. */
const hasBaseUnit: Requirement = {
  fields: ['baseUnitOfMeasureId', 'Base_Unit_of_Measure'],
  code: 'NO_BASE_UNIT',
  message: 'it has no base unit of measure, which a product needs: give it one in the business system',
  // A family of products, which is coupled with an item, has no unit.
  ofNewRecords: true,
  holds: (value) => value !== null,
};

/** By entity set of the business system. */
const requirements: Readonly<Record<string, readonly Requirement[]>> = {
  items: [hasBaseUnit],
  resources: [hasBaseUnit],
  customerPriceGroups: [
    {
      fields: ['priceCurrencyCount', 'Price_Currency_Count'],
      code: 'SEVERAL_CURRENCIES',
      message: 'its sales prices are in several currencies, and a price list has one: split the group',
      holds: (value) => value === null || Number(value) <= 1,
    },
  ],
  salesInvoices: [
    {
      fields: ['hasBlockedLine', 'Has_Blocked_Line'],
      code: 'BLOCKED_LINE',
      message: 'an item or a resource of one of its lines is blocked: unblock it, then synchronize the invoice again',
      holds: (value) => value !== true,
    },
  ],
};

/** The requirements whose fields the system tells, each with the name that the field has there. */
export const requirementsOf = (table: TableMetadata): readonly (Requirement & { readonly field: string })[] =>
  (requirements[table.standsFor ?? table.name] ?? []).flatMap((requirement) => {
    const field = offeredName(table, requirement.fields);
    return field === null ? [] : [{ ...requirement, field }];
  });

/** What a Dataverse table asks for beyond the copying of fields. */
export interface TableRule {
  /** Records are only coupled, on neither side created: a user is no salesperson before somebody says so. */
  readonly neverCreated?: true;
  /** Records go with those of this table, by a step of theirs; their mapping has no run of its own. */
  readonly goesWith?: string;
  /**
   * Columns of a record that we create there and whose value is not kept in step afterwards, by field of the business system:
   * its names in Business Central's API and on a page of NAV.
   */
  readonly createdWith?: Readonly<Record<string, readonly string[]>>;
  /** Steps once both records of a pair exist, however they were found. */
  readonly whenCoupled?: readonly StepName[];
  /** Further steps for a record that we created there. */
  readonly whenCreated?: readonly StepName[];
  /** Further steps for a pair of which we created one record, on whichever side. */
  readonly whenCreatedOnEitherSide?: readonly StepName[];
  /** Steps once one of these columns of a record there was written; without columns, once any was. */
  readonly whenWritten?: { readonly columns?: readonly string[]; readonly steps: readonly StepName[] };
  /** Columns that take part only once all steps of the pair are done: what they say before is about a record half made. */
  readonly settledLast?: readonly string[];
  /**
   * While the column has another value, the record takes changes of the columns that are settled last alone; or, where values
   * are given that open it, it is written after these were.
   */
  readonly openWhile?: {
    readonly column: string;
    readonly value: string;
    readonly openedBy?: Readonly<Record<string, string>>;
  };
  /** Columns of a record that we create there which the organisation has a setting for, by the column of the setting. */
  readonly createdBySetting?: Readonly<Record<string, string>>;
  /** Columns whose value goes into a field of the business system only while that is blank. */
  readonly intoBlankOnly?: readonly string[];
  /** Steps once more when the record, one of its parts, or another one of its name changed in Dataverse. */
  readonly whenTouched?: readonly StepName[];
  /** A further table of Dataverse whose rows are parts of the records, with the column that names the record. */
  readonly parts?: { readonly table: string; readonly parent: string };
  /** The column by which records are told apart besides their ids: two of one name concern each other. */
  readonly namedBy?: string;
  /**
   * The columns that tell a record from all others: one that is to be created is coupled instead with the one that has their
   * values already, in every run and however the mapping is set up.
   */
  readonly standsOnceBy?: readonly string[];
}

const states = ['statecode', 'statuscode'];

/** By entity set of Dataverse. */
const tableRules: Readonly<Record<string, TableRule>> = {
  systemusers: { neverCreated: true },
  transactioncurrencies: {
    createdBySetting: { currencyprecision: 'currencydecimalprecision' },
    standsOnceBy: ['isocurrencycode'],
  },
  // Who is blocked for some other reason stays so.
  accounts: { intoBlankOnly: ['statecode'] },
  // A product refers to a group and to a unit of it: the one unit of the group is kept with the coupling.
  uomschedules: {
    whenCoupled: ['COMPLETE_UNIT_GROUP'],
    whenWritten: { columns: ['name'], steps: ['COMPLETE_UNIT_GROUP'] },
    whenTouched: ['COMPLETE_UNIT_GROUP'],
    parts: { table: 'uoms', parent: 'uomscheduleid' },
    namedBy: 'name',
    standsOnceBy: ['name'],
  },
  productpricelevels: { standsOnceBy: ['pricelevelid', 'productid', 'uomid'] },
  products: {
    // Without a price on a list nobody can sell it.
    whenCoupled: ['PRICE_IN_DEFAULT_LIST'],
    // Dataverse makes products as drafts, which nobody can sell either.
    whenCreated: ['ACTIVATE_PRODUCT'],
    whenWritten: { columns: ['price', 'defaultuomid'], steps: ['PRICE_IN_DEFAULT_LIST'] },
    settledLast: states,
  },
  // A company without a primary contact has one as soon as it has a contact.
  contacts: { whenCreatedOnEitherSide: ['FIRST_CONTACT'] },
  invoices: {
    createdWith: {
      name: ['number', 'No'],
      description: ['shipmentMethodDescription', 'Shipment_Method_Description'],
    },
    whenCreated: ['INVOICE_LINES'],
    // An invoice that is paid takes no lines any more.
    settledLast: states,
    openWhile: { column: 'statecode', value: '0' },
  },
  invoicedetails: { goesWith: 'invoices' },
  // An order that the business system has is submitted, and a submitted one takes no changes: it is opened for them.
  salesorders: {
    whenCreated: ['SUBMIT_ORDER'],
    whenWritten: { steps: ['SUBMIT_ORDER'] },
    openWhile: { column: 'statecode', value: '0', openedBy: { statecode: '0', statuscode: '1' } },
  },
};

export const tableRuleOf = (integrationTable: string): TableRule => tableRules[integrationTable] ?? {};

/** Why a mapping has no run of its own, in words; null for one that has. */
export function whyNeverAlone({
  kind,
  integrationTable,
}: Pick<IntegrationTableMapping, 'kind' | 'integrationTable'>): string | null {
  if (kind === 'OPTION') return 'it couples options, which are read before each full synchronization';
  const { goesWith } = tableRuleOf(integrationTable);
  return goesWith === undefined ? null : `its records go with those of ${goesWith}, so run the mapping of these`;
}

/** The steps of a pair that is complete now: coupled, or with a record that we created on a side. */
export const stepsOf = (integrationTable: string, createdOn: Side | null): readonly StepName[] => {
  const { whenCoupled = [], whenCreated = [], whenCreatedOnEitherSide = [] } = tableRuleOf(integrationTable);
  return [
    ...whenCoupled,
    ...(createdOn === 'SALES' ? whenCreated : []),
    ...(createdOn === null ? [] : whenCreatedOnEitherSide),
  ];
};

/** Whether anything is to be done with a record of the table after it was coupled, created or written. */
export function hasSteps(integrationTable: string): boolean {
  const { whenCoupled, whenCreated, whenCreatedOnEitherSide, whenWritten } = tableRuleOf(integrationTable);
  return [whenCoupled, whenCreated, whenCreatedOnEitherSide, whenWritten].some((rule) => rule !== undefined);
}

/** A write that landed. */
interface Landed {
  readonly side: Side;
  readonly kind: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly values: Readonly<Record<string, FieldValue>>;
}

/** The steps of a pair after one of its records was written: those that were open, and what the write asks for. */
export function stepsAfterWrite(
  integrationTable: string,
  { side, kind, values }: Landed,
  open: readonly string[],
): readonly string[] {
  if (kind === 'CREATE') return stepsOf(integrationTable, side);
  const { columns, steps = [] } = tableRuleOf(integrationTable).whenWritten ?? {};
  if (side !== 'SALES' || columns?.some((column) => column in values) === false) return open;
  return [...open, ...steps.filter((step) => !open.includes(step))];
}
