import {
  code,
  decimal,
  type EntitySetDefinition,
  id,
  lastModified,
  type NavigationDefinition,
  option,
  type PropertyDefinition,
  text,
  yesNo,
} from '../entity-set.js';
import { dialog } from '../errors.js';
import { pair, readThrough, relations } from '../relations.js';

export const unitsOfMeasure: EntitySetDefinition = {
  entitySet: 'unitsOfMeasure',
  entityType: 'unitOfMeasure',
  table: 'unitsOfMeasure',
  caption: 'Unit of Measure',
  key: 'code',
  properties: [
    id,
    code('code', 10, 'Code'),
    text('displayName', 50, 'Description'),
    code('internationalStandardCode', 10, 'International Standard Code'),
    text('symbol', 10, 'Symbol'),
    lastModified,
  ],
  navigation: [],
};

const baseUnit = pair('baseUnitOfMeasureId', 'baseUnitOfMeasureCode', 10, 'Base Unit of Measure', relations.unit);
const baseUnitNavigation: NavigationDefinition = {
  name: 'unitOfMeasure',
  entitySet: 'unitsOfMeasure',
  property: 'baseUnitOfMeasureId',
};

const itemProperties: readonly PropertyDefinition[] = [
  id,
  code('number', 20, 'No.'),
  text('displayName', 100, 'Description'),
  text('displayName2', 50, 'Description 2'),
  option('type', ['Inventory', 'Service', 'Non-Inventory'], 'Type'),
  ...pair('itemCategoryId', 'itemCategoryCode', 20, 'Item Category Code', relations.itemCategory),
  yesNo('blocked', 'Blocked'),
  text('gtin', 14, 'GTIN'),
  decimal('inventory', 'Inventory', { calculated: true }),
  decimal('unitPrice', 'Unit Price'),
  yesNo('priceIncludesTax', 'Price Includes VAT'),
  decimal('unitCost', 'Unit Cost'),
  ...pair('taxGroupId', 'taxGroupCode', 20, 'Tax Group Code', relations.taxGroup),
  ...baseUnit,
  ...pair(
    'generalProductPostingGroupId',
    'generalProductPostingGroupCode',
    20,
    'Gen. Prod. Posting Group',
    relations.generalProductPostingGroup,
  ),
  ...pair(
    'inventoryPostingGroupId',
    'inventoryPostingGroupCode',
    20,
    'Inventory Posting Group',
    relations.inventoryPostingGroup,
  ),
];

export const items: EntitySetDefinition = {
  entitySet: 'items',
  entityType: 'item',
  table: 'items',
  caption: 'Item',
  key: 'number',
  numberSeries: { code: 'ITEM', start: '1000', setup: 'Inventory Setup', field: 'Item Nos.' },
  properties: [...itemProperties, lastModified],
  navigation: [
    baseUnitNavigation,
    { name: 'itemCategory', entitySet: 'itemCategories', property: 'itemCategoryId' },
    { name: 'taxGroup', entitySet: 'taxGroups', property: 'taxGroupId' },
  ],
  rules: {
    beforeWrite: ({ given, before }) => {
      if (before === undefined && given['inventory'] !== undefined && given['inventory'] !== 0)
        throw dialog('Inventory cannot be changed during on insert.');
    },
  },
};

/** Vendor of an item or a resource, with its name. */
const vendor: readonly PropertyDefinition[] = [
  code('vendorNumber', 20, 'Vendor No.', { codeOf: relations.vendor }),
  text('vendorName', 100, 'Vendor Name', { read: readThrough('vendorNumber', relations.vendor, 'displayName') }),
];

/** Items with what their table has beyond the standard API. */
export const itemsWithExtras: EntitySetDefinition = {
  ...items,
  properties: [
    ...itemProperties,
    decimal('unitVolume', 'Unit Volume'),
    decimal('grossWeight', 'Gross Weight'),
    ...vendor,
    text('vendorItemNumber', 50, 'Vendor Item No.'),
    lastModified,
  ],
};

/** People and machines whose time is sold; the standard API does not show them. */
export const resources: EntitySetDefinition = {
  entitySet: 'resources',
  entityType: 'resource',
  table: 'resources',
  caption: 'Resource',
  key: 'number',
  numberSeries: { code: 'RES', start: 'R0000', setup: 'Resources Setup', field: 'Resource Nos.' },
  properties: [
    id,
    code('number', 20, 'No.'),
    text('name', 100, 'Name'),
    option('type', ['Person', 'Machine'], 'Type'),
    ...baseUnit,
    decimal('unitPrice', 'Unit Price'),
    decimal('unitCost', 'Unit Cost'),
    ...vendor,
    decimal('capacity', 'Capacity', { readOnly: true, calculated: true }),
    yesNo('blocked', 'Blocked'),
    lastModified,
  ],
  navigation: [baseUnitNavigation],
};
