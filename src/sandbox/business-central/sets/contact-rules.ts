import { randomUUID } from 'node:crypto';
import type { Row, Scalar } from '../../world/row.js';
import { businessTable, textOf } from '../../world/world.js';
import { type CompanyContext, rowsOf } from '../context.js';
import type { Columns, ForRows, SetRules, Writing } from '../entity-set.js';
import { badRequest, dialog, relationMissing } from '../errors.js';
import { nextNumber } from '../number-series.js';
import { idsByCode, relations, rowOfCode, ZERO_GUID } from '../relations.js';

const NAME_LENGTH = 100;
const nameParts = ['firstName', 'middleName', 'surname'];

/** A person is named by the parts of the name, and works for a contact that is a company; a company is its own company. */
export const contactRules: SetRules = {
  beforeWrite: ({ context, values, given }) => {
    if (values['type'] === 'Company') {
      values['companyNumber'] = values['number'] ?? '';
      return;
    }
    composeName(values, given);
    const company = textOf(values['companyNumber']);
    if (company !== '' && rowOfCode(context, 'contacts', company)?.values['type'] !== 'Company')
      throw relationMissing('Company No.', 'Contact', company, 'Contact');
  },
  afterWrite: (context, row) => {
    const customer = rowOfCode(context, 'customers', row.values['customerNumber']);
    if (context.settings.BUSINESS.companyContacts && row.values['type'] === 'Company' && customer !== undefined)
      copyCommonFields(context, row, 'customers', customer);
  },
  beforeDelete: (context, row) => {
    const number = textOf(row.values['number']);
    if (number === '') return;
    if (
      rowsOf(context, 'contacts')
        .having('companyNumber', number)
        .some(({ id }) => id !== row.id)
    )
      throw dialog(`You cannot delete Contact ${number} because there is at least one person who works for it.`);
  },
};

function composeName(values: Columns, given: Writing['given']): void {
  if (!nameParts.some((part) => given[part] !== undefined)) return;
  const parts = nameParts.map((part) => textOf(values[part]).trim()).filter((part) => part !== '');
  values['displayName'] = parts.join(' ').slice(0, NAME_LENGTH);
}

/** The customer of a contact's company; the zero GUID when the company is no customer. */
export const customerIds: ForRows<Scalar> = (context) => {
  const idOfCustomer = idsByCode(context, relations.customer);
  return (row) => idOfCustomer(companyOf(context, row)?.values['customerNumber']);
};

/** What a contact's company is to us. */
export const relationOfContact: ForRows<Scalar> = (context) => (row) =>
  textOf(companyOf(context, row)?.values['customerNumber']) === '' ? 'None' : 'Customer';

const companyOf = (context: CompanyContext, row: Row): Row | undefined =>
  rowOfCode(context, 'contacts', row.values['companyNumber']);

/** The company of a contact that is said to work for a customer. */
export function companyOfCustomer(context: CompanyContext, value: unknown): Columns {
  if (typeof value !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
    throw badRequest(
      `Cannot convert the literal ${JSON.stringify(value)} of property 'customerId' to the expected type 'Edm.Guid'.`,
    );
  if (value === ZERO_GUID) return { companyNumber: '' };
  const customer = rowsOf(context, 'customers').get(value.toLowerCase());
  if (customer === undefined) throw dialog('The "customerId" does not match to a Customer.');
  return { companyNumber: companyContactOf(context, customer) };
}

/** Fields that a customer and its company contact have in common. */
export const commonFields = [
  'displayName',
  'addressLine1',
  'addressLine2',
  'city',
  'state',
  'country',
  'postalCode',
  'phoneNumber',
  'mobilePhoneNumber',
  'faxNumber',
  'email',
  'website',
  'currencyCode',
  'salespersonCode',
] as const;

/** Gives a row the common fields of its counterpart, where they differ. */
export function copyCommonFields(context: CompanyContext, from: Row, table: string, to: Row): void {
  const changed = commonFields.filter((field) => (from.values[field] ?? '') !== (to.values[field] ?? ''));
  if (changed.length === 0) return;
  const copied = Object.fromEntries(changed.map((field) => [field, from.values[field] ?? '']));
  context.world.put({
    table: businessTable(context.companyId, table),
    id: to.id,
    values: { ...to.values, ...copied },
    by: context.user,
  });
}

/** Number of the company contact of a customer; one that was made without it gets it now. */
export function companyContactOf(context: CompanyContext, customer: Row): string {
  const known = textOf(customer.values['companyContactNumber']);
  if (rowOfCode(context, 'contacts', known) !== undefined) return known;
  const number = nextNumber(context, 'contacts', 'CT000000');
  const common = Object.fromEntries(commonFields.map((field) => [field, customer.values[field] ?? '']));
  context.world.put({
    table: businessTable(context.companyId, 'contacts'),
    id: randomUUID(),
    by: context.user,
    values: {
      ...common,
      number,
      type: 'Company',
      companyNumber: number,
      customerNumber: customer.values['number'] ?? '',
    },
  });
  context.world.putQuietly(businessTable(context.companyId, 'customers'), customer.id, {
    companyContactNumber: number,
  });
  return number;
}
