import type { Row } from '../../world/row.js';
import { textOf } from '../../world/world.js';
import type { Columns, SetRules, Writing } from '../entity-set.js';
import { dialog, fieldValidation } from '../errors.js';
import { rowOfCode } from '../relations.js';

/** Orders are made for customers that are not blocked, and begin with what is known of the customer. */
export const orderRules: SetRules = {
  beforeWrite: (writing) => {
    const { context, values, before } = writing;
    const number = textOf(values['customerNumber']);
    const customer = rowOfCode(context, 'customers', number);
    if (customer === undefined)
      throw fieldValidation(
        `Sell-to Customer No. must have a value in Sales Header: Document Type=Order, No.=${textOf(values['number'])}. It cannot be zero or empty.`,
      );
    if (before !== undefined && textOf(before.values['customerNumber']) === number) return;
    const blocked = textOf(customer.values['blocked']).trim();
    if (blocked !== '')
      throw dialog(`You cannot create this type of document when Customer ${number} is blocked with type ${blocked}`);
    takeOver(writing, customer);
  },
};

/** What the client gives goes before what the customer has. */
function takeOver({ values, given }: Writing, { values: customer }: Row): void {
  const taken: Columns = {
    billToCustomerNumber: customer['number'] ?? '',
    billToName: customer['displayName'] ?? '',
    shipToName: customer['displayName'] ?? '',
    shipToContact: customer['contact'] ?? '',
    currencyCode: customer['currencyCode'] ?? '',
    paymentTermsCode: customer['paymentTermsCode'] ?? '',
    shipmentMethodCode: customer['shipmentMethodCode'] ?? '',
    salespersonCode: customer['salespersonCode'] ?? '',
    phoneNumber: customer['phoneNumber'] ?? '',
    email: customer['email'] ?? '',
  };
  for (const prefix of ['sellTo', 'billTo', 'shipTo']) {
    for (const part of ['AddressLine1', 'AddressLine2', 'City', 'Country', 'State'])
      taken[`${prefix}${part}`] = customer[`${part.charAt(0).toLowerCase()}${part.slice(1)}`] ?? '';
    taken[`${prefix}PostCode`] = customer['postalCode'] ?? '';
  }
  for (const [column, value] of Object.entries(taken)) if (given[column] === undefined) values[column] = value;
}
