import type { FieldValue, FieldValues, TableMetadata } from '../../mapping/field-value.js';
import { offeredName } from '../offered-name.js';

/** The fields of a posted line that the rules of invoices look at, by their names in Business Central's API and on a page of NAV. */
const lineFieldNames = {
  sequence: ['sequence', 'Line_No'],
  lineType: ['lineType', 'Type'],
  itemId: ['itemId'],
  resourceId: ['resourceId'],
  lineObjectNumber: ['lineObjectNumber', 'No'],
  description: ['description', 'Description'],
  discountAmount: ['discountAmount', 'Line_Discount_Amount'],
  invoiceDiscountAllocation: ['invoiceDiscountAllocation', 'Inv_Discount_Amount'],
  netAmount: ['netAmount', 'Amount'],
  netAmountIncludingTax: ['netAmountIncludingTax', 'Amount_Including_VAT'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What the rules of invoices look at of a posted line; what the system does not tell is null. */
export type LineValues = Readonly<Record<keyof typeof lineFieldNames, FieldValue>>;

/** The field that names the invoice of a line. */
export const documentFields = ['documentId', 'Document_No'] as const;

/** The field in which a salesperson's customer quotes the number of an order of Dataverse. */
export const referenceFields = ['customerPurchaseOrderReference', 'Your_Reference'] as const;

/** The fields to read of a line, as far as the table offers them. */
export const lineFieldsOf = (table: TableMetadata): readonly string[] =>
  Object.values(lineFieldNames).flatMap((names) => offeredName(table, names) ?? []);

/**
 * A posted line as the rules of invoices look at it. Where a number is the id of an item and of a resource alike, the type
 * of the line tells which of them it is.
 */
export function lineValuesOf(table: TableMetadata, row: FieldValues): LineValues {
  const told = Object.fromEntries(
    Object.entries(lineFieldNames).map(([name, names]) => [name, row[offeredName(table, names) ?? ''] ?? null]),
  ) as LineValues;
  const objectOf = (lineType: string, id: 'itemId' | 'resourceId'): FieldValue =>
    offeredName(table, lineFieldNames[id]) !== null || told.lineType !== lineType ? told[id] : told.lineObjectNumber;
  return { ...told, itemId: objectOf('Item', 'itemId'), resourceId: objectOf('Resource', 'resourceId') };
}
