import {
  activity,
  choice,
  currency,
  day,
  decimal,
  lifecycle,
  lookup,
  memo,
  money,
  stamps,
  type TableDefinition,
  text,
  whole,
  yesNo,
} from '../table-definition.js';

const LARGEST_AMOUNT = 1_000_000_000_000;

/** A group of units that convert into each other, with the base unit that they are measured in. */
export const unitGroup: TableDefinition = {
  logicalName: 'uomschedule',
  entitySetName: 'uomschedules',
  primaryId: 'uomscheduleid',
  primaryName: 'name',
  objectTypeCode: 1_056,
  ownedByUsers: false,
  changeTracking: true,
  columns: [
    text('name', 200, { required: 'SystemRequired' }),
    memo('description', 2_000),
    text('baseuomname', 100, { required: 'SystemRequired', createOnly: true }),
    ...activity,
    ...stamps,
  ],
};

export const unit: TableDefinition = {
  logicalName: 'uom',
  entitySetName: 'uoms',
  primaryId: 'uomid',
  primaryName: 'name',
  objectTypeCode: 1_055,
  ownedByUsers: false,
  changeTracking: true,
  columns: [
    text('name', 100, { required: 'SystemRequired' }),
    decimal('quantity', 10, { required: 'SystemRequired', min: 0.0000000001 }),
    lookup('uomscheduleid', 'uomschedule', { required: 'SystemRequired', createOnly: true, onDelete: 'cascade' }),
    lookup('baseuom', 'uom', { onDelete: 'restrict' }),
    yesNo('isschedulebaseuom', { readOnly: true }),
    ...stamps,
  ],
};

export const product: TableDefinition = {
  logicalName: 'product',
  entitySetName: 'products',
  primaryId: 'productid',
  primaryName: 'name',
  objectTypeCode: 1_024,
  ownedByUsers: false,
  changeTracking: true,
  columns: [
    text('productnumber', 100, { required: 'SystemRequired' }),
    text('name', 100, { required: 'SystemRequired' }),
    memo('description', 2_000),
    choice('productstructure', { 1: 'Product', 2: 'Product Family', 3: 'Product Bundle' }),
    choice('producttypecode', { 1: 'Sales Inventory', 2: 'Miscellaneous Charges', 3: 'Services', 4: 'Flat Fees' }),
    lookup('defaultuomscheduleid', 'uomschedule', { required: 'ApplicationRequired', onDelete: 'restrict' }),
    lookup('defaultuomid', 'uom', { required: 'ApplicationRequired', onDelete: 'restrict' }),
    whole('quantitydecimal', 0, 5, { required: 'SystemRequired' }),
    ...money('price', 0, LARGEST_AMOUNT),
    ...money('standardcost', 0, LARGEST_AMOUNT),
    ...money('currentcost', 0, LARGEST_AMOUNT),
    decimal('quantityonhand', 5, { min: 0, max: 1_000_000_000 }),
    decimal('stockvolume', 5, { min: 0, max: 1_000_000_000 }),
    decimal('stockweight', 5, { min: 0, max: 1_000_000_000 }),
    yesNo('isstockitem'),
    text('vendorid', 100),
    text('vendorname', 100),
    text('vendorpartnumber', 100),
    text('suppliername', 100),
    text('producturl', 255),
    lookup('pricelevelid', 'pricelevel'),
    lookup('parentproductid', 'product', { onDelete: 'restrict' }),
    day('validfromdate'),
    day('validtodate'),
    ...currency,
    ...lifecycle([
      { value: 0, label: 'Active', statuses: { 1: 'Active' } },
      { value: 1, label: 'Retired', statuses: { 2: 'Retired' } },
      { value: 2, label: 'Draft', statuses: { 0: 'Draft' } },
      { value: 3, label: 'Under Revision', statuses: { 3: 'Under Revision' } },
    ]),
    ...stamps,
  ],
};

/** A price list. */
export const priceLevel: TableDefinition = {
  logicalName: 'pricelevel',
  entitySetName: 'pricelevels',
  primaryId: 'pricelevelid',
  primaryName: 'name',
  objectTypeCode: 1_022,
  ownedByUsers: false,
  changeTracking: true,
  columns: [
    text('name', 100, { required: 'SystemRequired' }),
    memo('description', 2_000),
    day('begindate'),
    day('enddate'),
    lookup('transactioncurrencyid', 'transactioncurrency', {
      required: 'SystemRequired',
      createOnly: true,
      onDelete: 'restrict',
    }),
    ...lifecycle([
      { value: 0, label: 'Active', statuses: { 100001: 'Active' } },
      { value: 1, label: 'Inactive', statuses: { 100002: 'Inactive' } },
    ]),
    ...stamps,
  ],
};

/** The price of a product in one unit, on one price list. */
export const productPriceLevel: TableDefinition = {
  logicalName: 'productpricelevel',
  entitySetName: 'productpricelevels',
  primaryId: 'productpricelevelid',
  primaryName: 'productnumber',
  objectTypeCode: 1_026,
  ownedByUsers: false,
  changeTracking: true,
  columns: [
    lookup('pricelevelid', 'pricelevel', { required: 'SystemRequired', createOnly: true, onDelete: 'cascade' }),
    lookup('productid', 'product', { required: 'SystemRequired', createOnly: true, onDelete: 'cascade' }),
    lookup('uomid', 'uom', { required: 'SystemRequired', onDelete: 'restrict' }),
    lookup('uomscheduleid', 'uomschedule', { onDelete: 'restrict' }),
    text('productnumber', 100, { readOnly: true }),
    ...money('amount', 0, LARGEST_AMOUNT),
    decimal('percentage', 5, { min: 0, max: 100_000 }),
    choice('pricingmethodcode', {
      1: 'Currency Amount',
      2: 'Percent of List',
      3: 'Percent Markup - Current Cost',
      4: 'Percent Margin - Current Cost',
      5: 'Percent Markup - Standard Cost',
      6: 'Percent Margin - Standard Cost',
    }),
    choice('quantitysellingcode', { 1: 'No Control', 2: 'Whole', 3: 'Whole and Fractional' }),
    ...currency,
    ...stamps,
  ],
};
