import type { Coupling } from '../coupling/coupling.js';
import type { FieldValues } from '../mapping/field-value.js';
import { findBase } from './field-base.js';
import { keyOnSide, type MatchGroupFields } from './match-keys.js';
import { otherSide, type Side } from './synch-error.js';

/**
 * True when a record without coupling is what one that is gone was, by the matching fields: a run would let the pair of that
 * one go on with it, also where it creates nothing. The pairs are those of which a record is gone.
 */
export function isMadeAgain(
  groups: readonly MatchGroupFields[],
  side: Side,
  values: FieldValues,
  broken: readonly Pick<Coupling, 'bases' | 'error'>[],
): boolean {
  const ofSide = broken.filter(({ error }) => error?.side !== otherSide(side));
  return groups.some((group) => {
    const key = keyOnSide(
      group,
      ({ field, integrationField }) => values[side === 'BUSINESS' ? field : integrationField] ?? null,
    );
    return (
      key !== null &&
      ofSide.some(
        ({ bases }) =>
          key ===
          keyOnSide(group, (field) => {
            const base = findBase(bases, field);
            return (side === 'BUSINESS' ? base?.business : base?.sales) ?? null;
          }),
      )
    );
  });
}
