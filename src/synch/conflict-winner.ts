import type { CompiledField } from './compiled-field.js';
import type { PairInput } from './plan-pair.js';
import type { Side } from './synch-error.js';

/** The side that wins a conflict in a field by the rules of field and mapping; null when a person has to decide. */
export function winnerOf(field: CompiledField, input: PairInput): Side | null {
  switch (input.updateConflictResolution) {
    case 'NONE':
      return null;
    case 'SEND_TO_INTEGRATION':
      return 'BUSINESS';
    case 'GET_FROM_INTEGRATION':
      return 'SALES';
    case 'MERGE_FIELDS':
      if (field.conflictRule === 'BUSINESS_WINS') return 'BUSINESS';
      if (field.conflictRule === 'SALES_WINS') return 'SALES';
      return field.conflictRule === 'NEWEST_WINS' ? newestOf(input) : null;
  }
}

/** Record times of both systems are only compared beyond this distance: seconds of resolution and clocks that differ. */
const CLOCK_UNCERTAINTY_MS = 5_000;

function newestOf({ business, sales }: PairInput): Side | null {
  const businessAt = business === 'UNCHANGED' ? null : business.modifiedAt;
  const salesAt = sales === 'UNCHANGED' ? null : sales.modifiedAt;
  if (businessAt === null || salesAt === null) return null;
  const difference = businessAt.getTime() - salesAt.getTime();
  if (Math.abs(difference) <= CLOCK_UNCERTAINTY_MS) return null;
  return difference > 0 ? 'BUSINESS' : 'SALES';
}
