import { textOf } from '../../world/world.js';
import type { SetRules } from '../entity-set.js';
import { dialog } from '../errors.js';
import { rowOfCode } from '../relations.js';
import { companyContactOf, copyCommonFields } from './contact-rules.js';

/** A customer's primary contact works for it, and a customer with open entries stays. */
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
  beforeDelete: (_context, row) => {
    if (Number(row.values['balanceDue'] ?? 0) !== 0)
      throw dialog(
        `You cannot delete Customer ${textOf(row.values['number'])} because there is at least one outstanding customer ledger entry.`,
      );
  },
};
