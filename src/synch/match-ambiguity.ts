import type { ExternalRecord } from '../coupling/external-record.js';

/** A record for which matching found several possible counterparts. Its id is made from job and record, so that it is listed once in a job. */
export interface MatchAmbiguity {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly synchJobId: string;
  readonly mappingId: string;
  /** Of the record: what the list is ordered by. */
  readonly title: string;
  readonly record: ExternalRecord;
  /** Names of the fields of its side that matched. */
  readonly matchedOn: readonly string[];
  readonly candidateCount: number;
  /** The first {@link LISTED_CANDIDATES} of them. */
  readonly candidates: readonly ExternalRecord[];
  readonly at: Date;
}

/** More nobody looks through; who has so many makes the matching fields differ. */
export const LISTED_CANDIDATES = 20;
