import type { AwaitedReference, FieldBase, FieldConflict } from '../coupling/coupling.js';
import { decidedSource, type PairDecision } from '../coupling/coupling-filter.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { UpdateConflictResolution } from '../mapping/integration-table-mapping.js';
import type { CompiledField } from './compiled-field.js';
import { ValueError } from './convert-value.js';
import { findBase, makeBase, toBaseValue } from './field-base.js';
import { type References, UncoupledReferenceError } from './references.js';
import { otherSide, type Side, sides } from './synch-error.js';

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

type Decision =
  | 'KEEP'
  | 'AGREED'
  | 'CONFLICT'
  | { readonly cleared: Side }
  | { readonly write: Side; readonly why: string };

/** Plans one pair: three-way, field by field. Pure. */
export function planPair(input: PairInput): PairPlan {
  const toSales = new ChangeCollector();
  const toBusiness = new ChangeCollector();
  const bases: FieldBase[] = [];
  const conflicts: FieldConflict[] = [];
  const reasons = new Set<string>();
  const waitingFor: AwaitedReference[] = [];
  const untranslated: AwaitedReference[] = [];
  const underChange = sourcesUnderChange(input);
  let problem: PairPlan['problem'] = null;

  for (const field of input.fields) {
    const base = findBase(input.bases, field);
    const business = valueOf(input.business, field.field, base?.business);
    const sales = valueOf(input.sales, field.integrationField, base?.sales);
    const decision = readsFrom(field, underChange) ? 'KEEP' : decide(field, base, business, sales, input);
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
      conflicts.push(conflictOf(field, base, business, sales));
      continue;
    }
    try {
      const [source, collector, name, before] =
        decision.write === 'SALES'
          ? ([business, toSales, field.integrationField, sales] as const)
          : ([sales, toBusiness, field.field, business] as const);
      const translated = translateOrClear(field, decision.write, source, input.references);
      collector.add(name, translated.value, before, translated.cleared !== null);
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

/** True when every mapped field of this side has its base's value: at this version there is nothing to do. */
export function isClean(
  fields: readonly CompiledField[],
  bases: readonly FieldBase[],
  side: Side,
  values: FieldValues,
): boolean {
  return fields.every((field) => {
    const base = findBase(bases, field);
    if (base === undefined) return false;
    return side === 'BUSINESS'
      ? field.field === '' || toBaseValue(values[field.field] ?? null) === base.business
      : field.integrationField === '' || toBaseValue(values[field.integrationField] ?? null) === base.sales;
  });
}

const isBothWays = ({ toSales, toBusiness }: CompiledField): boolean => toSales && toBusiness;

/**
 * Pairs mapped both ways that are going to change a field which a one-way pair reads, such as the unit group of a product
 * beside its unit, or that are in conflict about it: what such a pair would write now comes from a value that is about to go.
 * It is planned anew once the change has landed, or the conflict is decided.
 */
function sourcesUnderChange(input: PairInput): readonly { readonly side: Side; readonly field: CompiledField }[] {
  const shared = input.fields.filter(
    (field) =>
      isBothWays(field) &&
      input.fields.some((other) =>
        readsFrom(other, [
          { side: 'BUSINESS', field },
          { side: 'SALES', field },
        ]),
      ),
  );
  return shared.flatMap((field) => {
    const base = findBase(input.bases, field);
    const business = valueOf(input.business, field.field, base?.business);
    const sales = valueOf(input.sales, field.integrationField, base?.sales);
    const decision = decide(field, base, business, sales, input);
    if (decision === 'CONFLICT') return sides.map((side) => ({ side, field }));
    return typeof decision === 'object' && 'write' in decision ? [{ side: decision.write, field }] : [];
  });
}

/** True for a one-way pair whose source is one of these fields. */
const readsFrom = (
  { field, integrationField, toSales, toBusiness }: CompiledField,
  sources: readonly { readonly side: Side; readonly field: CompiledField }[],
): boolean =>
  toSales !== toBusiness &&
  sources.some((source) =>
    toSales
      ? source.side === 'BUSINESS' && source.field.field === field
      : source.side === 'SALES' && source.field.integrationField === integrationField,
  );

function decide(
  field: CompiledField,
  base: FieldBase | undefined,
  business: FieldValue,
  sales: FieldValue,
  input: PairInput,
): Decision {
  const businessChanged = base === undefined || toBaseValue(business) !== base.business;
  const salesChanged = base === undefined || toBaseValue(sales) !== base.sales;
  const decided = decideByPerson(field, business, sales, input);
  if (decided !== null) return decided;
  if (!businessChanged && !salesChanged) return decideUnchanged(field, base, business, sales, input);
  if (field.agree(business, sales, input.references)) return 'AGREED';
  if (!field.toSales && !field.toBusiness) return 'KEEP';
  if (!field.toBusiness) return { write: 'SALES', why: oneWayReason('business', businessChanged) };
  if (!field.toSales) return { write: 'BUSINESS', why: oneWayReason('sales', salesChanged) };
  const salesIsLate = isLate(input.late?.SALES, field.integrationField, sales);
  const businessIsLate = isLate(input.late?.BUSINESS, field.field, business);
  if (!salesChanged || salesIsLate) return { write: 'SALES', why: 'changed in the business system' };
  if (!businessChanged || businessIsLate) return { write: 'BUSINESS', why: 'changed in Dataverse' };
  const blank = blankCounterpart(field, business, sales, input.references);
  if (base === undefined && blank !== null) return { cleared: blank };
  // Two references of which one says nothing on the other side yet: whether they differ is seen once both are coupled.
  if (field.lookup?.clearsValue === true && untranslatedOf(field, business, sales, input.references).length > 0)
    return 'KEEP';
  return decideConflict(field, input);
}

/** The side that a person wants to keep is written to the other one, where the field may be written there. */
function decideByPerson(
  field: CompiledField,
  business: FieldValue,
  sales: FieldValue,
  { decision = null, references }: PairInput,
): Decision | null {
  const source = decidedSource(decision, field);
  if (source === null || !(source === 'BUSINESS' ? field.toSales : field.toBusiness)) return null;
  if (field.agree(business, sales, references)) return null;
  const kept = source === 'BUSINESS' ? 'the business system' : 'Dataverse';
  return { write: otherSide(source), why: `a person decided to keep the value of ${kept}` };
}

/** A reference that was written blank is written once it can be translated; everything else stays. */
function decideUnchanged(
  field: CompiledField,
  base: FieldBase | undefined,
  business: FieldValue,
  sales: FieldValue,
  { references }: PairInput,
): Decision {
  if (base?.cleared === undefined) return 'KEEP';
  const source = base.cleared === 'SALES' ? business : sales;
  return isTranslatable(field, base.cleared, source, references)
    ? { write: base.cleared, why: 'the record referred to is coupled by now' }
    : 'KEEP';
}

/** The side that is blank while the other one refers to a record that is not coupled yet, for references that may be blank meanwhile. */
function blankCounterpart(
  field: CompiledField,
  business: FieldValue,
  sales: FieldValue,
  references: References,
): Side | null {
  if (field.lookup?.clearsValue !== true) return null;
  if (sales === null && !isTranslatable(field, 'SALES', business, references)) return 'SALES';
  return business === null && !isTranslatable(field, 'BUSINESS', sales, references) ? 'BUSINESS' : null;
}

/** The value for the other side, or blank for a reference that may be blank until its record is coupled. */
export function translateOrClear(
  field: CompiledField,
  into: Side,
  source: FieldValue,
  references: References,
): { readonly value: FieldValue; readonly cleared: AwaitedReference | null } {
  try {
    return { value: field.translateTo(into, source, references), cleared: null };
  } catch (error) {
    if (error instanceof UncoupledReferenceError && error.clears) return { value: null, cleared: error.reference };
    throw error;
  }
}

const isTranslatable = (field: CompiledField, into: Side, source: FieldValue, references: References): boolean =>
  untranslatedInto(field, into, source, references) === null;

const untranslatedOf = (
  field: CompiledField,
  business: FieldValue,
  sales: FieldValue,
  references: References,
): AwaitedReference[] =>
  field.lookup === null
    ? []
    : (['SALES', 'BUSINESS'] as const).flatMap((into) =>
        (into === 'SALES' ? field.toSales : field.toBusiness)
          ? (untranslatedInto(field, into, into === 'SALES' ? business : sales, references) ?? [])
          : [],
      );

function untranslatedInto(
  field: CompiledField,
  into: Side,
  source: FieldValue,
  references: References,
): AwaitedReference | null {
  if (field.lookup === null) return null;
  try {
    field.translateTo(into, source, references);
    return null;
  } catch (error) {
    if (error instanceof UncoupledReferenceError) return error.reference;
    throw error;
  }
}

const isLate = (late: FieldValues | undefined, name: string, value: FieldValue): boolean =>
  late !== undefined && name in late && late[name] === value;

const oneWayReason = (source: 'business' | 'sales', sourceChanged: boolean): string => {
  const name = source === 'business' ? 'the business system' : 'Dataverse';
  return sourceChanged ? `changed in ${name}` : `one-way field edited at its destination; ${name} decides`;
};

function decideConflict(field: CompiledField, input: PairInput): Decision {
  const winner = winnerOf(field, input);
  if (winner === null) return 'CONFLICT';
  return {
    write: winner === 'BUSINESS' ? 'SALES' : 'BUSINESS',
    why: `changed on both sides; ${winner === 'BUSINESS' ? 'the business system' : 'Dataverse'} wins by rule`,
  };
}

function winnerOf(field: CompiledField, input: PairInput): Side | null {
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

const valueOf = (view: SideView, name: string, base: FieldValue | undefined): FieldValue =>
  view === 'UNCHANGED' ? (base ?? null) : name === '' ? null : (view.values[name] ?? null);

const conflictOf = (
  field: CompiledField,
  base: FieldBase | undefined,
  business: FieldValue,
  sales: FieldValue,
): FieldConflict => ({
  field: field.field,
  integrationField: field.integrationField,
  businessValue: business,
  salesValue: sales,
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
