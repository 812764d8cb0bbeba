import { rowWithSame } from '../addressing.js';
import { rowsOf } from '../context.js';
import { DataverseError } from '../errors.js';
import type { TableRules } from './table-rules.js';

/** The full name of a contact or a user is made of its parts. */
export const personRules: TableRules = {
  beforeWrite: ({ values }) => {
    values['fullname'] = [values['firstname'], values['lastname']]
      .filter((part) => part !== null && part !== undefined)
      .join(' ');
  },
};

/** No two currencies have the same ISO code. */
export const currencyRules: TableRules = {
  beforeWrite: ({ context, id, values }) => {
    if (rowWithSame(rowsOf(context, 'transactioncurrency'), ['isocurrencycode'], values, id) !== undefined)
      throw new DataverseError(412, '0x80048cf3', 'A currency with the same ISO currency code already exists.');
  },
};
