import type { FieldBase } from '../coupling/coupling.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import { makeBase, toBaseValue } from './field-base.js';
import type { Side } from './synch-error.js';

/** A write that landed: what was sent, what it was made from, and the row as the system answered it. */
export interface LandedWrite {
  readonly side: Side;
  readonly sent: FieldValues;
  readonly sources: FieldValues;
  readonly before: FieldValues;
  readonly answered: FieldValues;
  /** Fields that were written blank because their reference could not be translated. */
  readonly cleared: readonly string[];
  /** Fields that agree on nothing, whatever was written to them: their bases stay as they are. */
  readonly conflicts: readonly FieldPair[];
}

type FieldPair = Pick<FieldBase, 'field' | 'integrationField'>;

export interface BasesAfterWrite {
  readonly bases: readonly FieldBase[];
  /** One-way fields that the system changed again to the value to which it had changed them before: given up, and listed. */
  readonly altered: readonly string[];
}

/**
 * The bases once a write has landed. Where the answer is what was sent, but for the system's own normalisation, the answer
 * is the base. Where it differs, the sent value is: the difference then is a change of that side, planned like any other.
 */
export function basesAfterWrite(
  fields: readonly CompiledField[],
  bases: readonly FieldBase[],
  write: LandedWrite,
): BasesAfterWrite {
  const written = new Map<CompiledField, FieldBase>();
  const altered: string[] = [];
  const seen = new Set<string>();
  for (const field of fields) {
    const name = write.side === 'BUSINESS' ? field.field : field.integrationField;
    const writable = write.side === 'BUSINESS' ? field.toBusiness : field.toSales;
    if (!writable || !(name in write.sources) || seen.has(name) || isAmong(write.conflicts, field)) continue;
    seen.add(name);
    const sent = write.sent[name] ?? null;
    const answered = write.answered[name] ?? null;
    const givenUp = isAlteredAgain(field, sent, answered, write.before[name] ?? null);
    if (givenUp) altered.push(name);
    const kept = givenUp || field.isNormalisedForm(sent, answered) ? answered : sent;
    const source = write.sources[name] ?? null;
    const base = write.side === 'BUSINESS' ? makeBase(field, kept, source) : makeBase(field, source, kept);
    written.set(field, write.cleared.includes(name) ? { ...base, cleared: write.side } : base);
  }
  const others = bases.filter((base) => !isAmong([...written.keys()], base));
  return { bases: [...others, ...written.values()], altered };
}

const isAmong = (pairs: readonly FieldPair[], { field, integrationField }: FieldPair): boolean =>
  pairs.some((pair) => pair.field === field && pair.integrationField === integrationField);

function isAlteredAgain(field: CompiledField, sent: FieldValue, answered: FieldValue, before: FieldValue): boolean {
  const oneWay = field.toBusiness !== field.toSales;
  return oneWay && !field.isNormalisedForm(sent, answered) && toBaseValue(before) === toBaseValue(answered);
}
