import { customerSeries } from '../world/generator/generate.js';
import { textOf } from '../world/world.js';
import type { Scalar } from '../world/row.js';
import { rowsOf, type BusinessContext, type CompanyContext, type NumberTaken } from './context.js';
import { dialog, fieldValidation } from './errors.js';

/** The number of a new customer: the client's, where the series allows that, else the next of the series. */
export function numberOfNewCustomer(context: CompanyContext, given: string): string {
  const { manualCustomerNumbers, customerNumberSeries } = context.settings.BUSINESS;
  if (given !== '') {
    if (!manualCustomerNumbers)
      throw dialog(
        'You may not enter numbers manually. If you want to enter numbers manually, please activate Manual Nos. in No. Series CUST.',
      );
    return given;
  }
  if (!customerNumberSeries)
    throw fieldValidation(
      'Customer Nos. must have a value in Sales & Receivables Setup: Primary Key=. It cannot be zero or empty.',
    );
  return takeNumber(context);
}

function takeNumber(context: CompanyContext): string {
  const series = customerSeries(context.companyId);
  let number = increased(textOf(context.world.fact(series) as Scalar | undefined) || 'C00000');
  // Numbers that were given by hand are passed over.
  while (rowsOf(context, 'customers').withKey(number) !== undefined) number = increased(number);
  context.world.setFact(series, number);
  context.onNumberTaken?.({ series, number });
  return number;
}

/** Uses up numbers whose inserts were taken back: a gap in the series. */
export function keepNumbers(context: BusinessContext, taken: readonly NumberTaken[]): void {
  if (taken.length > 0)
    context.world.transaction(() => taken.forEach(({ series, number }) => context.world.setFact(series, number)));
}

/** The series counts in tens, with its leading zeros. */
function increased(number: string): string {
  const match = /^(.*?)(\d+)$/.exec(number);
  if (match?.[2] === undefined)
    throw dialog(`You cannot assign new numbers from the number series CUST: ${number} ends without digits.`);
  return `${match[1] ?? ''}${String(Number(match[2]) + 10).padStart(match[2].length, '0')}`;
}
