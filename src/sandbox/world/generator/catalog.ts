/** Codes and people that both systems refer to. */

export interface SalesPerson {
  readonly code: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly jobTitle: string;
  /** Blank for the one who has no user in Dataverse. */
  readonly email: string;
  readonly blocked: boolean;
}

const person = (
  code: string,
  firstName: string,
  lastName: string,
  jobTitle: string,
  more: Partial<SalesPerson> = {},
): SalesPerson => ({
  code,
  firstName,
  lastName,
  jobTitle,
  email: `${firstName}.${lastName}@sandbox.example`.toLowerCase(),
  blocked: false,
  ...more,
});

export const salesPeople: readonly SalesPerson[] = [
  person('AK', 'Anneke', 'Korver', 'Sales Manager'),
  person('BL', 'Benedikt', 'Lohr', 'Account Manager'),
  person('CMS', 'Camille', 'Soulier', 'Account Manager'),
  person('DOB', 'Declan', 'Obrien', 'Inside Sales'),
  person('EVH', 'Elin', 'Hagberg', 'Key Account Manager'),
  person('FR', 'Farid', 'Rahimi', 'Account Manager'),
  person('GT', 'Greta', 'Thaler', 'Sales Assistant', { blocked: true }),
  person('HX', 'House', 'Account', 'Shared desk', { email: '' }),
];

/** The salesperson without a user: customers of this one have to wait. */
export const WITHOUT_USER = 'HX';

export interface CurrencySeed {
  readonly code: string;
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  /** Units of the currency for one unit of the local currency. */
  readonly rate: number;
  readonly inDataverse: boolean;
}

export const LOCAL_CURRENCY: CurrencySeed = {
  code: 'EUR',
  name: 'Euro',
  symbol: '€',
  decimals: 2,
  rate: 1,
  inDataverse: true,
};

/** No ISO code: too long for the five letters of Dataverse. */
export const FUND_CURRENCY = 'FUNDAX';

/** The ISO currency of a customer that Dataverse does not know before currencies are synchronized. */
export const MISSING_CURRENCY = 'SEK';

const money = (
  code: string,
  name: string,
  symbol: string,
  rate: number,
  more: Partial<CurrencySeed> = {},
): CurrencySeed => ({
  code,
  name,
  symbol,
  decimals: 2,
  rate,
  inDataverse: false,
  ...more,
});

export const foreignCurrencies: readonly CurrencySeed[] = [
  money('AUD', 'Australian dollar', 'A$', 1.64),
  money('CAD', 'Canadian dollar', 'C$', 1.48),
  money('CHF', 'Swiss franc', '', 0.95, { inDataverse: true }),
  money('DKK', 'Danish krone', 'kr', 7.46),
  money(FUND_CURRENCY, 'Internal fund token', '', 12.5),
  money('GBP', 'Pound sterling', '£', 0.86, { inDataverse: true }),
  money('JPY', 'Japanese yen', '¥', 161.5, { decimals: 0 }),
  money('NOK', 'Norwegian krone', 'kr', 11.6),
  money(MISSING_CURRENCY, 'Swedish krona', 'kr', 11.3),
  money('USD', 'US dollar', '$', 1.09, { inDataverse: true }),
];

export interface PaymentTerms {
  readonly code: string;
  readonly name: string;
  readonly due: string;
  readonly discount: number;
  /** The option of Dataverse whose label, in capitals and cut at ten letters, is this code. */
  readonly option?: number;
}

export const paymentTerms: readonly PaymentTerms[] = [
  { code: 'NET 30', name: 'Net 30 days', due: '30D', discount: 0, option: 1 },
  { code: '2% 10, NET', name: '2% in 10 days, net 30', due: '30D', discount: 2, option: 2 },
  { code: 'NET 45', name: 'Net 45 days', due: '45D', discount: 0, option: 3 },
  { code: 'NET 60', name: 'Net 60 days', due: '60D', discount: 0, option: 4 },
  { code: '14 DAYS', name: 'Net 14 days', due: '14D', discount: 0 },
  { code: 'CM', name: 'Current month', due: 'CM', discount: 0 },
  { code: 'COD', name: 'Cash on delivery', due: '0D', discount: 0 },
  { code: 'CM+1M', name: 'End of next month', due: 'CM+1M', discount: 0 },
];

export interface CodeAndName {
  readonly code: string;
  readonly name: string;
  readonly option?: number;
}

export const shipmentMethods: readonly CodeAndName[] = [
  { code: 'FOB', name: 'Free on board', option: 1 },
  { code: 'NO CHARGE', name: 'Delivered free of charge', option: 2 },
  { code: 'CIF', name: 'Cost, insurance and freight' },
  { code: 'DDP', name: 'Delivered duty paid' },
  { code: 'EXW', name: 'Ex works' },
  { code: 'PICKUP', name: 'Collected by the customer' },
];

export const shippingAgents: readonly CodeAndName[] = [
  { code: 'DHL', name: 'DHL', option: 2 },
  { code: 'FEDEX', name: 'FedEx', option: 3 },
  { code: 'UPS', name: 'UPS', option: 4 },
  { code: 'OWN FLEET', name: 'Own vans' },
  { code: 'RAILPOOL', name: 'Rail forwarding pool' },
];

export const paymentMethods: readonly CodeAndName[] = [
  { code: 'BANK', name: 'Bank transfer' },
  { code: 'CARD', name: 'Card payment' },
  { code: 'CASH', name: 'Cash' },
];

export const priceGroups: readonly CodeAndName[] = [
  { code: 'RETAIL', name: 'Retail customers' },
  { code: 'WHOLESALE', name: 'Wholesale customers' },
  { code: 'ONLINE', name: 'Web shop' },
  { code: 'EXPORT', name: 'Export customers' },
];
