/**
 * What Business Central's metadata does not tell: which texts are of type Code (kept trimmed and in upper case), and which
 * fields the pages show but do not take. From Business Central documentation; by entity set, standard and companion API.
 */
interface FieldFacts {
  readonly codes: readonly string[];
  readonly readOnly?: readonly string[];
  /** Shows the local currency's code where the field is blank. */
  readonly filledWhenBlank?: readonly string[];
}

const codeOnly: FieldFacts = { codes: ['code'] };

const facts: Readonly<Record<string, FieldFacts>> = {
  customers: {
    codes: [
      'number',
      'country',
      'postalCode',
      'salespersonCode',
      'currencyCode',
      'paymentTermsCode',
      'shipmentMethodCode',
      'paymentMethodCode',
      'shippingAgentCode',
      'primaryContactNumber',
      'customerPriceGroup',
    ],
    readOnly: ['balanceDue', 'taxAreaDisplayName'],
    filledWhenBlank: ['currencyCode', 'currencyId'],
  },
  contacts: {
    codes: ['number', 'companyNumber', 'country', 'postalCode', 'salespersonCode', 'currencyCode', 'salutationCode'],
    readOnly: ['companyName', 'contactBusinessRelation', 'lastInteractionDate'],
    filledWhenBlank: ['currencyCode'],
  },
  items: {
    codes: [
      'number',
      'itemCategoryCode',
      'gtin',
      'baseUnitOfMeasureCode',
      'taxGroupCode',
      'generalProductPostingGroupCode',
      'inventoryPostingGroupCode',
      'vendorNumber',
    ],
  },
  itemVariants: { codes: ['itemNumber', 'code'] },
  itemUnitsOfMeasure: { codes: ['itemNumber', 'code'] },
  resources: {
    codes: ['number', 'baseUnitOfMeasure', 'baseUnitOfMeasureCode', 'vendorNumber'],
    readOnly: ['capacity'],
  },
  currencies: codeOnly,
  unitsOfMeasure: { codes: ['code', 'internationalStandardCode'] },
  salespeoplePurchasers: codeOnly,
  paymentTerms: codeOnly,
  paymentMethods: codeOnly,
  shipmentMethods: codeOnly,
  shippingAgents: codeOnly,
  countriesRegions: codeOnly,
  itemCategories: codeOnly,
  taxGroups: codeOnly,
  taxAreas: codeOnly,
  customerPriceGroups: codeOnly,
  currencyExchangeRates: {
    codes: ['currencyCode', 'relationalCurrencyCode'],
    readOnly: [
      'currencyCode',
      'startingDate',
      'exchangeRateAmount',
      'relationalCurrencyCode',
      'relationalExchangeRateAmount',
    ],
  },
  salesPrices: { codes: ['itemNumber', 'salesCode', 'currencyCode', 'unitOfMeasureCode'] },
  salesInvoices: {
    codes: ['number', 'customerNumber', 'currencyCode', 'salesperson', 'billToCountry', 'shipToCountry'],
  },
  salesInvoiceLines: { codes: ['lineObjectNumber', 'unitOfMeasureCode'] },
};

/** Entity sets that fields of this name point to, wherever they stand; not every version tells it in its metadata. */
const references: Readonly<Record<string, string>> = {
  currencyId: 'currencies',
  customerId: 'customers',
  paymentTermsId: 'paymentTerms',
  paymentMethodId: 'paymentMethods',
  shipmentMethodId: 'shipmentMethods',
  taxAreaId: 'taxAreas',
  taxGroupId: 'taxGroups',
  itemId: 'items',
  itemCategoryId: 'itemCategories',
  baseUnitOfMeasureId: 'unitsOfMeasure',
};

/** The entity set that a field points to by its name; null for all other fields. */
export const knownTarget = (field: string): string | null => references[field] ?? null;

const nothing: FieldFacts = { codes: [] };

/** Kept by the system on every row. */
const systemFields = [
  'id',
  'lastModifiedDateTime',
  'systemCreatedAt',
  'systemModifiedAt',
  'systemModifiedBy',
  'systemRowVersion',
];

const factsOf = (entitySet: string): FieldFacts => facts[entitySet] ?? nothing;

export const isCode = (entitySet: string, field: string): boolean => factsOf(entitySet).codes.includes(field);

export const isReadOnly = (entitySet: string, field: string): boolean =>
  systemFields.includes(field) || (factsOf(entitySet).readOnly?.includes(field) ?? false);

/** A blank that was written there is read back as the local currency. */
export const isFilledWhenBlank = (entitySet: string, field: string): boolean =>
  factsOf(entitySet).filledWhenBlank?.includes(field) ?? false;
