import type { Scalar } from '../world/row.js';
import { seriesFact, textOf } from '../world/world.js';
import { type BusinessContext, type CompanyContext, type NumberTaken, rowsOf } from './context.js';
import type { EntitySetDefinition, NumberSeries } from './entity-set.js';
import { dialog, fieldValidation } from './errors.js';

/** The number of a new row: the client's, where the series allows that, else the next of the series. */
export function numberOfNewRow(
  context: CompanyContext,
  set: EntitySetDefinition,
  series: NumberSeries,
  given: string,
): string {
  const { noManualNumbers, noNumberSeries } = context.settings.BUSINESS;
  if (given !== '') {
    if (noManualNumbers.includes(set.table))
      throw dialog(
        `You may not enter numbers manually. If you want to enter numbers manually, please activate Manual Nos. in No. Series ${series.code}.`,
      );
    return given;
  }
  if (noNumberSeries.includes(set.table))
    throw fieldValidation(
      `${series.field} must have a value in ${series.setup}: Primary Key=. It cannot be zero or empty.`,
    );
  return nextNumber(context, set.table, series.start);
}

/** Takes the next number of a table's series. */
export function nextNumber(context: CompanyContext, table: string, start: string): string {
  const series = seriesFact(context.companyId, table);
  let number = increased(textOf(context.world.fact(series) as Scalar | undefined) || start);
  // Numbers that were given by hand are passed over.
  while (rowsOf(context, table).withKey(number) !== undefined) number = increased(number);
  context.world.setFact(series, number);
  context.onNumberTaken?.({ series, number });
  return number;
}

/** Uses up numbers whose inserts were taken back: a gap in the series. */
export function keepNumbers(context: BusinessContext, taken: readonly NumberTaken[]): void {
  if (taken.length > 0)
    context.world.transaction(() => taken.forEach(({ series, number }) => context.world.setFact(series, number)));
}

/** The series count in tens, with their leading zeros. */
function increased(number: string): string {
  const match = /^(.*?)(\d+)$/.exec(number);
  if (match?.[2] === undefined)
    throw dialog(`You cannot assign new numbers from the number series: ${number} ends without digits.`);
  return `${match[1] ?? ''}${String(Number(match[2]) + 10).padStart(match[2].length, '0')}`;
}
