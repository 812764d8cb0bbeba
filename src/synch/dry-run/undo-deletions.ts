import type { WriteOperation, WriteOutcome } from '../../connectors/connector.js';
import type { FieldValue, FieldValues } from '../../mapping/field-value.js';
import { tableOn } from '../../mapping/integration-table-mapping.js';
import { type Side, sides } from '../synch-error.js';
import type { RecordChange } from '../synch-job.js';
import { jobInto, type SynchRun } from '../synch-run.js';
import { tableRuleOf } from '../table-rules.js';

/** A change that is not undone, with the reason. */
export interface NotUndone {
  readonly change: RecordChange;
  readonly reason: string;
}

/**
 * Makes records again that synch jobs deleted, with what the history kept of them: their mapped fields. They are coupled with
 * nothing, since their counterparts are gone. Where such a record is there already, be it by an undo that was interrupted,
 * none is made. Answers what could not be made.
 */
export async function undoDeletions(run: SynchRun, deletions: readonly RecordChange[]): Promise<readonly NotUndone[]> {
  const refused: NotUndone[] = [];
  for (const side of sides) {
    const ofSide = deletions.filter((change) => change.side === side);
    if (ofSide.length > 0) refused.push(...(await makeAgain(run, side, ofSide)));
  }
  return refused;
}

async function makeAgain(run: SynchRun, side: Side, deletions: readonly RecordChange[]): Promise<NotUndone[]> {
  const missing: RecordChange[] = [];
  const refused: NotUndone[] = [];
  for (const change of deletions) {
    if (await isThere(run, side, change))
      refused.push({ change, reason: 'a record with these values is there already' });
    else missing.push(change);
  }
  if (missing.length === 0) return refused;
  run.assertHeld();
  const { connectors, compiled, assertHeld, signal } = run;
  const outcomes = await connectors[side].write(
    {
      table: tableOn(compiled.mapping, side),
      fields: compiled.readFields[side],
      operations: missing.map((change) => creationOf(run, side, change)),
      assertHeld,
    },
    signal,
  );
  const made = missing.flatMap((change, index) => madeAgain(run, change, outcomes[index]) ?? []);
  await run.stores.jobs.addChanges(made);
  jobInto(run, side).count('inserted', made.length);
  const failed = missing.flatMap((change, index) => whyNot(change, outcomes[index]) ?? []);
  return [...refused, ...failed];
}

async function isThere({ connectors, compiled, signal }: SynchRun, side: Side, change: RecordChange): Promise<boolean> {
  const equal = keptValues({ compiled }, side, change);
  const table = tableOn(compiled.mapping, side);
  return (await connectors[side].find({ table, fields: [], equal, atMost: 1 }, signal)).length > 0;
}

/** Where the system takes our ids, the record gets the one that it had: links to it are good again. */
function creationOf(run: SynchRun, side: Side, change: RecordChange): WriteOperation {
  const id = side === 'BUSINESS' ? change.businessId : change.salesId;
  return {
    kind: 'CREATE',
    id: run.connectors[side].features.clientAssignedIds ? id : null,
    values: keptValues(run, side, change),
  };
}

/** What a new record can be given of what the deleted one held. */
function keptValues({ compiled }: Pick<SynchRun, 'compiled'>, side: Side, { fields }: RecordChange): FieldValues {
  const { settledLast = [] } = side === 'SALES' ? tableRuleOf(compiled.mapping.integrationTable) : {};
  const known = compiled.table[side].fields;
  const values: Record<string, FieldValue> = {};
  for (const { field, integrationField, before } of fields) {
    const name = side === 'BUSINESS' ? field : integrationField;
    const isWritable = known.get(name)?.readOnly === false && !settledLast.includes(name);
    if (isWritable && before !== null) values[name] = before;
  }
  return values;
}

function madeAgain(run: SynchRun, change: RecordChange, outcome: WriteOutcome | undefined): RecordChange | null {
  if (outcome?.kind !== 'WRITTEN' || outcome.row === null) return null;
  const { side } = change;
  const { id, version } = outcome.row;
  return {
    ...change,
    _id: `${run.runId}:${change._id}`,
    runId: run.runId,
    synchJobId: jobInto(run, side).job._id,
    at: run.now(),
    action: 'INSERT',
    outcome: 'APPLIED',
    reason: 'the synch job that deleted it was undone; only its mapped fields are known',
    causedBy: run.causedBy,
    businessId: side === 'BUSINESS' ? id : null,
    salesId: side === 'SALES' ? id : null,
    versions: { BUSINESS: side === 'BUSINESS' ? version : null, SALES: side === 'SALES' ? version : null },
    fields: change.fields.map(({ before, ...field }) => ({ ...field, before: null, after: before })),
  };
}

function whyNot(change: RecordChange, outcome: WriteOutcome | undefined): NotUndone | null {
  switch (outcome?.kind) {
    case 'WRITTEN':
      return null;
    case 'KEY_EXISTS':
      return { change, reason: 'a record with its key is there already' };
    case 'UNKNOWN':
      return {
        change,
        reason: `it is not known whether it was made again: ${outcome.error.message}; look for it there`,
      };
    case 'REFUSED':
      return { change, reason: `it could not be made again: ${outcome.error.message}` };
    default:
      return { change, reason: 'it could not be made again' };
  }
}
