/**
 * What the metadata of page web services does not tell: which table a page shows, whatever name it was published under,
 * which texts are options or references, and in which field a row tells when it was changed. From the tables and pages of
 * Dynamics NAV 2018; names of fields as the web services make them from captions.
 */
export interface KnownTable {
  /** The entity set of Business Central's API that has the same records. */
  readonly standsFor: string;
  readonly tableNumber: number;
  /** Names that pages of this table are usually published under; the first one is suggested. */
  readonly names: readonly string[];
  /** Fields of the primary key. */
  readonly key: readonly string[];
  /** Fields that only pages of this table have among those with the same key. Empty: only the name tells. */
  readonly marks: readonly string[];
  /** The members of options, in their order, without the blank one. */
  readonly options?: Readonly<Record<string, readonly string[]>>;
  /** Codes that name a record of another table, by what that table stands for. */
  readonly references?: Readonly<Record<string, string>>;
  /** Further codes, beside the key and what ends with "Code". */
  readonly codes?: readonly string[];
  /**
   * What its pages show follows from other tables too, such as what is paid of an invoice: no field and no Integration Record
   * tells when that changed, so the table is read as a whole.
   */
  readonly changesElsewhere?: true;
}

const currency = { Currency_Code: 'currencies' };
const salesperson = { Salesperson_Code: 'salespeoplePurchasers' };

export const knownTables: readonly KnownTable[] = [
  {
    standsFor: 'customers',
    tableNumber: 18,
    names: ['Customer', 'Customers', 'CustomerCard', 'CustomerList'],
    key: ['No'],
    marks: ['Credit_Limit_LCY'],
    options: { Blocked: ['Ship', 'Invoice', 'All'] },
    references: {
      ...currency,
      ...salesperson,
      Payment_Terms_Code: 'paymentTerms',
      Shipment_Method_Code: 'shipmentMethods',
      Shipping_Agent_Code: 'shippingAgents',
      Customer_Price_Group: 'customerPriceGroups',
      Primary_Contact_No: 'contacts',
    },
  },
  {
    standsFor: 'contacts',
    tableNumber: 5050,
    names: ['Contact', 'Contacts', 'ContactCard', 'ContactList'],
    key: ['No'],
    marks: ['Company_Name'],
    options: { Type: ['Company', 'Person'] },
    references: { ...currency, ...salesperson, Company_No: 'contacts', IntegrationCustomerNo: 'customers' },
  },
  {
    standsFor: 'items',
    tableNumber: 27,
    names: ['Item', 'Items', 'ItemCard', 'ItemList'],
    key: ['No'],
    marks: ['Base_Unit_of_Measure', 'Vendor_Item_No'],
    options: { Type: ['Inventory', 'Service', 'Non-Inventory'] },
    references: { Base_Unit_of_Measure: 'unitsOfMeasure' },
    codes: ['Vendor_No'],
  },
  {
    standsFor: 'resources',
    tableNumber: 156,
    names: ['Resource', 'Resources', 'ResourceCard', 'ResourceList'],
    key: ['No'],
    marks: ['Base_Unit_of_Measure', 'Capacity'],
    options: { Type: ['Person', 'Machine'] },
    references: { Base_Unit_of_Measure: 'unitsOfMeasure' },
    codes: ['Vendor_No'],
  },
  {
    standsFor: 'currencies',
    tableNumber: 4,
    names: ['Currencies', 'Currency'],
    key: ['Code'],
    marks: ['Amount_Rounding_Precision'],
  },
  {
    standsFor: 'salespeoplePurchasers',
    tableNumber: 13,
    names: ['SalespersonPurchaser', 'SalespeoplePurchasers', 'Salespersons'],
    key: ['Code'],
    marks: ['Commission_Percent'],
  },
  {
    standsFor: 'unitsOfMeasure',
    tableNumber: 204,
    names: ['UnitsOfMeasure', 'UnitOfMeasure'],
    key: ['Code'],
    marks: ['International_Standard_Code'],
  },
  {
    standsFor: 'paymentTerms',
    tableNumber: 3,
    names: ['PaymentTerms'],
    key: ['Code'],
    marks: ['Due_Date_Calculation'],
  },
  {
    standsFor: 'shipmentMethods',
    tableNumber: 10,
    names: ['ShipmentMethods', 'ShipmentMethod'],
    key: ['Code'],
    marks: [],
  },
  {
    standsFor: 'shippingAgents',
    tableNumber: 291,
    names: ['ShippingAgents', 'ShippingAgent'],
    key: ['Code'],
    marks: ['Internet_Address'],
  },
  {
    standsFor: 'customerPriceGroups',
    tableNumber: 6,
    names: ['CustomerPriceGroups', 'CustomerPriceGroup'],
    key: ['Code'],
    marks: ['Allow_Line_Disc'],
    references: currency,
  },
  {
    standsFor: 'salesPrices',
    tableNumber: 7002,
    names: ['SalesPrices', 'SalesPrice'],
    key: [
      'Item_No',
      'Sales_Type',
      'Sales_Code',
      'Starting_Date',
      'Currency_Code',
      'Variant_Code',
      'Unit_of_Measure_Code',
      'Minimum_Quantity',
    ],
    marks: ['Unit_Price'],
    options: { Sales_Type: ['Customer', 'Customer Price Group', 'All Customers', 'Campaign'] },
    references: {
      ...currency,
      Item_No: 'items',
      Unit_of_Measure_Code: 'unitsOfMeasure',
      Price_Unit_of_Measure_Code: 'unitsOfMeasure',
      Sales_Code: 'customerPriceGroups',
    },
  },
  {
    standsFor: 'salesInvoices',
    tableNumber: 112,
    names: ['PostedSalesInvoice', 'PostedSalesInvoices', 'SalesInvoiceHeader'],
    key: ['No'],
    marks: ['Sell_to_Customer_No', 'Order_No', 'Due_Date'],
    options: { Payment_Status: ['Open', 'Partial', 'Paid'] },
    references: {
      ...currency,
      ...salesperson,
      Sell_to_Customer_No: 'customers',
      Bill_to_Customer_No: 'customers',
      Payment_Terms_Code: 'paymentTerms',
      Shipment_Method_Code: 'shipmentMethods',
      Shipping_Agent_Code: 'shippingAgents',
    },
    changesElsewhere: true,
  },
  {
    standsFor: 'salesInvoiceLines',
    tableNumber: 113,
    names: ['PostedSalesInvoiceLines', 'PostedSalesInvoiceLine', 'SalesInvoiceLine'],
    key: ['Document_No', 'Line_No'],
    // Lines of credit memos have the same fields: only the name tells.
    marks: [],
    options: { Type: ['G/L Account', 'Item', 'Resource', 'Fixed Asset', 'Charge (Item)'] },
    references: { Document_No: 'salesInvoices', Unit_of_Measure_Code: 'unitsOfMeasure' },
    codes: ['No'],
  },
  {
    standsFor: 'generalLedgerSetup',
    tableNumber: 98,
    names: ['GeneralLedgerSetup'],
    key: ['Primary_Key'],
    marks: ['LCY_Code'],
  },
];

/** Fields that tell the moment of a change, where a page has one of them. */
export const momentFields = ['Last_Modified_Date_Time', 'Last_DateTime_Modified', 'SystemModifiedAt'] as const;

/** The field that tells the day of a change. */
export const DAY_FIELD = 'Last_Date_Modified';

/** Fields of a page of the table Integration Record, by which it is known under any name. */
export const integrationRecordFields = [
  'Integration_ID',
  'Table_ID',
  'Record_ID',
  'Modified_On',
  'Deleted_On',
] as const;

/** A service as its metadata describes it. */
export interface DescribedService {
  readonly name: string;
  readonly key: readonly string[];
  readonly fields: ReadonlySet<string>;
}

/** The table that a service shows; null for one that is none of the known ones. */
export function recognise({ name, key, fields }: DescribedService): KnownTable | null {
  const sameKey = knownTables.filter((table) => table.key.join() === key.join());
  const named = sameKey.find(({ names }) => names.some((one) => one.toLowerCase() === name.toLowerCase()));
  if (named !== undefined) return named;
  return sameKey.find(({ marks }) => marks.length > 0 && marks.every((mark) => fields.has(mark))) ?? null;
}

/**
 * The one service for each known table. Where several show the same table, the one with the suggested name goes before
 * the others, then the one with the most fields: a card shows more than a list.
 */
export function servicesOfTables(services: readonly DescribedService[]): ReadonlyMap<string, string> {
  const best = new Map<string, { readonly service: DescribedService; readonly rank: readonly [number, number] }>();
  for (const service of services) {
    const table = recognise(service);
    if (table === null) continue;
    const place = table.names.findIndex((one) => one.toLowerCase() === service.name.toLowerCase());
    const rank = [place < 0 ? table.names.length : place, -service.fields.size] as const;
    const known = best.get(table.standsFor);
    if (known === undefined || rank[0] < known.rank[0] || (rank[0] === known.rank[0] && rank[1] < known.rank[1]))
      best.set(table.standsFor, { service, rank });
  }
  return new Map([...best].map(([standsFor, { service }]) => [standsFor, service.name]));
}
