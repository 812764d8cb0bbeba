import { rowWithSame } from '../addressing.js';
import { rowsOf, type SalesContext } from '../context.js';
import { DataverseError } from '../errors.js';
import { ACTIVE, checkTransition, DRAFT } from './product-lifecycle.js';
import { idIn, type TableRules, type Writing } from './table-rules.js';

const FAMILY = 2;
/** Columns that make up a product's place and shape; they are settled once it left its draft. */
const structure = ['productstructure', 'parentproductid'];

/** Products: number, unit, place in a family, and their life from draft to retired. */
export const productRules: TableRules = {
  initialState: (context) =>
    rowsOf(context, 'organization').find(() => true)?.values['createproductswithoutparentinactivestate'] === true
      ? ACTIVE
      : DRAFT,
  beforeWrite: (writing) => {
    const { values } = writing;
    values['productstructure'] ??= 1;
    values['producttypecode'] ??= 1;
    values['isstockitem'] ??= false;
    checkNumber(writing);
    checkUnits(writing);
    checkFamily(writing);
    checkState(writing);
  },
};

function checkNumber({ context, id, given, values, before }: Writing): void {
  if ((values['productnumber'] ?? null) === null)
    throw new DataverseError(400, '0x80043b05', 'The product number can not be null.');
  if (before !== undefined && given['productnumber'] === undefined) return;
  if (rowWithSame(rowsOf(context, 'product'), ['productnumber'], values, id) !== undefined)
    throw new DataverseError(
      400,
      '0x80043b06',
      'The specified product ID conflicts with the product ID of an existing record. Specify a different product ID and try again.',
    );
}

/** All but families are sold in the default unit of a group; the group stays once the product was published. */
function checkUnits({ context, values, before }: Writing): void {
  if (values['productstructure'] === FAMILY) return;
  const group = idIn(values, 'defaultuomscheduleid');
  if (group === '') throw new DataverseError(400, '0x80043b13', 'The unit schedule id of the product is missing.');
  checkUnitOfGroup(context, idIn(values, 'defaultuomid'), group);
  const isFixed = context.settings.SALES.unitGroupIsFixed && before?.values['statecode'] !== DRAFT;
  if (before !== undefined && isFixed && before.values['defaultuomscheduleid'] !== group)
    throw canOnlyBeUpdatedInDraft();
}

/** Refuses a unit that is not one of the group. */
export function checkUnitOfGroup(context: SalesContext, unitId: string, groupId: string): void {
  if (rowsOf(context, 'uom').get(unitId)?.values['uomscheduleid'] !== groupId)
    throw new DataverseError(400, '0x80043b14', 'The specified unit is not valid for this product.');
}

const canOnlyBeUpdatedInDraft = (): DataverseError =>
  new DataverseError(400, '0x8004F995', 'Product, product family and bundle can only be updated in draft state.');

function checkFamily({ context, values, before }: Writing): void {
  const parent = idIn(values, 'parentproductid');
  if (parent !== '' && rowsOf(context, 'product').get(parent)?.values['productstructure'] !== FAMILY)
    throw new DataverseError(400, '0x8004F973', 'Only Product Families can be parents to products.');
  if (before === undefined || before.values['statecode'] === DRAFT) return;
  if (structure.some((column) => (before.values[column] ?? null) !== (values[column] ?? null)))
    throw canOnlyBeUpdatedInDraft();
}

function checkState({ context, given, values, before }: Writing): void {
  if (before === undefined || (given['statecode'] === undefined && given['statuscode'] === undefined)) return;
  checkTransition(context.settings, Number(before.values['statecode']), Number(values['statecode']));
}
