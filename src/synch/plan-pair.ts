import type { AwaitedReference, FieldBase, FieldConflict, FieldWrite } from '../coupling/coupling.js';
import { decidedSource, type PairDecision } from '../coupling/coupling-filter.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { UpdateConflictResolution } from '../mapping/integration-table-mapping.js';
import type { CompiledField } from './compiled-field.js';
import { ValueError } from './convert-value.js';
import { decideField } from './decide-field.js';
import { makeBase, toBaseValue } from './field-base.js';
import { isLoop } from './loop-breaker.js';
import { type FieldValuesOfPair, valuesOf } from './pair-values.js';
import { type References, UncoupledReferenceError } from './references.js';
import { readsFrom, sourcesUnderChange } from './sources-under-change.js';
import type { Side } from './synch-error.js';
import { translateOrClear, untranslatedOf } from './untranslated.js';

/** One side of a pair as the planner sees it; `UNCHANGED` stands for the values of the bases, without having read them. */
export type SideView = { readonly values: FieldValues; readonly modifiedAt: Date | null } | 'UNCHANGED';

export interface PairInput {
  readonly fields: readonly CompiledField[];
  readonly bases: readonly FieldBase[];
  readonly business: SideView;
  readonly sales: SideView;
  readonly updateConflictResolution: UpdateConflictResolution;
  /** The couplings of the records that the pair refers to. */
  readonly references: References;
  /** Values that a side may show because a request of ours was applied late; such a value is no change by a person. */
  readonly late?: Partial<Record<Side, FieldValues>>;
  /** What a person decided; it goes before all rules. */
  readonly decision?: PairDecision | null;
  /** Records that were coupled anew since the pair was evaluated last (see referenceKey): what was agreed of them is void. */
  readonly recoupled?: readonly string[];
  /** What was written to the pair lately, and the time now: a field that goes in circles is held. */
  readonly recentWrites?: readonly FieldWrite[];
  readonly now?: Date;
}

/** What has to be written to one side. */
export interface SideChanges {
  /** By field of that side, only what changes, in the order of the mapping. */
  readonly values: FieldValues;
  readonly before: FieldValues;
  /** Fields that become blank because their reference cannot be translated yet. */
  readonly cleared: readonly string[];
}

/** The final state of both sides: what to write where, what already agrees, and what cannot be decided. */
export interface PairPlan {
  readonly toSales: SideChanges | null;
  readonly toBusiness: SideChanges | null;
  /** All bases that hold without a write: kept, moved, or new because both sides agree. Fields to be written keep their old base here. */
  readonly bases: readonly FieldBase[];
  readonly conflicts: readonly FieldConflict[];
  /** References that have to be coupled before anything of the pair is written. */
  readonly waitingFor: readonly AwaitedReference[];
  /** All references that could not be translated: those that it waits for, those that are blank for now, those in conflict. */
  readonly untranslated: readonly AwaitedReference[];
  /** The first value that cannot be translated; nothing is written to the pair then. */
  readonly problem: { readonly error: ValueError; readonly into: Side } | null;
  /** Why something is written, in words, for the history. */
  readonly reason: string;
}

/** Plans one pair: three-way, field by field. Pure. */
export function planPair(input: PairInput): PairPlan {
  const toSales = new ChangeCollector();
  const toBusiness = new ChangeCollector();
  const bases: FieldBase[] = basesOfOthers(input);
  const conflicts: FieldConflict[] = [];
  const reasons = new Set<string>();
  const waitingFor: AwaitedReference[] = [];
  const untranslated: AwaitedReference[] = [];
  const underChange = sourcesUnderChange(input);
  let problem: PairPlan['problem'] = null;

  for (const field of input.fields) {
    const values = valuesOf(field, input);
    const { base, business, sales } = values;
    const decision = readsFrom(field, underChange) ? 'KEEP' : decideField(field, values, input);
    if (decision === 'AGREED') {
      bases.push(makeBase(field, business, sales));
      continue;
    }
    untranslated.push(...untranslatedOf(field, business, sales, input.references));
    if (typeof decision === 'object' && 'cleared' in decision) {
      bases.push({ ...makeBase(field, business, sales), cleared: decision.cleared });
      continue;
    }
    if (base !== undefined) bases.push(base);
    if (decision === 'KEEP') continue;
    if (decision === 'CONFLICT') {
      conflicts.push(conflictOf(field, values));
      continue;
    }
    try {
      const side = decision.write;
      const [source, name, before] =
        side === 'SALES' ? [business, field.integrationField, sales] : [sales, field.field, business];
      const translated = translateOrClear(field, side, source, input.references);
      const isDecided = decidedSource(input.decision ?? null, field) !== null;
      if (!isDecided && isLoop(input, field, side, translated.value)) {
        conflicts.push({ ...conflictOf(field, values), loop: true });
        continue;
      }
      (side === 'SALES' ? toSales : toBusiness).add(name, translated.value, before, translated.cleared !== null);
      reasons.add(decision.why);
    } catch (error) {
      if (error instanceof UncoupledReferenceError) waitingFor.push(error.reference);
      else if (error instanceof ValueError) problem ??= { error, into: decision.write };
      else throw error;
    }
  }

  const holdsBack =
    problem !== null || waitingFor.length > 0 || (conflicts.length > 0 && input.updateConflictResolution === 'NONE');
  return {
    toSales: holdsBack ? null : toSales.changes(),
    toBusiness: holdsBack ? null : toBusiness.changes(),
    bases,
    conflicts,
    waitingFor,
    untranslated,
    problem,
    reason: [...reasons].join('; '),
  };
}

/** What was agreed of fields that take no part now, such as disabled ones: it holds again when they are back. */
const basesOfOthers = ({ bases, fields }: PairInput): FieldBase[] =>
  bases.filter(
    (base) =>
      !fields.some(({ field, integrationField }) => field === base.field && integrationField === base.integrationField),
  );

const conflictOf = (field: CompiledField, { base, business, sales }: FieldValuesOfPair): FieldConflict => ({
  field: field.field,
  integrationField: field.integrationField,
  // In the form of bases: ten long texts in conflict must not make a coupling too large.
  businessValue: toBaseValue(business),
  salesValue: toBaseValue(sales),
  lastAgreedValue: base?.business ?? null,
});

class ChangeCollector {
  private readonly values: Record<string, FieldValue> = {};
  private readonly before: Record<string, FieldValue> = {};
  private readonly cleared: string[] = [];

  add(name: string, value: FieldValue, before: FieldValue, isCleared: boolean): void {
    if (name in this.values) return;
    if (isCleared) this.cleared.push(name);
    this.values[name] = value;
    this.before[name] = before;
  }

  changes(): SideChanges | null {
    return Object.keys(this.values).length === 0
      ? null
      : { values: this.values, before: this.before, cleared: this.cleared };
  }
}
