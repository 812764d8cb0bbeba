import { compareDecimals, isDecimal, normalDecimal } from '../decimal.js';
import type { FieldMetadata, FieldValue, OptionMetadata } from '../field-value.js';
import { type FilterOperand, FilterSyntaxError, type PatternPart, plainText } from './filter-ast.js';

/** What a text has to look like. */
export interface TextPattern {
  readonly parts: readonly PatternPart[];
  readonly ignoreCase: boolean;
}

export const isText = (field: FieldMetadata): boolean => field.type === 'TEXT' || field.type === 'CODE';

/** True for what matches a field without a value: `''`, quoted blanks, and the number of the option that is blank. */
export function meansBlank(operand: FilterOperand, { type, options }: FieldMetadata): boolean {
  const text = plainText(operand)?.trim();
  if (text === '') return true;
  // A system that counts its options from a blank one lists the others only.
  return type === 'OPTION' && text === '0' && options.length > 0 && options.every(({ number = 0 }) => number > 0);
}

/** An operand of a text or code field; codes are upper-case without blanks around them, so their case says nothing. */
export function patternOf({ parts, ignoreCase }: FilterOperand, field: FieldMetadata): TextPattern {
  if (field.type !== 'CODE') return { parts, ignoreCase };
  const last = parts.length - 1;
  const code = (part: PatternPart, index: number): PatternPart => {
    if ('wildcard' in part) return part;
    const upper = part.text.toUpperCase();
    const trimmedStart = index === 0 ? upper.trimStart() : upper;
    return { text: index === last ? trimmedStart.trimEnd() : trimmedStart };
  };
  return { parts: parts.map(code), ignoreCase: false };
}

const words: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  '1': true,
  no: false,
  false: false,
  '0': false,
};

/** The canonical value that an operand means for a field. Throws FilterSyntaxError naming what the field's type expects. */
export function valueOf(operand: FilterOperand, field: FieldMetadata, expression: string): NonNullable<FieldValue> {
  const fail = (expected: string): never => {
    throw new FilterSyntaxError(expression, operand.position, expected);
  };
  const plain = plainText(operand) ?? fail('a value without wildcards: they match texts only');
  const text = plain.trim();
  switch (field.type) {
    case 'INTEGER':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : fail('a whole number');
    case 'DECIMAL':
      return isDecimal(text) ? normalDecimal(text) : fail('a number, with a point before its decimals');
    case 'BOOLEAN':
      return words[text.toLowerCase()] ?? fail('Yes or No');
    case 'OPTION':
      return (
        optionNamed(text, field.options)?.value ?? fail(`one of ${field.options.map(({ label }) => label).join(', ')}`)
      );
    case 'DATE':
      return isDay(text) ? text : fail('a date such as 2026-02-01');
    case 'DATE_TIME':
      return momentOf(text) ?? fail('a date or a moment such as 2026-02-01 or 2026-02-01T08:00:00Z');
    case 'TIME':
      return timeOf(text) ?? fail('a time such as 08:00 or 08:00:30');
    case 'GUID':
    case 'REFERENCE':
      return text.replace(/^\{(.*)\}$/, '$1').toLowerCase();
    case 'CODE':
      return text.toUpperCase();
    case 'TEXT':
      return plain;
    default:
      return text;
  }
}

function optionNamed(text: string, options: readonly OptionMetadata[]): OptionMetadata | undefined {
  const wanted = text.toLowerCase();
  return (
    options.find(({ value, label }) => value.toLowerCase() === wanted || label.toLowerCase() === wanted) ??
    options.find(({ number }) => number !== undefined && String(number) === wanted)
  );
}

const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

/** A text without zone is UTC, as canonical moments are. */
function momentOf(text: string): string | null {
  if (isDay(text)) return `${text}T00:00:00.000Z`;
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?$/i.exec(text);
  if (match === null || !isDay(match[1] ?? '')) return null;
  const moment = new Date(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

function timeOf(text: string): string | null {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  return match === null ? null : `${(match[1] ?? '').padStart(2, '0')}:${match[2]}:${match[3] ?? '00'}`;
}

/** The beginning of the day that an operand names for a field of moments; null for all else. */
export function dayOf(operand: FilterOperand, field: FieldMetadata): string | null {
  const text = field.type === 'DATE_TIME' ? (plainText(operand)?.trim() ?? '') : '';
  return isDay(text) ? `${text}T00:00:00.000Z` : null;
}

const DAY_MS = 86_400_000;

/** The beginning of the day after. */
export const nextDay = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString();

/** Below 0, 0 or above 0, as the field's type orders its values. */
export function orderOf(value: NonNullable<FieldValue>, bound: NonNullable<FieldValue>, field: FieldMetadata): number {
  if (field.type === 'DECIMAL' || field.type === 'INTEGER') return compareDecimals(String(value), String(bound));
  if (field.type === 'OPTION') return optionNumber(value, field) - optionNumber(bound, field);
  const left = String(value);
  const right = String(bound);
  return left < right ? -1 : left > right ? 1 : 0;
}

function optionNumber(value: NonNullable<FieldValue>, { options }: FieldMetadata): number {
  const index = options.findIndex((option) => option.value === value);
  return options[index]?.number ?? (/^-?\d+$/.test(String(value)) ? Number(value) : index);
}
