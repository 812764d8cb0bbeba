import { type EntitySetDefinition, id, lastModified, text } from './entity-set.js';
import {
  opportunities,
  opportunitiesWithExtras,
  salesInvoiceLines,
  salesInvoiceLinesWithExtras,
  salesInvoices,
  salesInvoicesWithExtras,
  salesOrders,
  salesOrdersWithExtras,
} from './sets/invoices.js';
import {
  contacts,
  contactsWithExtras,
  customers,
  customersWithExtras,
  vendors,
  vendorsWithExtras,
} from './sets/parties.js';
import { customerPriceGroups, salesPrices } from './sets/prices.js';
import { items, itemsWithExtras, resources, unitsOfMeasure } from './sets/products.js';
import { currenciesWithRate, setupExtras, setupSets } from './sets/setup.js';

/** The sets of one API, found by name. */
export interface Api {
  /** `v2.0` or the publisher, group and version of a custom API. */
  readonly route: string;
  readonly sets: readonly EntitySetDefinition[];
}

/** The standard API. */
export const standardApi: Api = {
  route: 'v2.0',
  sets: [
    ...setupSets,
    customers,
    contacts,
    vendors,
    unitsOfMeasure,
    items,
    salesInvoices,
    salesInvoiceLines,
    salesOrders,
    opportunities,
  ],
};

/** Sets that the custom API shows with more fields. */
const extended = [
  currenciesWithRate,
  customersWithExtras,
  contactsWithExtras,
  itemsWithExtras,
  salesInvoicesWithExtras,
  salesInvoiceLinesWithExtras,
  salesOrdersWithExtras,
  opportunitiesWithExtras,
  vendorsWithExtras,
];

/** The custom API: the same sets with the fields that the standard one lacks, and the tables that it lacks. */
export const companionApi: Api = {
  route: 'tandem/companion/v1.0',
  sets: [
    ...standardApi.sets.map((set) => extended.find((one) => one.entitySet === set.entitySet) ?? set),
    ...setupExtras,
    resources,
    customerPriceGroups,
    salesPrices,
  ],
};

/** The list of companies, which belongs to no company. */
export const companies: EntitySetDefinition = {
  entitySet: 'companies',
  entityType: 'company',
  table: 'companies',
  caption: 'Company',
  readOnly: true,
  properties: [
    id,
    text('systemVersion', 50, 'System Version'),
    text('name', 30, 'Name'),
    text('displayName', 250, 'Display Name'),
    text('businessProfileId', 250, 'Business Profile Id'),
    { ...lastModified, name: 'systemCreatedAt' },
    { ...lastModified, name: 'systemModifiedAt' },
  ],
  navigation: [],
};

export const setOf = (api: Api, name: string): EntitySetDefinition | undefined =>
  api.sets.find((set) => set.entitySet === name);
