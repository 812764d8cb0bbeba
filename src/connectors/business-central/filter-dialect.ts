import type { FieldMetadata } from '../../mapping/field-value.js';
import type { FilterDialect } from '../../mapping/filter/push-filter.js';
import { isGuid } from '../odata/canonical.js';
import { filterOperators } from '../odata/find.js';
import { isFilledWhenBlank } from './code-fields.js';
import type { EntitySet } from './metadata.js';
import { blanks } from './values.js';

/** Texts that pass through the system's own filter language unharmed. */
const isHarmless = (text: string): boolean => !filterOperators.test(text) && !text.includes('\n');

/** Names that all versions write alike: others are escaped in some and not in others. */
const isPlainMember = (member: string): boolean => /^[A-Za-z]\w*$/.test(member) && !member.includes('_x');

/** ASCII is the same in lower case everywhere. */
const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/**
 * How Business Central and NAV are asked. Their service turns `$filter` into a filter of their own language, so texts with
 * its operators are not sent. `or` is allowed over one field alone, and each of our filters is about one field. Fields are
 * never null: what stands for blank is compared instead, and it comes first in the order of its type. Whether texts are told
 * apart by case follows from the database's collation, so texts are not excluded; codes are upper-case in any.
 */
export const businessCentralDialect = ({ metadata }: Pick<EntitySet, 'metadata'>): FilterDialect => ({
  nameOf: ({ name }) => name,
  literalOf: (field, value) => {
    switch (field.type) {
      case 'TEXT':
      case 'CODE':
        return isHarmless(String(value)) ? `'${String(value)}'` : null;
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
        return isPlainMember(String(value)) ? `'${String(value)}'` : null;
      default:
        return null;
    }
  },
  blankOf: (field) => {
    if (isFilledWhenBlank(metadata.name, field.name)) return null;
    if (isText(field)) return "''";
    const blank = field.type in comparableBlanks ? blanks[field.type] : undefined;
    return blank === undefined ? null : String(blank);
  },
  ordersBlank: ({ type }) => type in comparableBlanks,
  neMatchesBlank: true,
  comparesExactly: ({ type }) => type === 'CODE',
  equalIgnoringCase: ({ name }, text) =>
    isHarmless(text) && isAscii(text) ? { text: `tolower(${name}) eq '${text.toLowerCase()}'`, exact: true } : null,
  partOf: (_field, text) => (isHarmless(text) ? { literal: `'${text}'`, exact: true } : null),
  partsIgnoreCase: false,
});

const isText = ({ type }: FieldMetadata): boolean => type === 'TEXT' || type === 'CODE';

/** Types with a value that stands for blank and can be written in a filter; numbers and yes/no have none. */
const comparableBlanks: Readonly<Partial<Record<FieldMetadata['type'], true>>> = {
  DATE: true,
  DATE_TIME: true,
  GUID: true,
  REFERENCE: true,
};
