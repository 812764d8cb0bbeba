import type { FieldMetadata } from '../../mapping/field-value.js';
import type { FilterDialect } from '../../mapping/filter/push-filter.js';
import { isGuid } from '../odata/canonical.js';
import type { Table } from './metadata.js';
import { columnIn } from './values.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Line ends may be stored in another form than the canonical one. */
const isOneLine = (text: string): boolean => !text.includes('\n');

/**
 * How Dataverse is asked. Its collation ignores case and accents, so texts may only be asked for, never excluded; `ne` leaves
 * out rows without a value in some versions, so they are asked for besides; and in parts of texts `%`, `_` and `[` are
 * wildcards of its database.
 */
export const dataverseDialect = (table: Table): FilterDialect => ({
  nameOf: ({ name }) => columnIn(table, name).readName,
  literalOf: (field, value) => {
    switch (field.type) {
      case 'TEXT':
        return isOneLine(String(value)) ? quoted(String(value)) : null;
      case 'GUID':
      case 'REFERENCE':
        return isGuid(String(value)) ? String(value) : null;
      case 'INTEGER':
      case 'DECIMAL':
      case 'BOOLEAN':
      case 'DATE':
      case 'DATE_TIME':
        return String(value);
      case 'OPTION':
        return /^-?\d+$/.test(String(value)) ? String(value) : null;
      default:
        return null;
    }
  },
  // A lookup into several tables reads as blank where it points to another one than the expected.
  blankOf: (field) => (canBeAsked(field) && columnIn(table, field.name).onlyTarget === null ? 'null' : null),
  ordersBlank: () => false,
  neMatchesBlank: false,
  comparesExactly: () => false,
  equalIgnoringCase: (field, text) =>
    isOneLine(text) ? { text: `${columnIn(table, field.name).readName} eq ${quoted(text)}`, exact: false } : null,
  partOf: (_field, text) => (isOneLine(text) && !text.includes('[') ? { literal: quoted(text), exact: false } : null),
  partsIgnoreCase: true,
});

const canBeAsked = ({ type }: FieldMetadata): boolean => type !== 'BINARY' && type !== 'OTHER';
