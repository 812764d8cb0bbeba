import type { FieldValues } from '../../src/mapping/field-value.js';
import type { Side } from '../../src/synch/synch-error.js';

/** Towns in capitals: the same value in another form. */
const inCapitals = ({ address1_city: city }: FieldValues): FieldValues =>
  typeof city === 'string' ? { address1_city: city.toUpperCase() } : {};

/** What the systems themselves make of values. */
export function serverRule(side: Side, values: FieldValues, rewrites: boolean): FieldValues {
  if (side === 'SALES' && rewrites && typeof values.telephone1 === 'string')
    return { ...values, telephone1: values.telephone1.replaceAll(' ', '-'), ...inCapitals(values) };
  if (side === 'SALES' && rewrites) return { ...values, ...inCapitals(values) };
  if (side === 'BUSINESS' && typeof values.country === 'string')
    return { ...values, country: values.country.toUpperCase().trim() };
  if (side === 'SALES' && typeof values.creditlimit === 'string')
    return { ...values, creditlimit: String(Math.round(Number(values.creditlimit) * 100) / 100) };
  return values;
}
