import { compareDecimals, isDecimal, normalDecimal, roundDecimal } from '../mapping/decimal.js';
import type { FieldMetadata, FieldValue } from '../mapping/field-value.js';

/** A value that cannot become a value of the other field; the record fails with VALIDATION. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
  constructor(
    readonly code: 'TOO_LONG' | 'INCOMPATIBLE_VALUE' | 'UNKNOWN_OPTION' | 'TRANSFORMATION',
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The value that a field of the other system takes for it, canonical (see FieldValue). Text is cut to the destination's
 * length; codes and numbers are never cut into another key. Throws {@link ValueError} naming field, limit and what came.
 */
export function convertValue(value: FieldValue, source: FieldMetadata, destination: FieldMetadata): FieldValue {
  if (value === null) return null;
  switch (destination.type) {
    case 'TEXT':
      return source.type === 'CODE'
        ? refuseTooLong(String(value), destination)
        : blankToNull(cut(textOf(value), destination.maxLength));
    case 'CODE':
      return blankToNull(refuseTooLong(textOf(value).trim().toUpperCase(), destination));
    case 'INTEGER':
      return toInteger(value, destination);
    case 'DECIMAL':
      return toDecimal(value, destination);
    case 'BOOLEAN':
      return toBoolean(value, destination);
    case 'OPTION':
      return toOption(textOf(value), destination);
    case 'DATE':
      return textOf(value).slice(0, 10);
    case 'DATE_TIME':
      return toMoment(textOf(value), destination);
    case 'GUID':
    case 'REFERENCE':
      return textOf(value).toLowerCase();
    default:
      return value;
  }
}

/**
 * Both values in the narrower of both types are equal: a text that was cut, a code in another case, a rounded number do
 * not differ. Both sides' fields are symmetric here.
 */
export function agree(a: FieldValue, aField: FieldMetadata, b: FieldValue, bField: FieldMetadata): boolean {
  return narrow(a, aField, bField) === narrow(b, aField, bField);
}

/** An answer of the system that is what was sent, but for its own normalisation of case, blanks and decimals. */
export function isNormalisedForm(sent: FieldValue, answered: FieldValue): boolean {
  if (sent === answered || (sent === null && isBlankNumber(answered))) return true;
  if (typeof sent !== 'string' || typeof answered !== 'string') return false;
  if (isDecimal(sent) && isDecimal(answered)) {
    const scale = answered.split('.')[1]?.length ?? 0;
    return compareDecimals(roundDecimal(sent, scale), answered) === 0;
  }
  return sent.trim().toLowerCase() === answered.trim().toLowerCase();
}

/**
 * What the business system holds of numbers and of yes or no where Dataverse holds nothing: there is no other blank there. To
 * clear such a field there is to write this.
 */
export const isBlankNumber = (value: FieldValue): boolean => value === 0 || value === '0' || value === false;

function narrow(value: FieldValue, a: FieldMetadata, b: FieldMetadata): FieldValue {
  if (value === null) return null;
  if (a.type === 'CODE' || b.type === 'CODE') return blankToNull(textOf(value).trim().toUpperCase());
  if (isNumber(a) && isNumber(b)) {
    const text = textOf(value);
    const scale = smaller(scaleOf(a), scaleOf(b));
    return isDecimal(text) ? (scale === null ? normalDecimal(text) : roundDecimal(text, scale)) : text;
  }
  if (a.type === 'TEXT' || b.type === 'TEXT') return blankToNull(cut(textOf(value), smaller(a.maxLength, b.maxLength)));
  if (a.type === 'DATE' || b.type === 'DATE') return textOf(value).slice(0, 10);
  return value;
}

const isNumber = (field: FieldMetadata): boolean => field.type === 'INTEGER' || field.type === 'DECIMAL';

const scaleOf = (field: FieldMetadata): number | null => (field.type === 'INTEGER' ? 0 : field.scale);

const smaller = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

const textOf = (value: string | number | boolean): string => String(value);

const blankToNull = (text: string): string | null => (text === '' ? null : text);

/** Cut to so many characters as both systems count them (UTF-16), never inside a surrogate pair, without trailing blanks. */
function cut(text: string, maxLength: number | null): string {
  if (maxLength === null || text.length <= maxLength) return text.trimEnd();
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(maxLength - 1));
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength).trimEnd();
}

function refuseTooLong(text: string, field: FieldMetadata): string {
  if (field.maxLength !== null && text.length > field.maxLength) {
    throw new ValueError(
      'TOO_LONG',
      field.name,
      `${field.name} holds ${field.maxLength} characters, and the code "${text}" has ${text.length}: shorten it, or leave the field out of the mapping`,
    );
  }
  return text;
}

function toInteger(value: string | number | boolean, field: FieldMetadata): number {
  const number = Number(typeof value === 'string' && isDecimal(value) ? roundDecimal(value, 0) : value);
  if (!Number.isSafeInteger(number)) throw incompatible(value, field, 'a whole number');
  return number;
}

function toDecimal(value: string | number | boolean, field: FieldMetadata): string {
  const text = textOf(value);
  if (!isDecimal(text)) throw incompatible(value, field, 'a number');
  return field.scale === null ? normalDecimal(text) : roundDecimal(text, field.scale);
}

function toBoolean(value: string | number | boolean, field: FieldMetadata): boolean {
  const known: Readonly<Record<string, boolean>> = {
    true: true,
    false: false,
    '1': true,
    '0': false,
    yes: true,
    no: false,
  };
  const boolean = known[textOf(value).toLowerCase()];
  if (boolean === undefined) throw incompatible(value, field, 'true or false');
  return boolean;
}

function toOption(text: string, field: FieldMetadata): string {
  const option = field.options.find(({ value, label }) => value === text || label.toLowerCase() === text.toLowerCase());
  if (option === undefined) {
    throw new ValueError(
      'UNKNOWN_OPTION',
      field.name,
      `${field.name} has no option "${text}"; it has ${field.options.map(({ label }) => label).join(', ')}`,
    );
  }
  return option.value;
}

function toMoment(text: string, field: FieldMetadata): string {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw incompatible(text, field, 'a date and time');
  return moment.toISOString();
}

const incompatible = (value: FieldValue, field: FieldMetadata, expected: string): ValueError =>
  new ValueError('INCOMPATIBLE_VALUE', field.name, `${field.name} takes ${expected}, and "${value}" came`);
