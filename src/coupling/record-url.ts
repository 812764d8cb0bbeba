import type { Side } from '../synch/synch-error.js';

/** The part of an end point that links to its records are made from. */
export interface WebAddress {
  /** Where people open records in a browser; null when nobody said. */
  readonly webUrl: string | null;
  readonly company: string | null;
}

/** The table behind an entity set of the business system, and the list page that shows it (Business Central base application). */
const businessPages: Readonly<Record<string, { readonly table: string; readonly page: number }>> = {
  customers: { table: 'Customer', page: 22 },
  contacts: { table: 'Contact', page: 5052 },
  items: { table: 'Item', page: 31 },
  resources: { table: 'Resource', page: 77 },
  salespeople: { table: 'Salesperson/Purchaser', page: 14 },
  salespersons: { table: 'Salesperson/Purchaser', page: 14 },
  salespeoplePurchasers: { table: 'Salesperson/Purchaser', page: 14 },
  currencies: { table: 'Currency', page: 5 },
  unitsOfMeasure: { table: 'Unit of Measure', page: 209 },
  customerPriceGroups: { table: 'Customer Price Group', page: 7 },
  salesInvoices: { table: 'Sales Invoice Header', page: 143 },
};

/** A page that opens a record in a browser; null where there is none, or nobody said where records are opened. */
export function recordUrl(side: Side, endpoint: WebAddress, entitySet: string, id: string | null): string | null {
  if (endpoint.webUrl === null || id === null) return null;
  return side === 'SALES' ? salesUrl(endpoint.webUrl, entitySet, id) : businessUrl(endpoint, entitySet, id);
}

/** Model-driven apps open a form by the logical name of its table. */
function salesUrl(webUrl: string, entitySet: string, id: string): string {
  const url = new URL('main.aspx', withSlash(webUrl));
  url.search = new URLSearchParams({ pagetype: 'entityrecord', etn: logicalName(entitySet), id }).toString();
  return url.href;
}

/** The web client opens a list page filtered to one record; blanks in a filter have to be %20. */
function businessUrl({ webUrl, company }: WebAddress, entitySet: string, id: string): string | null {
  const shown = businessPages[entitySet];
  if (shown === undefined || webUrl === null) return null;
  const filter = `'${shown.table}'.'SystemId' IS '${id}'`;
  const parts = [
    ...(company === null ? [] : [['company', company]]),
    ['page', String(shown.page)],
    ['filter', filter],
  ].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  return `${withSlash(webUrl)}?${parts.join('&')}`;
}

const withSlash = (address: string): string => (address.endsWith('/') ? address : `${address}/`);

/** Entity sets are named by the plural of their table's logical name, formed in the English way. */
function logicalName(entitySet: string): string {
  if (entitySet.endsWith('ies')) return `${entitySet.slice(0, -3)}y`;
  if (/(s|x|z|ch|sh)es$/.test(entitySet)) return entitySet.slice(0, -2);
  return entitySet.endsWith('s') ? entitySet.slice(0, -1) : entitySet;
}
