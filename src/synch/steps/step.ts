import type { SourceRow, WriteOperation, WriteOutcome } from '../../connectors/connector.js';
import type { AwaitedReference, Coupling } from '../../coupling/coupling.js';
import type { FieldValues } from '../../mapping/field-value.js';
import type { CouplingSet } from '../coupling-states.js';
import { describeError, makeError, RunFailedError } from '../describe-error.js';
import { isClean } from '../field-base.js';
import type { SynchError } from '../synch-error.js';
import type { SynchRun } from '../synch-run.js';
import type { FirstContacts } from './first-contacts.js';
import type { PriceLists } from './price-lists.js';
import type { UnitGroupsOfPairs } from './unit-group.js';

/** What the steps of a chunk of pairs share. */
export interface StepContext {
  readonly run: SynchRun;
  readonly priceLists: PriceLists;
  readonly firstContacts: FirstContacts;
  readonly unitGroups: UnitGroupsOfPairs;
}

/**
 * Does what has still to be done with the Dataverse record of a pair, and answers what that changes of the coupling. It can be
 * repeated: what is done already is left as it is. Throws StepError, StepWaitsError.
 */
export type Step = (context: StepContext, coupling: Coupling) => Promise<CouplingSet>;

/** The step cannot be done as things are. */
export class StepError extends Error {
  override readonly name = 'StepError';
  constructor(
    readonly error: SynchError,
    /** Keys of the records because of which it cannot (see Coupling.hangsOn). */
    readonly hangsOn: readonly string[] = [],
  ) {
    super(error.message);
  }
}

/** The step goes on as soon as these records are coupled. */
export class StepWaitsError extends Error {
  override readonly name = 'StepWaitsError';
  constructor(readonly waitingFor: readonly AwaitedReference[]) {
    super('records that it needs are not coupled yet');
  }
}

export const refused = (code: string, message: string, hangsOn: readonly string[] = []): StepError =>
  new StepError(makeError('VALIDATION', code, message, { side: 'SALES' }), hangsOn);

/** Writes records of Dataverse that belong to a pair; throws StepError unless all of them were written, or are there already. */
export async function writeSales(
  { run }: StepContext,
  table: string,
  fields: readonly string[],
  operations: readonly WriteOperation[],
): Promise<readonly WriteOutcome[]> {
  if (operations.length === 0) return [];
  run.assertHeld();
  const { SALES } = run.connectors;
  const outcomes = await SALES.write({ table, fields, operations, assertHeld: run.assertHeld }, run.signal);
  const made = await idsAmong(run, table, operations, outcomes);
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === 'WRITTEN') continue;
    const id = operations[index]?.id ?? null;
    if (outcome.kind === 'KEY_EXISTS' && id !== null && made.has(id)) continue;
    throw stepFailure(table, outcome);
  }
  return outcomes;
}

/** Writes the Dataverse record of a pair. The version that our own write gives it is no change by a person. */
export async function updateOwn(
  context: StepContext,
  { bases }: Coupling,
  { id, version }: SourceRow,
  values: FieldValues,
): Promise<CouplingSet> {
  const { mapping, readFields, fields } = context.run.compiled;
  const [outcome] = await writeSales(context, mapping.integrationTable, readFields.SALES, [
    { kind: 'UPDATE', id, version, values },
  ]);
  if (outcome?.kind !== 'WRITTEN' || outcome.row === null) return {};
  return {
    sales: { version: outcome.row.version, clean: isClean(fields, bases, 'SALES', outcome.row.values) },
  };
}

/** A row under an id of ours was made by us before. */
async function idsAmong(
  run: SynchRun,
  table: string,
  operations: readonly WriteOperation[],
  outcomes: readonly WriteOutcome[],
): Promise<ReadonlySet<string>> {
  const ids = operations.flatMap(({ id }, index) =>
    outcomes[index]?.kind === 'KEY_EXISTS' && id !== null ? [id] : [],
  );
  if (ids.length === 0) return new Set();
  const rows = await run.connectors.SALES.readByIds({ table, fields: [], ids }, run.signal);
  return new Set(rows.map(({ id }) => id));
}

/** What a step ends with whose write to Dataverse was not made: listed with its pair, or the end of the run. */
export function stepFailure(table: string, outcome: Exclude<WriteOutcome, { kind: 'WRITTEN' }>): Error {
  if (outcome.kind === 'REFUSED' || outcome.kind === 'KEY_EXISTS') {
    const error = describeError(outcome.error, 'SALES');
    return outcome.error.errorClass === 'AUTHENTICATION'
      ? new RunFailedError(error)
      : new StepError({ ...error, code: 'AFTER_CREATE' });
  }
  const message = `what follows the record in ${table} could not be written yet`;
  return new StepError(makeError('TRANSIENT', 'AFTER_CREATE', message, { side: 'SALES' }));
}
