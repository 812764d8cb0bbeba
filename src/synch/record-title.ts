import type { FieldValues, TableMetadata } from '../mapping/field-value.js';
import { offeredName } from './offered-name.js';

/** Fields that name a record, first match of each group, in the order in which people say them: "10000 Adatum Corporation". */
const titleFieldGroups: readonly (readonly string[])[] = [
  ['number', 'code', 'itemNumber', 'No', 'Code', 'productnumber', 'accountnumber', 'isocurrencycode', 'invoicenumber'],
  ['displayName', 'name', 'Name', 'fullname', 'currencyname', 'description', 'Description', 'title'],
];

/** The fields that make up the title of a table's records; none where the table has none of the usual names. */
export const titleFieldsOf = (table: TableMetadata): readonly string[] =>
  titleFieldGroups.flatMap((group) => offeredName(table, group) ?? []);

/** What a person would call the record; its id where it has no name. */
export function titleOf(table: TableMetadata, id: string, values: FieldValues): string {
  const parts = titleFieldsOf(table).flatMap((name) =>
    values[name] === null || values[name] === undefined ? [] : [String(values[name])],
  );
  return parts.length === 0 ? id : parts.join(' ');
}

/** Lower-case words of a title, at most 20, for a search by beginnings of words. */
export const wordsOf = (title: string): string[] =>
  [...new Set(title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, 20);
