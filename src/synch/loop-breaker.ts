import type { FieldWrite } from '../coupling/coupling.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import { toBaseValue } from './field-base.js';
import type { Side } from './synch-error.js';

/** Two rules of two systems that undo each other's work show within this time; people do not write so often. */
const WINDOW_MS = 60 * 60_000;
const MOST_CHANGES_OF_DIRECTION = 6;
const MOST_EQUAL_WRITES = 3;

/**
 * True when writing this value goes in circles: the field was written in changing directions too often within the hour, or
 * the same value to the same side.
 */
export function isLoop(
  { recentWrites = [], now }: { readonly recentWrites?: readonly FieldWrite[]; readonly now?: Date },
  { field, integrationField }: Pick<CompiledField, 'field' | 'integrationField'>,
  side: Side,
  value: FieldValue,
): boolean {
  if (now === undefined) return false;
  const writes = within(recentWrites, now).filter(
    (write) => write.field === field && write.integrationField === integrationField,
  );
  const equal = writes.filter((write) => write.side === side && write.value === toBaseValue(value));
  if (equal.length >= MOST_EQUAL_WRITES) return true;
  const directions = [...writes.map((write) => write.side), side];
  const changes = directions.filter((direction, index) => index > 0 && direction !== directions[index - 1]);
  return changes.length > MOST_CHANGES_OF_DIRECTION;
}

/** The writes of the last hour with those that landed now; older ones are forgotten. */
export function withLanded(
  fields: readonly CompiledField[],
  recentWrites: readonly FieldWrite[],
  landed: { readonly side: Side; readonly values: FieldValues },
  now: Date,
): readonly FieldWrite[] {
  const { side, values } = landed;
  const written = fields.flatMap(({ field, integrationField, toSales, toBusiness }) => {
    const name = side === 'BUSINESS' ? field : integrationField;
    if (!(side === 'BUSINESS' ? toBusiness : toSales) || !(name in values)) return [];
    return [{ field, integrationField, side, value: toBaseValue(values[name] ?? null), at: now }];
  });
  return [...within(recentWrites, now), ...written];
}

const within = (writes: readonly FieldWrite[], now: Date): readonly FieldWrite[] =>
  writes.filter(({ at }) => now.getTime() - at.getTime() < WINDOW_MS);
