import type { FieldValue, FieldValues, TableMetadata } from '../../mapping/field-value.js';
import { ConnectorError, type WriteOperation, type WriteOutcome } from '../connector.js';

/** A table of the system in memory. */
export interface InMemoryTable {
  readonly metadata: TableMetadata;
  /** Fields whose values no two rows may share; null may repeat. */
  readonly uniqueFields?: readonly string[];
}

/** Who changes a row: the service through the connector, or somebody else. */
export type Author = 'SERVICE' | 'PERSON';

/** What the system itself makes of values that are written, e.g. upper case or a rounded price. */
export type ServerRule = (change: {
  readonly table: string;
  readonly values: FieldValues;
  readonly author: Author;
}) => FieldValues;

export interface StoredRow {
  readonly id: string;
  readonly version: string;
  /** Place in the order of all changes. */
  readonly changeNumber: number;
  readonly modifiedAt: Date;
  readonly values: FieldValues;
}

interface Deletion {
  readonly id: string;
  readonly changeNumber: number;
}

interface Content {
  readonly table: InMemoryTable;
  readonly rows: Map<string, StoredRow>;
  readonly deletions: Deletion[];
}

export interface InMemorySystemOptions {
  readonly tables: readonly InMemoryTable[];
  readonly now: () => Date;
  readonly newId: () => string;
  readonly rule?: ServerRule | undefined;
  readonly clientAssignedIds: boolean;
}

/** The rows of a system, with versions and the order of changes. Everything happens at once: no step can be interrupted. */
export class InMemorySystem {
  readonly #options: InMemorySystemOptions;
  readonly #contents: ReadonlyMap<string, Content>;
  #lastChange = 0;

  constructor(options: InMemorySystemOptions) {
    this.#options = options;
    this.#contents = new Map(
      options.tables.map((table) => [table.metadata.name, { table, rows: new Map(), deletions: [] }]),
    );
  }

  /** Number of the latest change of any row. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** Throws ConnectorError CONFIGURATION for an unknown table. */
  table(name: string): InMemoryTable {
    return this.#content(name).table;
  }

  /** All tables, by name. */
  get tables(): readonly InMemoryTable[] {
    return [...this.#contents.keys()].toSorted().map((name) => this.table(name));
  }

  row(table: string, id: string): StoredRow | null {
    return this.#content(table).rows.get(id.toLowerCase()) ?? null;
  }

  /** In the order of their last changes. */
  rows(table: string): StoredRow[] {
    return [...this.#content(table).rows.values()].toSorted((a, b) => a.changeNumber - b.changeNumber);
  }

  deletedSince(table: string, changeNumber: number): string[] {
    const { rows, deletions } = this.#content(table);
    const ids = deletions
      .filter((deletion) => deletion.changeNumber > changeNumber && !rows.has(deletion.id))
      .map(({ id }) => id);
    return [...new Set(ids)];
  }

  /** What the system does when the operation reaches it. */
  apply(table: string, operation: WriteOperation, author: Author): WriteOutcome {
    const content = this.#content(table);
    switch (operation.kind) {
      case 'CREATE':
        return this.#create(content, operation, author);
      case 'UPDATE':
        return this.#changed(content, operation, (row) => this.#update(content, row, operation.values, author));
      case 'DELETE':
        return this.#changed(content, operation, (row) => this.#delete(content, row));
    }
  }

  #create(content: Content, { id, values }: { id: string | null; values: FieldValues }, author: Author): WriteOutcome {
    const { newId, clientAssignedIds } = this.#options;
    if (author === 'SERVICE' && (id !== null) !== clientAssignedIds) {
      return refused(`the system ${clientAssignedIds ? 'takes' : 'gives'} the ids of new rows`, 'INTERNAL', 'ID_FORM');
    }
    const rowId = (id ?? newId()).toLowerCase();
    if (content.rows.has(rowId)) return keyExists(`a row with the id ${rowId} exists`);
    const empty = Object.fromEntries([...content.table.metadata.fields.keys()].map((field) => [field, null]));
    return this.#store(content, rowId, empty, values, author);
  }

  #update(content: Content, row: StoredRow, values: FieldValues, author: Author): WriteOutcome {
    return this.#store(content, row.id, row.values, values, author);
  }

  #delete({ rows, deletions }: Content, { id }: StoredRow): WriteOutcome {
    rows.delete(id);
    deletions.push({ id, changeNumber: this.#nextChange() });
    return { kind: 'WRITTEN', row: null };
  }

  #changed(
    content: Content,
    { id, version }: { id: string; version: string },
    change: (row: StoredRow) => WriteOutcome,
  ): WriteOutcome {
    const row = content.rows.get(id.toLowerCase());
    if (row === undefined) return { kind: 'GONE' };
    return row.version === version ? change(row) : { kind: 'CHANGED' };
  }

  #store(content: Content, id: string, before: FieldValues, values: FieldValues, author: Author): WriteOutcome {
    const { metadata, uniqueFields = [] } = content.table;
    const ruled = this.#options.rule?.({ table: metadata.name, values, author }) ?? values;
    const refusal = refusalOf(metadata, ruled);
    if (refusal !== null) return refusal;
    const taken = uniqueFields.find((field) => isTaken(content.rows, id, field, ruled[field] ?? null));
    if (taken !== undefined) return keyExists(`another row has the same ${taken}`);
    const changeNumber = this.#nextChange();
    const row: StoredRow = {
      id,
      version: `W/"${changeNumber}"`,
      changeNumber,
      modifiedAt: this.#options.now(),
      values: { ...before, [metadata.keyField]: id, ...ruled },
    };
    content.rows.set(id, row);
    return { kind: 'WRITTEN', row };
  }

  #nextChange(): number {
    this.#lastChange += 1;
    return this.#lastChange;
  }

  #content(name: string): Content {
    const content = this.#contents.get(name);
    if (content !== undefined) return content;
    throw new ConnectorError(`the system has no table "${name}"; it has ${[...this.#contents.keys()].join(', ')}`, {
      errorClass: 'CONFIGURATION',
      code: 'UNKNOWN_TABLE',
    });
  }
}

const isTaken = (rows: ReadonlyMap<string, StoredRow>, id: string, field: string, value: FieldValue): boolean =>
  value !== null && [...rows.values()].some((row) => row.id !== id && row.values[field] === value);

function refusalOf(metadata: TableMetadata, values: FieldValues): WriteOutcome | null {
  for (const [name, value] of Object.entries(values)) {
    const field = metadata.fields.get(name);
    if (field === undefined)
      return refused(`${metadata.name} has no field "${name}"`, 'CONFIGURATION', 'UNKNOWN_FIELD', name);
    if (typeof value === 'string' && field.maxLength !== null && value.length > field.maxLength) {
      const message = `"${name}" holds ${field.maxLength} characters, got ${value.length}`;
      return refused(message, 'VALIDATION', 'TOO_LONG', name);
    }
  }
  return null;
}

const refused = (
  message: string,
  errorClass: 'VALIDATION' | 'CONFIGURATION' | 'INTERNAL',
  code: string,
  field: string | null = null,
): WriteOutcome => ({ kind: 'REFUSED', error: new ConnectorError(message, { errorClass, code, field }) });

const keyExists = (message: string): WriteOutcome => ({
  kind: 'KEY_EXISTS',
  error: new ConnectorError(message, { errorClass: 'DUPLICATE', code: 'KEY_EXISTS' }),
});
