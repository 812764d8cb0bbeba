import type { FieldValue } from '../../mapping/field-value.js';
import { fieldOn } from '../../mapping/integration-table-mapping.js';
import { sides } from '../synch-error.js';
import type { RecordChange } from '../synch-job.js';
import type { WriteGate } from '../synch-run.js';
import type { PairWrites, RecordWrite } from '../write-pairs.js';
import { recordKey } from './plan-changes.js';

/** The kind of write behind an action. */
const kinds = { INSERT: 'CREATE', MODIFY: 'UPDATE', DELETE: 'DELETE' } as const;

/** Lets those writes through that a dry run planned, as long as they are the same and both records are as they were. */
export class PlanGate implements WriteGate {
  /** Of each record the writes that are still to be made, in their order: the dry run may have needed other rounds for them. */
  private readonly open: ReadonlyMap<string, RecordChange[]>;

  /** `optionFields`: fields of the business system that name the code of a choice, see {@link isSame}. */
  constructor(
    private readonly planned: readonly RecordChange[],
    private readonly optionFields: ReadonlySet<string> = new Set(),
  ) {
    const writes = planned.filter(({ action }) => action in kinds);
    this.open = Map.groupBy(
      writes.toSorted((a, b) => a.number - b.number),
      recordKey,
    );
  }

  admit({ work, writes }: PairWrites): readonly RecordWrite[] {
    const { businessId, salesId } = work.coupling;
    return writes.filter((write) => {
      const ofRecord = this.open.get(recordKey({ side: write.side, businessId, salesId })) ?? [];
      const [change] = ofRecord;
      if (change === undefined || !isSame(change, write, this.optionFields)) return false;
      if (work.round === 0 && !isUnmoved(change, work)) return false;
      ofRecord.shift();
      return true;
    });
  }

  /** The planned changes that were not made; of those that only couple, the ones that are not among the given couplings. */
  refused(coupled: ReadonlySet<string>): readonly RecordChange[] {
    const left = new Set([...this.open.values()].flat());
    return this.planned.filter((change) =>
      change.action === 'COUPLE' ? !coupled.has(change.couplingId) : left.has(change),
    );
  }
}

/**
 * The same kind of write, of the same fields, from the same to the same values. A choice without a code was planned as a blank:
 * it has its code by now, since applying makes what the dry run could not.
 */
function isSame(
  { action, side, fields }: RecordChange,
  { intent }: RecordWrite,
  optionFields: ReadonlySet<string>,
): boolean {
  if (!(action in kinds) || kinds[action as keyof typeof kinds] !== intent.kind) return false;
  // A deletion sends no values; what the record holds has to be what it held.
  const written = intent.kind === 'DELETE' ? intent.before : intent.values;
  const isNewCode = (name: string): boolean =>
    side === 'BUSINESS' && optionFields.has(name) && (intent.before[name] ?? null) === null;
  const named = new Map(fields.map((change) => [fieldOn(change, side), change]));
  return (
    Object.keys(written).every((name) => named.has(name) || isNewCode(name)) &&
    [...named].every(
      ([name, change]) =>
        name in written &&
        (intent.kind === 'DELETE' ||
          isEqual(intent.values[name] ?? null, change.after) ||
          (change.after === null && isNewCode(name))) &&
        isEqual(intent.before[name] ?? null, change.before),
    )
  );
}

const isEqual = (a: FieldValue, b: FieldValue): boolean => a === b;

/** Both records have the versions that they had when the change was planned. */
const isUnmoved = ({ versions }: RecordChange, { seen, coupling }: PairWrites['work']): boolean =>
  sides.every((side) => {
    const state = side === 'BUSINESS' ? coupling.business : coupling.sales;
    return versions[side] === null || (seen[side]?.version ?? state.version) === versions[side];
  });
