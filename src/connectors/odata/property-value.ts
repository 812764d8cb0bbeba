import type { FieldMetadata, FieldValue } from '../../mapping/field-value.js';
import {
  canonicalCode,
  canonicalDate,
  canonicalDecimal,
  canonicalGuid,
  canonicalInstant,
  canonicalText,
  canonicalTime,
} from './canonical.js';
import { badAnswer } from './classify.js';

/** Makes the canonical value of an option from what stands for its member; null for the blank one. Throws RangeError. */
export type OptionReader = (member: unknown) => string | null;

/**
 * The canonical value of a property of a row: the systems send the same types, and only their options differ. Throws
 * RequestError BAD_ANSWER for a value of another type.
 */
export function readPropertyValue(
  { name, type }: Pick<FieldMetadata, 'name' | 'type'>,
  value: unknown,
  readOption: OptionReader,
): FieldValue {
  if (value === null || value === undefined) return null;
  try {
    return canonical(type, value, readOption);
  } catch (error) {
    throw badAnswer(
      `the value of "${name}" cannot be read as ${type}: ${error instanceof Error ? error.message : 'unknown form'}`,
    );
  }
}

function canonical(type: FieldMetadata['type'], value: unknown, readOption: OptionReader): FieldValue {
  switch (type) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : wrong('true or false');
    case 'INTEGER':
      return typeof value === 'number' && Number.isInteger(value) ? value : wrong('a whole number');
    case 'DECIMAL':
      return typeof value === 'number' || typeof value === 'string' ? canonicalDecimal(value) : wrong('a number');
    case 'OPTION':
      return readOption(value);
    case 'CODE':
      return canonicalCode(text(value));
    case 'DATE':
      return canonicalDate(text(value));
    case 'DATE_TIME':
      return canonicalInstant(text(value));
    case 'TIME':
      return canonicalTime(text(value));
    case 'GUID':
    case 'REFERENCE':
      return canonicalGuid(text(value));
    default:
      return canonicalText(typeof value === 'string' ? value : JSON.stringify(value));
  }
}

/** What has to be a text. Throws RangeError. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : wrong('a text'));

/** Says what was expected of a value. */
export function wrong(expected: string): never {
  throw new RangeError(`expected ${expected}`);
}
