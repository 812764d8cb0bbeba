import type { TableDefinition } from './table-definition.js';
import { businessUnit, organization, systemUser, team, transactionCurrency } from './tables/administration.js';
import { invoice, invoiceDetail, opportunity, salesOrder } from './tables/documents.js';
import { account, contact } from './tables/parties.js';
import { priceLevel, product, productPriceLevel, unit, unitGroup } from './tables/products.js';

/** Every table of the sandbox's organisation. */
export const tables: readonly TableDefinition[] = [
  account,
  contact,
  transactionCurrency,
  unitGroup,
  unit,
  product,
  priceLevel,
  productPriceLevel,
  opportunity,
  salesOrder,
  invoice,
  invoiceDetail,
  systemUser,
  team,
  businessUnit,
  organization,
];

const bySetName = new Map(tables.map((table) => [table.entitySetName, table]));
const byLogicalName = new Map(tables.map((table) => [table.logicalName, table]));

/** The table of an entity set; names are case-sensitive. */
export const tableOfSet = (entitySetName: string): TableDefinition | undefined => bySetName.get(entitySetName);

export const tableNamed = (logicalName: string): TableDefinition | undefined => byLogicalName.get(logicalName);
