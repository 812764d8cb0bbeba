import type { ExternalRecord } from '../coupling/external-record.js';
import type { FieldValues } from '../mapping/field-value.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { LISTED_CANDIDATES, type MatchAmbiguity } from './match-ambiguity.js';
import type { MatchGroupFields } from './match-keys.js';
import { titleOf } from './record-title.js';
import { otherSide, type Side } from './synch-error.js';
import { jobInto, type SynchRun } from './synch-run.js';

/** A record as far as matching looks at it. */
export interface MatchedRecord {
  readonly id: string;
  readonly values: FieldValues;
}

/** Records of one side that all match the same ones of the other side. */
export interface AmbiguousMatch {
  readonly side: Side;
  readonly records: readonly MatchedRecord[];
  readonly group: MatchGroupFields;
  readonly candidates: readonly MatchedRecord[];
  readonly candidateCount: number;
}

/** Lists records with several possible counterparts with the job that would have written these. */
export async function listAmbiguities(run: SynchRun, match: AmbiguousMatch): Promise<void> {
  const { side, records, group, candidateCount } = match;
  const { connectionSetupId, id: mappingId } = run.compiled.mapping;
  const { job } = jobInto(run, otherSide(side));
  const candidates = match.candidates.slice(0, LISTED_CANDIDATES).map((one) => asExternal(run, otherSide(side), one));
  const matchedOn = group.fields.map(({ compiled }) =>
    side === 'BUSINESS' ? compiled.field : compiled.integrationField,
  );
  const ambiguities = records.map((one): MatchAmbiguity => {
    const record = asExternal(run, side, one);
    return {
      _id: `${job._id}:${side}:${one.id}`,
      connectionSetupId,
      synchJobId: job._id,
      mappingId,
      title: record.title,
      record,
      matchedOn,
      candidateCount,
      candidates,
      at: run.now(),
    };
  });
  await run.stores.jobs.addAmbiguities(ambiguities);
}

const asExternal = ({ compiled }: SynchRun, side: Side, { id, values }: MatchedRecord): ExternalRecord => ({
  connectionSetupId: compiled.mapping.connectionSetupId,
  mappingId: compiled.mapping.id,
  table: tableOn(compiled.mapping, side),
  side,
  recordId: id,
  title: titleOf(compiled.table[side], id, values),
});
