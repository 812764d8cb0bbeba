import { rowsOf } from '../business-central/context.js';
import { code, type ForRows, type PropertyDefinition, text, whole } from '../business-central/entity-set.js';
import { dialog } from '../business-central/errors.js';
import { relations, rowOfCode } from '../business-central/relations.js';
import { companyContactOf } from '../business-central/sets/contact-rules.js';
import { storedText } from '../business-central/validation.js';
import type { Row, Scalar } from '../world/row.js';
import { textOf } from '../world/world.js';

/** The day on which a row was changed, which is all that most tables of NAV keep. */
export const dayOfChange: ForRows<Scalar> = () => (row) => new Date(row.modifiedAtMs).toISOString().slice(0, 10);

/** A text that is shorter in NAV 2018 than in the data, which both dialects share. */
export function short(name: string, length: number, column: string, field: string): PropertyDefinition {
  const property = text(name, length, field, { column });
  return {
    ...property,
    read: () => (row) => textOf(row.values[column]).slice(0, length),
    write: (_context, value) => ({ [column]: storedText(property, value) }),
  };
}

export const currency = code('Currency_Code', 10, 'Currency Code', {
  column: 'currencyCode',
  codeOf: relations.currency,
});
export const salesperson = code('Salesperson_Code', 20, 'Salesperson Code', {
  column: 'salespersonCode',
  codeOf: relations.salesperson,
});
export const paymentTerms = code('Payment_Terms_Code', 10, 'Payment Terms Code', {
  column: 'paymentTermsCode',
  codeOf: relations.paymentTerms,
});
export const shipmentMethod = code('Shipment_Method_Code', 10, 'Shipment Method Code', {
  column: 'shipmentMethodCode',
  codeOf: relations.shipmentMethod,
});
export const shippingAgent = code('Shipping_Agent_Code', 10, 'Shipping Agent Code', {
  column: 'shippingAgentCode',
  codeOf: relations.shippingAgent,
});
export const unitOfMeasure = code('Unit_of_Measure_Code', 10, 'Unit of Measure Code', {
  column: 'unitOfMeasureCode',
  codeOf: relations.unit,
});

/** The customer that a contact's company is, as the contact card shows it while the CRM integration is enabled. */
export const customerOfContact: PropertyDefinition = code('IntegrationCustomerNo', 20, 'Integration Customer No.', {
  column: 'companyNumber',
  read: (context) => (row) =>
    textOf(rowOfCode(context, 'contacts', row.values['companyNumber'])?.values['customerNumber']),
  write: (context, value) => {
    const wanted = textOf(value as Scalar)
      .trim()
      .toUpperCase();
    if (wanted === '') return { companyNumber: '' };
    const customer = rowOfCode(context, relations.customer.table, wanted);
    if (customer === undefined)
      throw dialog(`The Customer does not exist. Identification fields and values: No.='${wanted}'`);
    return { companyNumber: companyContactOf(context, customer) };
  },
});

/** A value that follows from the currencies of a group's prices. */
const ofCurrencies =
  (read: (currencies: readonly string[]) => Scalar): ForRows<Scalar> =>
  (context) => {
    let byGroup: Map<string, Set<string>> | undefined;
    return (row) => {
      byGroup ??= currenciesOfGroups(rowsOf(context, 'salesPrices').rows());
      return read([...(byGroup.get(textOf(row.values['code'])) ?? [])]);
    };
  };

/** The one currency of the prices of a group; blank when there are several. */
export const currencyOfGroup: PropertyDefinition = code('Currency_Code', 10, 'Currency Code', {
  read: ofCurrencies(([only = '', ...others]) => (others.length === 0 ? only : '')),
});

/** How many currencies the prices of a group are in. */
export const currencyCountOfGroup: PropertyDefinition = whole('Price_Currency_Count', 'Price Currency Count', {
  read: ofCurrencies(({ length }) => length),
});

function currenciesOfGroups(prices: Iterable<Row>): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { values } of prices) {
    if (values['salesType'] !== 'Customer Price Group') continue;
    const group = textOf(values['salesCode']);
    groups.set(group, (groups.get(group) ?? new Set()).add(textOf(values['currencyCode'])));
  }
  return groups;
}

/** The unit that a price is for: its own, else the base unit of its item. */
export const unitOfPrice: PropertyDefinition = code('Price_Unit_of_Measure_Code', 10, 'Price Unit of Measure Code', {
  read: (context) => (row) =>
    textOf(row.values['unitOfMeasureCode']) ||
    textOf(rowOfCode(context, 'items', row.values['itemNumber'])?.values['baseUnitOfMeasureCode']),
});
