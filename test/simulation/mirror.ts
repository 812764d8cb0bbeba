import type { SourceRow } from '../../src/connectors/connector.js';
import type { StoredRow } from '../../src/connectors/in-memory/in-memory-system.js';
import type { PresentRows } from './witness.js';

/** What became of a row between two looks at its table. */
export interface RowChange {
  readonly table: string;
  readonly before: StoredRow | null;
  readonly after: StoredRow | null;
}

/** The rows of a system outside this process, as they were when somebody looked last. */
export class Mirror implements PresentRows {
  private readonly tables = new Map<string, Map<string, StoredRow>>();
  private looks = 0;

  /** How often it has looked; a row's change number is the look that found its change. */
  get looked(): number {
    return this.looks;
  }

  row(table: string, id: string): StoredRow | null {
    return this.tables.get(table)?.get(id) ?? null;
  }

  rows(table: string): readonly StoredRow[] {
    return [...(this.tables.get(table)?.values() ?? [])];
  }

  /** Takes the rows of a table as they are now; answers what changed since the last look. */
  look(table: string, rows: readonly SourceRow[]): readonly RowChange[] {
    const known = this.tables.get(table) ?? new Map<string, StoredRow>();
    const changes: RowChange[] = [];
    this.looks += 1;
    const present = new Map<string, StoredRow>();
    for (const { id, version, values, modifiedAt } of rows) {
      const before = known.get(id) ?? null;
      const after: StoredRow =
        before?.version === version
          ? before
          : { id, version, values, modifiedAt: modifiedAt ?? new Date(0), changeNumber: this.looks };
      present.set(id, after);
      if (after !== before) changes.push({ table, before, after });
    }
    for (const [id, before] of known) if (!present.has(id)) changes.push({ table, before, after: null });
    this.tables.set(table, present);
    return changes;
  }
}
