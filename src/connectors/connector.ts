import type { FieldValues, TableMetadata } from '../mapping/field-value.js';
import type { FieldFilter } from '../mapping/integration-table-mapping.js';
import type { Side, SynchErrorClass } from '../synch/synch-error.js';

/**
 * The port to one system. One implementation a protocol; what they cannot all do is declared in {@link ConnectorFeatures}
 * and asked there, never by the kind of the system.
 *
 * All values that pass here are canonical (see FieldValue); each implementation translates to and from its wire form by the
 * system's metadata. Every call ends by itself (time-outs) and stops soon after `signal` aborts, rejecting with the
 * signal's reason. Requests that were surely not applied (throttled, refused connections, rolled back) are repeated inside,
 * with back-off and within limits; what may have been applied is never repeated here but told as UNKNOWN.
 */
export interface Connector {
  readonly features: ConnectorFeatures;
  /** How long the system may still apply a request that it has received, in ms. */
  readonly applyMs: number;

  /** Id of the company (Business Central, NAV) or of the organisation (Dataverse): what the connection means. */
  identity(signal: AbortSignal): Promise<string>;

  /** Tries the connection step by step: address, reach, authenticate, company or organisation, read, write. Does not throw for what the test finds. */
  test(signal: AbortSignal): Promise<ConnectorTestResult>;

  /** The entity sets that mappings may name, by name, without their fields. */
  tables(signal: AbortSignal): Promise<readonly TableName[]>;

  /** Fields, types, lengths and options of an entity set, kept for an hour. Throws ConnectorError CONFIGURATION for an unknown set. */
  metadata(table: string, signal: AbortSignal): Promise<TableMetadata>;

  /**
   * Rows changed since the cursor, or all rows without one; a page is asked for only when the iterator's `next` is called.
   * The last page carries the cursor of the next read. Rows that were read before may come again. A row is not repeated as
   * deleted in one read. Throws {@link CursorExpiredError} when the system no longer knows the cursor.
   */
  readChanges(request: ReadChangesRequest, signal: AbortSignal): AsyncIterable<ChangePage>;

  /**
   * The first changes (at most 100 rows a table) since the cursors of several tables, in as few requests as the system
   * allows; a look that moves no cursor. Outcome i belongs to request i. Rejects only when aborted. Absent where the system
   * takes no several requests at once.
   */
  peekChanges?(requests: readonly ReadChangesRequest[], signal: AbortSignal): Promise<PeekedChanges[]>;

  /** The rows of these ids as they are now; an id that does not exist is not in the answer. */
  readByIds(request: ReadByIdsRequest, signal: AbortSignal): Promise<SourceRow[]>;

  /** Rows that agree in all given values, modified since then by the system's own clock where given; see {@link FindRequest}. */
  find(request: FindRequest, signal: AbortSignal): Promise<SourceRow[]>;

  /**
   * Rows that match all filters, without a cursor: for counting, and for people who look for a record. The system narrows
   * the read as far as its own filters can say the same; what a page holds has been compared and really matches, so a page
   * may be empty. Throws FilterSyntaxError for a filter that the field's type does not allow.
   */
  readMatching(request: ReadMatchingRequest, signal: AbortSignal): AsyncIterable<readonly SourceRow[]>;

  /** Id and version of all rows, page by page. */
  sweep(table: string, signal: AbortSignal): AsyncIterable<readonly RowVersion[]>;

  /** Writes the operations, in as few requests as the system's limits allow; outcome i belongs to operation i. Rejects only when aborted. */
  write(request: WriteRequest, signal: AbortSignal): Promise<WriteOutcome[]>;

  close(): Promise<void>;
}

export interface ConnectorFeatures {
  /** The system tells what changed since a cursor exactly (no overlap, no missed rows). */
  readonly changeTracking: boolean;
  /** readChanges tells deletions. */
  readonly deletions: boolean;
  readonly batch: boolean;
  readonly bulkWrite: boolean;
  /** A CREATE takes our id and is refused with KEY_EXISTS when repeated. */
  readonly clientAssignedIds: boolean;
  /** How exactly a row tells when it was changed. By the day alone, the rows of whole days are read again and `modifiedAt` is null. */
  readonly changeTimes: 'MOMENT' | 'DAY';
}

export interface TableName {
  readonly name: string;
  readonly label: string;
  /**
   * Name of the entity set of Business Central's API that has the same records, where tables are published under names of
   * the administrator's choice (NAV). Absent where the name itself tells.
   */
  readonly standsFor?: string;
}

export interface ReadChangesRequest {
  readonly table: string;
  readonly fields: readonly string[];
  readonly cursor: string | null;
  /**
   * Narrows a read without cursor to rows that may match, where the system can do so and still give a cursor. Others come
   * too: the caller compares what it gets.
   */
  readonly filter?: readonly FieldFilter[];
}

export interface ReadMatchingRequest {
  readonly table: string;
  readonly fields: readonly string[];
  readonly filter: readonly FieldFilter[];
  /** Rows of one page, where fewer than usual are wanted. */
  readonly pageSize?: number;
}

export interface ReadByIdsRequest {
  readonly table: string;
  readonly fields: readonly string[];
  readonly ids: readonly string[];
}

export interface FindRequest {
  readonly table: string;
  readonly fields: readonly string[];
  readonly equal: FieldValues;
  readonly modifiedSince?: Date;
  /** So many rows at most; 100 where nothing is said. */
  readonly atMost?: number;
}

export interface RowVersion {
  readonly id: string;
  /** Opaque; equal or not, without order. */
  readonly version: string;
}

export interface SourceRow extends RowVersion {
  /** By the system's own clock; null where it does not tell. */
  readonly modifiedAt: Date | null;
  /** Exactly the fields that were asked for. */
  readonly values: FieldValues;
}

export interface ChangePage {
  readonly rows: readonly SourceRow[];
  readonly deletedIds: readonly string[];
  /** Set on the last page only. */
  readonly cursor: string | null;
}

/** What a look at the changes of a table shows, or why it shows nothing. */
export type PeekedChanges =
  | {
      readonly rows: readonly SourceRow[];
      readonly deletedIds: readonly string[];
      /** False: there are more changes than the look shows. */
      readonly isWhole: boolean;
    }
  | ConnectorError;

export type WriteOperation =
  | {
      readonly kind: 'CREATE' /** Our id where the system takes it, else null. */;
      readonly id: string | null;
      readonly values: FieldValues;
    }
  | {
      readonly kind: 'UPDATE';
      readonly id: string /** The version that the row must still have. */;
      readonly version: string;
      readonly values: FieldValues;
    }
  | { readonly kind: 'DELETE'; readonly id: string; readonly version: string };

export interface WriteRequest {
  readonly table: string;
  /** Fields of the row that a WRITTEN outcome returns. */
  readonly fields: readonly string[];
  readonly operations: readonly WriteOperation[];
  /** Called right before each request is sent. Throws once the sender may no longer write: the call then rejects with that. */
  readonly assertHeld?: (() => void) | undefined;
}

export type WriteOutcome =
  /** Applied; the row as the system answered it, null after a DELETE. */
  | { readonly kind: 'WRITTEN'; readonly row: SourceRow | null }
  /** Not applied: the row has another version by now. */
  | { readonly kind: 'CHANGED' }
  /** Not applied: there is no such row. */
  | { readonly kind: 'GONE' }
  /** Not applied: a row with this id or key exists. */
  | { readonly kind: 'KEY_EXISTS'; readonly error: ConnectorError }
  /** Not applied, for this reason. */
  | { readonly kind: 'REFUSED'; readonly error: ConnectorError }
  /** Sent, and no usable answer came: it may have been applied, or may still be. */
  | { readonly kind: 'UNKNOWN'; readonly error: ConnectorError };

export type ConnectorTestStep = 'ADDRESS' | 'REACH' | 'AUTHENTICATE' | 'COMPANY' | 'METADATA' | 'READ' | 'WRITE';

export interface ConnectorTestResult {
  readonly ok: boolean;
  readonly systemVersion: string | null;
  /** In the order tried; the last one is the one that failed. */
  readonly steps: readonly {
    readonly step: ConnectorTestStep;
    readonly ok: boolean;
    readonly durationMs: number;
    readonly message: string;
    readonly error: ConnectorError | null;
  }[];
}

/** A system refused a request, could not be reached, or answered what cannot be understood. */
export class ConnectorError extends Error {
  override readonly name: string = 'ConnectorError';
  readonly errorClass: SynchErrorClass;
  /** The system's own code where it gave one, else a stable one of ours, e.g. UNREACHABLE, TIMEOUT, BAD_ANSWER. */
  readonly code: string;
  readonly httpStatus: number | null;
  /** The field that the system named, where it did. */
  readonly field: string | null;
  /** Whose system it was; null until it leaves the connector of that side, see `onSide`. */
  side: Side | null = null;

  constructor(
    message: string,
    details: { errorClass: SynchErrorClass; code: string; httpStatus?: number | null; field?: string | null },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.errorClass = details.errorClass;
    this.code = details.code;
    this.httpStatus = details.httpStatus ?? null;
    this.field = details.field ?? null;
  }
}

/** The system no longer knows this cursor: read everything and compare the keys. */
export class CursorExpiredError extends ConnectorError {
  override readonly name = 'CursorExpiredError';
  constructor(table: string, options?: ErrorOptions) {
    super(
      `the change cursor of ${table} has expired; all rows have to be read again`,
      { errorClass: 'TRANSIENT', code: 'CURSOR_EXPIRED' },
      options,
    );
  }
}

/** The address and the credentials of one system, with the secret in clear: never logged, never stored. */
export interface EndpointAccess {
  readonly kind: 'BUSINESS_CENTRAL' | 'NAV_ODATA' | 'DATAVERSE';
  readonly baseUrl: string;
  readonly company: string | null;
  readonly authentication:
    | { readonly kind: 'NONE' }
    | { readonly kind: 'BASIC'; readonly userName: string; readonly secret: string }
    | {
        readonly kind: 'OAUTH2_CLIENT_CREDENTIALS';
        readonly tenantId: string;
        readonly clientId: string;
        readonly secret: string /** Where tokens come from. */;
        readonly tokenUrl: string;
      };
}
