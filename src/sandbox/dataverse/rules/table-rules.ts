import type { Row, Scalar } from '../../world/row.js';
import type { SalesContext } from '../context.js';
import { DataverseError } from '../errors.js';
import type { TableDefinition } from '../table-definition.js';

/** A row that is about to be written. */
export interface Writing {
  readonly context: SalesContext;
  readonly table: TableDefinition;
  readonly id: string;
  /** What the client sets, as it will be stored. */
  readonly given: Readonly<Record<string, Scalar>>;
  /** All columns as they will be stored; a rule fills in what the platform computes. */
  readonly values: Record<string, Scalar>;
  /** Undefined for a new row. */
  readonly before: Row | undefined;
}

/** What a table does beyond storing its columns. Every part refuses by throwing a `DataverseError`. */
export interface TableRules {
  /** State of a new row; 0 where nothing is said. */
  readonly initialState?: (context: SalesContext) => number;
  readonly beforeWrite?: (writing: Writing) => void;
  readonly afterInsert?: (context: SalesContext, row: Row) => void;
  readonly beforeDelete?: (context: SalesContext, row: Row) => void;
}

/** A value that the platform does not accept in this row, for which it has no code of its own. */
export const invalidArgument = (message: string): DataverseError => new DataverseError(400, '0x80040203', message);

/** A value of a column that holds an id or a text; blank when there is none. */
export const idIn = (values: Readonly<Record<string, Scalar>>, column: string): string => String(values[column] ?? '');
