import type { TableDefinition } from '../table-definition.js';
import { invoiceLineRules, invoiceRules, opportunityRules, orderRules } from './documents.js';
import { currencyRules, personRules } from './parties.js';
import { priceListRules, priceRules } from './prices.js';
import { productRules } from './products.js';
import type { TableRules } from './table-rules.js';
import { unitGroupRules, unitRules } from './units.js';

const rules: Readonly<Record<string, TableRules>> = {
  contact: personRules,
  systemuser: personRules,
  transactioncurrency: currencyRules,
  uomschedule: unitGroupRules,
  uom: unitRules,
  product: productRules,
  pricelevel: priceListRules,
  productpricelevel: priceRules,
  opportunity: opportunityRules,
  salesorder: orderRules,
  invoice: invoiceRules,
  invoicedetail: invoiceLineRules,
};

const none: TableRules = {};

/** The rules of a table; empty for a table that only stores its columns. */
export const rulesOf = (table: TableDefinition): TableRules => rules[table.logicalName] ?? none;
