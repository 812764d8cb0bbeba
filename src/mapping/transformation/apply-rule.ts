import { DateTime } from 'luxon';
import { RE2JS } from 're2js';
import { isDecimal, normalDecimal, roundDecimalTo } from '../decimal.js';
import type { FieldValue } from '../field-value.js';
import type { TransformationKind, TransformationRule } from './transformation-rule.js';

/** A value that a rule cannot change; the record fails with VALIDATION, naming rule and field. */
export class TransformationError extends Error {
  override readonly name = 'TransformationError';
  constructor(
    readonly rule: string,
    readonly expected: string,
  ) {
    super(`the transformation rule ${rule} expected ${expected}`);
  }
}

/**
 * What a rule makes of a value. Blank stays blank, and a text that becomes empty is blank.
 * Throws {@link TransformationError} for a value that the kind cannot read.
 */
export function applyRule(rule: TransformationRule, value: FieldValue): FieldValue {
  if (value === null) return null;
  const result = kinds[rule.kind](String(value), rule);
  return result === '' ? null : result;
}

type Change = (text: string, rule: TransformationRule) => string | null;

const kinds: Readonly<Record<TransformationKind, Change>> = {
  UPPERCASE: (text, { culture }) => text.toLocaleUpperCase(culture ?? undefined),
  LOWERCASE: (text, { culture }) => text.toLocaleLowerCase(culture ?? undefined),
  TITLE_CASE: titleCase,
  TRIM: (text) => text.trim(),
  SUBSTRING: substring,
  REPLACE: (text, { findValue, replaceValue }) => text.replaceAll(findValue ?? '', () => replaceValue ?? ''),
  REGULAR_EXPRESSION_REPLACE: (text, { findValue, replaceValue }) =>
    compiled(findValue ?? '')
      .matcher(text)
      .replaceAll(replaceValue ?? ''),
  REGULAR_EXPRESSION_MATCH: (text, { findValue }) => {
    const matcher = compiled(findValue ?? '').matcher(text);
    return matcher.find() ? matcher.group() : null;
  },
  REMOVE_NON_ALPHANUMERIC: (text) => text.replace(/[^\p{L}\p{N}]+/gu, ''),
  DATE_FORMATTING: (text, rule) => readTime(text, rule, 'a date').toFormat('yyyy-MM-dd'),
  DATE_TIME_FORMATTING: (text, rule) => readTime(text, rule, 'a date and time').toUTC().toISO(),
  DECIMAL_FORMATTING: readDecimal,
  ROUND: (text, { code, precision, roundDirection }) =>
    isDecimal(text)
      ? roundDecimalTo(text, decimalText(precision ?? 1), roundDirection ?? 'NEAREST')
      : fail(code, 'a number'),
  EXTRACT_FROM_DATE: (text, { code, datePart }) => {
    const date = DateTime.fromISO(text, { zone: 'utc' });
    if (!date.isValid) fail(code, 'a date');
    return String({ DAY: date.day, MONTH: date.month, YEAR: date.year }[datePart ?? 'DAY']);
  },
  UNIX_TIMESTAMP: (text) => {
    const time = isDecimal(text) ? DateTime.fromSeconds(Number(text), { zone: 'utc' }) : null;
    return time?.isValid === true ? time.toISO() : null;
  },
};

function fail(rule: string, expected: string): never {
  throw new TransformationError(rule, expected);
}

/** The first letter of each word large, all others small. */
function titleCase(text: string, { culture }: TransformationRule): string {
  const locale = culture ?? undefined;
  return text.toLocaleLowerCase(locale).replace(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu, (word) => {
    const first = String.fromCodePoint(word.codePointAt(0) ?? 0);
    const large = first.toLocaleUpperCase(locale);
    // A letter that becomes two is left: it would become others when applied again.
    return large.length === first.length ? large + word.slice(first.length) : word;
  });
}

/** By position (from 1) and length, or between two texts; blank when a text does not occur. */
function substring(
  text: string,
  { startPosition, length, startingText, endingText }: TransformationRule,
): string | null {
  if (startingText === null && endingText === null) {
    const start = (startPosition ?? 1) - 1;
    return text.slice(start, length === null ? undefined : start + length);
  }
  const found = startingText === null ? 0 : text.indexOf(startingText);
  if (found < 0) return null;
  const start = found + (startingText?.length ?? 0);
  const end = endingText === null ? text.length : text.indexOf(endingText, start);
  return end < 0 ? null : text.slice(start, end);
}

const expressions = new Map<string, RE2JS>();
/** Rules are few; what was tried out and changed again is not to pile up. */
const MOST_EXPRESSIONS = 500;

/** In an engine whose time grows with the text alone. Throws RE2JSSyntaxException. */
export function compiled(expression: string): RE2JS {
  const known = expressions.get(expression);
  if (known !== undefined) return known;
  if (expressions.size === MOST_EXPRESSIONS) expressions.clear();
  const made = RE2JS.compile(expression);
  expressions.set(expression, made);
  return made;
}

/** Patterns as Dynamics NAV writes them, in luxon's letters. */
const luxonTokens: Readonly<Record<string, string>> = {
  dddd: 'cccc',
  ddd: 'ccc',
  tt: 'a',
  fff: 'SSS',
  ff: 'uu',
  f: 'uuu',
  zzz: 'ZZ',
};

const asLuxonFormat = (format: string): string =>
  format.replace(/'[^']*'|d{3,4}|tt|f{1,3}|zzz/g, (token) => luxonTokens[token] ?? token);

function readTime(text: string, { code, dataFormat, culture }: TransformationRule, what: string): DateTime {
  const locale = culture === null ? {} : { locale: culture };
  const time =
    dataFormat === null || dataFormat === ''
      ? readUnformatted(text, culture)
      : DateTime.fromFormat(text.trim(), asLuxonFormat(dataFormat), { zone: 'utc', ...locale });
  return time.isValid ? time : fail(code, dataFormat ? `${what} in the form ${dataFormat}` : what);
}

/** Neutral first; else in the short form of the culture. */
function readUnformatted(text: string, culture: string | null): DateTime {
  const neutral = DateTime.fromISO(text.trim(), { zone: 'utc' });
  if (neutral.isValid || culture === null) return neutral;
  const short = DateTime.fromFormat(text.trim(), 'D', { zone: 'utc', locale: culture });
  return short.isValid ? short : DateTime.fromFormat(text.trim(), 'D t', { zone: 'utc', locale: culture });
}

/** A number as people of the culture write it, e.g. 1.234,5 in Denmark; neutral where no culture is given. */
function readDecimal(text: string, { code, culture }: TransformationRule): string {
  const parts = new Intl.NumberFormat(culture ?? 'en-US').formatToParts(-12_345.6);
  const sign = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  const group = sign('group');
  const neutral = text
    .replaceAll(/[\s\u00a0\u202f]/g, '')
    .replaceAll(group.trim() === '' ? ' ' : group, '')
    .replace(sign('decimal'), '.')
    .replace(/^[\u2212\u2013]/, '-');
  return isDecimal(neutral) ? normalDecimal(neutral) : fail(code, `a number as in ${culture ?? 'en-US'}`);
}

/** Without exponent. */
const decimalText = (precision: number): string => precision.toFixed(10).replace(/\.?0+$/, '');
