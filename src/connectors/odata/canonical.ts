/**
 * Turns what both systems send into canonical values (see FieldValue). All functions are pure; blank in any form gives null.
 */

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';
const BLANK_DATE = '0001-01-01';

/** Trailing blanks off, line ends as LF. */
export function canonicalText(text: string): string | null {
  const normal = withoutTrailingBlanks(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);
  return normal === '' ? null : normal;
}

/** By hand: an expression anchored at the end takes quadratic time on long runs of blanks. */
function withoutTrailingBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === ' ') end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/** Trimmed and in upper case, as Business Central keeps a Code. */
export function canonicalCode(text: string): string | null {
  const normal = text.trim().toUpperCase();
  return normal === '' ? null : normal;
}

/** Lower case; the zero GUID is blank. Throws RangeError for what is no GUID. */
export function canonicalGuid(text: string): string | null {
  const normal = text.trim().toLowerCase();
  if (normal === '' || normal === ZERO_GUID) return null;
  if (!isGuid(normal)) throw new RangeError('expected a GUID');
  return normal;
}

const guid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
export const isGuid = (text: string): boolean => guid.test(text);

const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** More digits than any column of either system; guards against an exponent that would make gigabytes of zeros. */
const MAX_EXPONENT = 400;

/** Digits without exponent, leading or trailing zeros: 12.50 → "12.5", 1e-7 → "0.0000001", -0 → "0". Throws RangeError. */
export function canonicalDecimal(value: string | number): string {
  const match = decimal.exec(String(value).trim());
  if (match === null) throw new RangeError('expected a decimal number');
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) throw new RangeError('the number is out of range');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const shiftedWhole = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const shiftedFraction = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const normalWhole = shiftedWhole.replace(/^0+/, '') || '0';
  const normalFraction = shiftedFraction.replace(/0+$/, '');
  const number = normalFraction === '' ? normalWhole : `${normalWhole}.${normalFraction}`;
  return number === '0' ? number : sign + number;
}

/** Rounds a canonical decimal half away from zero, as both systems do, to so many decimals. */
export function roundDecimal(value: string, scale: number): string {
  const negative = value.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? value.slice(1) : value).split('.');
  if (fraction.length <= scale) return value;
  const kept = BigInt(whole + fraction.slice(0, scale)) + (fraction.charAt(scale) >= '5' ? 1n : 0n);
  const digits = kept.toString().padStart(scale + 1, '0');
  const rounded = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return canonicalDecimal(negative ? `-${rounded}` : rounded);
}

const date = /^\d{4}-\d{2}-\d{2}/;

/** The calendar date; 0001-01-01 is blank. Throws RangeError. */
export function canonicalDate(text: string): string | null {
  const day = date.exec(text)?.[0];
  if (day === undefined) throw new RangeError('expected a date as yyyy-mm-dd');
  return day === BLANK_DATE ? null : day;
}

/** UTC with milliseconds; any moment of 0001-01-01 is blank. A text without zone is UTC. Throws RangeError. */
export function canonicalInstant(text: string): string | null {
  if (text.startsWith(BLANK_DATE)) return null;
  const instant = new Date(/(?:[zZ]|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(instant.getTime())) throw new RangeError('expected an instant as yyyy-mm-ddThh:mm:ssZ');
  return instant.toISOString();
}

/** Time of day in whole seconds. Throws RangeError. */
export function canonicalTime(text: string): string {
  const time = /^\d{2}:\d{2}:\d{2}/.exec(text)?.[0];
  if (time === undefined) throw new RangeError('expected a time as hh:mm:ss');
  return time;
}
