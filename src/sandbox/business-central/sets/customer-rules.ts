import { textOf } from '../../world/world.js';
import { type CompanyContext, rowsOf } from '../context.js';
import type { SetRules } from '../entity-set.js';
import { dialog } from '../errors.js';
import { rowOfCode } from '../relations.js';
import { companyContactOf, copyCommonFields } from './contact-rules.js';

/** A customer's primary contact works for it, and a customer with open entries or documents stays. */
export const customerRules: SetRules = {
  beforeWrite: ({ context, values, given }) => {
    const primary = textOf(given['primaryContactNumber']);
    if (primary === '') return;
    const contact = rowOfCode(context, 'contacts', primary);
    const company = textOf(values['companyContactNumber']);
    if (company === '' || contact?.values['companyNumber'] !== company)
      throw dialog(
        `Contact ${primary} ${textOf(contact?.values['displayName'])} is related to a different company than customer ${textOf(values['number'])}.`,
      );
  },
  afterWrite: (context, row, before) => {
    if (!context.settings.BUSINESS.companyContacts) return;
    const contact = rowOfCode(context, 'contacts', companyContactOf(context, row));
    if (before !== undefined && contact !== undefined) copyCommonFields(context, row, 'contacts', contact);
  },
  beforeDelete: (context, row) => {
    const number = textOf(row.values['number']);
    const outstanding =
      Number(row.values['balanceDue'] ?? 0) !== 0 ? 'customer ledger entry' : openDocument(context, number);
    if (outstanding !== undefined)
      throw dialog(`You cannot delete Customer ${number} because there is at least one outstanding ${outstanding}.`);
  },
};

/** A document of the customer that is not posted yet, as messages call it. */
function openDocument(context: CompanyContext, customer: string): string | undefined {
  const has = (table: string, isOpen: (status: string) => boolean): boolean =>
    rowsOf(context, table)
      .having('customerNumber', customer)
      .some(({ values }) => isOpen(textOf(values['status'])));
  if (has('salesOrders', () => true)) return 'Sales Order for this customer';
  return has('salesInvoices', (status) => status === 'Draft' || status === 'In Review')
    ? 'Sales Invoice for this customer'
    : undefined;
}
