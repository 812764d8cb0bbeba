import type { Coupling } from '../coupling/coupling.js';
import type { FieldValues } from '../mapping/field-value.js';
import { fieldOn } from '../mapping/integration-table-mapping.js';
import { agreedOn } from './field-base.js';
import { keyOnSide, type MatchGroupFields } from './match-keys.js';
import { otherSide, type Side } from './synch-error.js';

/**
 * Tells of a record without coupling whether it is what one that is gone was, by the matching fields: a run would let the pair
 * of that one go on with it, also where it creates nothing. The pairs are those of which a record is gone.
 */
export function madeAgainOf(
  groups: readonly MatchGroupFields[],
  side: Side,
  broken: readonly Pick<Coupling, 'bases' | 'error'>[],
): (values: FieldValues) => boolean {
  const ofSide = broken.filter(({ error }) => error?.side !== otherSide(side));
  const gone = groups.map((group) => ({
    group,
    keys: new Set(ofSide.map(({ bases }) => keyOnSide(group, (field) => agreedOn(bases, field, side)))),
  }));
  return (values) =>
    gone.some(({ group, keys }) => {
      const key = keyOnSide(group, (field) => values[fieldOn(field, side)] ?? null);
      return key !== null && keys.has(key);
    });
}
