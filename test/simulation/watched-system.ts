import type { WriteOperation, WriteOutcome } from '../../src/connectors/connector.js';
import {
  type Author,
  InMemorySystem,
  type InMemorySystemOptions,
  type StoredRow,
} from '../../src/connectors/in-memory/in-memory-system.js';

/** What a system did with an operation. */
export interface AppliedOperation {
  readonly table: string;
  readonly operation: WriteOperation;
  readonly author: Author;
  /** Null for a row that was not there before, or is not there any more. */
  readonly before: StoredRow | null;
  readonly after: StoredRow | null;
}

/** Tells of everything that really happens to the rows of a system. */
export class WatchedSystem extends InMemorySystem {
  constructor(
    options: InMemorySystemOptions,
    private readonly watch: (applied: AppliedOperation) => void,
    /** What of an operation of the service arrives. */
    private readonly arriving: (operation: WriteOperation, row: StoredRow | null) => WriteOperation = (sent) => sent,
  ) {
    super(options);
  }

  override apply(table: string, sent: WriteOperation, author: Author): WriteOutcome {
    const before = sent.id === null ? null : this.row(table, sent.id);
    const operation = author === 'SERVICE' ? this.arriving(sent, before) : sent;
    const outcome = super.apply(table, operation, author);
    if (outcome.kind === 'WRITTEN') {
      const after = outcome.row === null ? null : this.row(table, outcome.row.id);
      this.watch({ table, operation: sent, author, before, after });
    }
    return outcome;
  }
}
