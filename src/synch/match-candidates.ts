import type { SourceRow } from '../connectors/connector.js';
import type { FieldBase } from '../coupling/coupling.js';
import type { FieldValue } from '../mapping/field-value.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import type { CompiledField } from './compiled-field.js';
import { ValueError } from './convert-value.js';
import { agreedOn } from './field-base.js';
import { loadReferences } from './load-references.js';
import { type MatchGroupFields, matchKeysOf } from './match-keys.js';
import { type Hold, holdsOf } from './record-holds.js';
import { type References, UncoupledReferenceError } from './references.js';
import { otherSide, type Side } from './synch-error.js';
import type { SynchRun } from './synch-run.js';
import { translateOrClear } from './untranslated.js';

/** A record for which others are looked for that agree in all fields of a group. */
export interface Sought {
  readonly side: Side;
  readonly row: SourceRow;
  /** What it and a record that is gone by now last agreed on; none for a record without a pair. */
  readonly bases?: readonly FieldBase[];
}

/** A record that was found, with how it stands. */
export interface Candidate {
  readonly row: SourceRow;
  readonly hold: Exclude<Hold, { kind: 'HELD' }>;
}

/** The records of the other side that match, are in the filter, and have no counterpart that stands. */
export async function candidatesOf(
  run: SynchRun,
  group: MatchGroupFields,
  sought: Sought,
  references: References,
): Promise<Candidate[]> {
  const into = otherSide(sought.side);
  const equal = equalValues(group, sought, into, references);
  if (equal === null) return [];
  const found = await find(run, into, equal);
  return withHolds(
    run,
    into,
    sought.bases === undefined ? found : await matching(run, group, sought, found, references),
  );
}

/** Other records of the same side that have the same values in the fields of the group: what matches one of them matches all. */
export async function twinsOf(run: SynchRun, group: MatchGroupFields, { side, row }: Sought): Promise<Candidate[]> {
  const equal: Record<string, FieldValue> = {};
  for (const { compiled } of group.fields) {
    const name = side === 'BUSINESS' ? compiled.field : compiled.integrationField;
    equal[name] = row.values[name] ?? null;
  }
  const found = await find(run, side, equal);
  return withHolds(
    run,
    side,
    found.filter(({ id }) => id !== row.id),
  );
}

async function find(run: SynchRun, side: Side, equal: Record<string, FieldValue>): Promise<SourceRow[]> {
  const { compiled, connectors, signal } = run;
  const request = { table: tableOn(compiled.mapping, side), fields: compiled.readFields[side], equal };
  const rows = await connectors[side].find(request, signal);
  return rows.filter(({ values }) => compiled.inFilter[side](values));
}

/** These records with how they stand; those of a pair that stands are left out. */
export async function withHolds(run: SynchRun, side: Side, rows: readonly SourceRow[]): Promise<Candidate[]> {
  if (rows.length === 0) return [];
  const holds = await holdsOf(
    run,
    side,
    rows.map(({ id }) => id),
  );
  return rows.flatMap((row) => {
    const hold = holds.get(row.id);
    return hold === undefined || hold.kind === 'HELD' ? [] : [{ row, hold }];
  });
}

/** What was found by values of old is compared with the record as it is now. */
async function matching(
  run: SynchRun,
  group: MatchGroupFields,
  { side, row }: Sought,
  found: readonly SourceRow[],
  references: References,
): Promise<SourceRow[]> {
  const other = otherSide(side);
  const [key] = matchKeysOf([group], side, row.values, references);
  const theirs = await loadReferences(
    run,
    found.map(({ values }) => ({ side: other, values })),
  );
  return found.filter(({ values }) => matchKeysOf([group], other, values, theirs)[0] === key);
}

/** The group's values as the other side would hold them; null when one is blank or cannot be told. */
function equalValues(
  { fields }: MatchGroupFields,
  { side, row, bases = [] }: Sought,
  into: Side,
  references: References,
): Record<string, FieldValue> | null {
  const equal: Record<string, FieldValue> = {};
  for (const { compiled } of fields) {
    const [source, name] =
      side === 'BUSINESS' ? [compiled.field, compiled.integrationField] : [compiled.integrationField, compiled.field];
    // What goes one way is not translated back: a record that is gone had the value that was agreed on.
    const value = isWritten(compiled, into)
      ? translated(compiled, into, row.values[source] ?? null, references)
      : (agreedOn(bases, compiled, into) ?? translated(compiled, into, row.values[source] ?? null, references));
    if (value === null) return null;
    equal[name] = value;
  }
  return equal;
}

const isWritten = ({ toSales, toBusiness }: CompiledField, into: Side): boolean =>
  into === 'SALES' ? toSales : toBusiness;

function translated(field: CompiledField, into: Side, value: FieldValue, references: References): FieldValue {
  try {
    return translateOrClear(field, into, value, references).value;
  } catch (error) {
    if (error instanceof ValueError || error instanceof UncoupledReferenceError) return null;
    throw error;
  }
}
