import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareAll } from '../../support/agreement-of-mappings.js';
import { blankValue } from '../../support/edits.js';
import { type Edit, FieldEdits, nameOf, type Reasons } from '../../support/field-edits.js';
import type { MappedField } from '../../support/mapped-fields.js';
import type { System } from '../../support/person.js';

/** What nobody can edit by the system's own API, and why. By mapping, the field of both sides, and the side. */
const notEdited: Reasons = {
  'CONTACTS type -  on SALES': 'a constant: there is no field',
  'RESOURCE-PRODUCT  - transactioncurrencyid on BUSINESS': 'a constant: there is no field',
  'ITEM-PRODUCT  - transactioncurrencyid on BUSINESS': 'a constant: there is no field',
  'CURRENCY code - isocurrencycode on BUSINESS': 'Dataverse takes the ISO code on creation only',
  'UNITOFMEASURE code - name on BUSINESS': 'a renamed unit: see the test of its own',
  'UNITOFMEASURE code - baseuomname on BUSINESS': 'Dataverse takes the name of the base unit on creation only',
  'SALESPEOPLE email - internalemailaddress on SALES': 'users are edited by administrators: see the test of its own',
  'SALESPEOPLE displayName - fullname on SALES': 'computed of the first and last name of a user',
  'SALESPEOPLE phoneNo - mobilephone on SALES': 'users are edited by administrators: see the test of its own',
  'CURRENCY exchangeRate - exchangerate on BUSINESS': 'computed of the exchange rates: see the test of its own',
  'RESOURCE-PRODUCT capacity - quantityonhand on BUSINESS': 'computed of the entries: see the test of its own',
  'RESOURCE-PRODUCT vendorName - vendorname on BUSINESS': 'computed: it follows the vendor number',
  'ITEM-PRODUCT vendorName - vendorname on BUSINESS': 'computed: it follows the vendor number',
  'CUSTOMER blocked - statecode on SALES':
    'an inactive account leaves the filter: see the test of the special handling',
  'RESOURCE-PRODUCT blocked - statecode on SALES': 'a retired product leaves the filter: see the test of its own',
  'ITEM-PRODUCT blocked - statecode on SALES': 'a retired product leaves the filter: see the test of its own',
};

/** What cannot be without a value, and why. */
const neverBlank: Reasons = {
  'CURRENCY symbol - currencysymbol on BUSINESS': 'Dataverse asks for a symbol: see the test of its own',
  'CURRENCY displayName - currencyname on BUSINESS': 'Dataverse asks for a name',
  'CUSTOMER displayName - name on BUSINESS': 'Business Central asks for a name',
  'CUSTOMER displayName - name on SALES': 'Business Central asks for a name',
  'CONTACTS customerId - parentcustomerid on BUSINESS': 'without a company the contact leaves the filter',
  'CONTACTS customerId - parentcustomerid on SALES': 'without a company the contact leaves the filter',
  'RESOURCE-PRODUCT name - name on BUSINESS': 'Dataverse asks for a name',
  'RESOURCE-PRODUCT name - name on SALES': 'Dataverse asks for a name',
  'RESOURCE-PRODUCT number - productnumber on BUSINESS': 'Business Central asks for a number',
  'ITEM-PRODUCT displayName - name on BUSINESS': 'Dataverse asks for a name',
  'ITEM-PRODUCT displayName - name on SALES': 'Dataverse asks for a name',
  'ITEM-PRODUCT number - productnumber on BUSINESS': 'Business Central asks for a number',
  ...Object.fromEntries(
    ['RESOURCE-PRODUCT', 'ITEM-PRODUCT'].flatMap((mapping) => [
      [`${mapping} baseUnitOfMeasureId - defaultuomscheduleid on BUSINESS`, 'a product needs a unit group'],
      [`${mapping} baseUnitOfMeasureId - defaultuomscheduleid on SALES`, 'a product needs a unit group'],
      [`${mapping} baseUnitOfMeasureId - defaultuomid on BUSINESS`, 'a product needs a unit'],
    ]),
  ),
};

/** One-way fields that nobody edits where they arrive, and why. */
const notEditedAtDestination: Reasons = {
  'CURRENCY code - isocurrencycode on SALES': 'Dataverse takes the ISO code on creation only',
  'UNITOFMEASURE code - baseuomname on SALES': 'Dataverse takes the name of the base unit on creation only',
  'CONTACTS type -  on BUSINESS': 'a company instead of a person leaves the filter',
  'RESOURCE-PRODUCT baseUnitOfMeasureId - defaultuomid on SALES': 'there is no other unit in the group',
  'ITEM-PRODUCT baseUnitOfMeasureId - defaultuomid on SALES': 'there is no other unit in the group',
  'CUSTOMER blocked - statecode on BUSINESS': 'a blocked customer leaves the filter',
  'RESOURCE-PRODUCT blocked - statecode on BUSINESS': 'a blocked resource leaves the filter',
  'ITEM-PRODUCT blocked - statecode on BUSINESS': 'a blocked item leaves the filter',
};

describe('every field of the tables of the first synchronization', () => {
  let fields: FieldEdits;
  let edits: readonly Edit[];

  beforeAll(async () => {
    fields = await FieldEdits.open();
    edits = await fields.choose(({ editedOn }) => editedOn, notEdited);
  });
  afterAll(() => fields[Symbol.asyncDispose]());

  test('is edited in each of its directions, or named with the reason why nobody can edit it', () => {
    const all = fields.tables.flatMap(({ fields: mapped }) =>
      mapped.flatMap((field) => field.editedOn.map((side) => nameOf(field, side))),
    );
    const covered = [...edits.map(({ field, side }) => nameOf(field, side)), ...Object.keys(notEdited)];
    expect(covered.toSorted()).toEqual(all.toSorted());
    expect(Object.keys(neverBlank).filter((name) => !all.includes(name))).toEqual([]);
  });

  test('travels: an edit on one side is on the other after one run, in its own form', async () => {
    await fields.enter(edits);
    await fields.runAll();
    expect(await fields.notArrived(edits)).toEqual([]);
    expect(await fields.notCoupled(edits)).toEqual([]);
  });

  test('travels as blank too, where a record may be without it', async () => {
    const blanked = edits
      .filter(({ field, side }) => neverBlank[nameOf(field, side)] === undefined)
      .map((edit) => ({ ...edit, written: blankValue(edit.field, edit.side) }));
    await fields.enter(blanked);
    await fields.runAll();
    expect(await fields.notArrived(blanked)).toEqual([]);
    expect(await fields.notCoupled(blanked)).toEqual([]);
  });

  test('that goes one way gets the value of its source back when it is edited where it arrives', async () => {
    const destinationOf = ({ editedOn }: MappedField): readonly System[] =>
      editedOn.length === 1 ? [editedOn[0] === 'BUSINESS' ? 'SALES' : 'BUSINESS'] : [];
    const overwritten = await fields.choose(destinationOf, notEditedAtDestination);
    const all = fields.tables.flatMap(({ fields: mapped }) =>
      mapped.flatMap((field) => destinationOf(field).map((side) => nameOf(field, side))),
    );
    const covered = [
      ...overwritten.map(({ field, side }) => nameOf(field, side)),
      ...Object.keys(notEditedAtDestination),
    ];
    expect(covered.toSorted()).toEqual(all.toSorted());
    await fields.enter(overwritten);
    await fields.runAll();
    expect((await compareAll(fields.tandem, fields.person, fields.tables)).differences).toEqual([]);
    expect(await fields.notCoupled(overwritten)).toEqual([]);
  });

  test('that the other system refuses is listed with the refusal, and travels with the others once it is mended', async () => {
    const [pair] = await fields.pairs('CUSTOMER');
    if (pair === undefined) throw new Error('no customer is coupled');
    await fields.person.update('SALES', 'accounts', pair.SALES, { name: null, telephone1: '+47 700 11 111' });
    await fields.tandem.runOnce('CUSTOMER');
    expect(await fields.stateOf('CUSTOMER', pair)).toMatchObject([
      { state: 'FAILED', error: { class: 'VALIDATION', message: expect.stringContaining('displayName') } },
    ]);
    await fields.person.update('SALES', 'accounts', pair.SALES, { name: 'Mended' });
    await fields.tandem.runOnce('CUSTOMER');
    expect(await fields.row('CUSTOMER', 'BUSINESS', pair.BUSINESS)).toMatchObject({
      displayName: 'Mended',
      phoneNumber: '+47 700 11 111',
    });
  });

  test('is not written again once it agrees', async () => {
    await fields.runAll();
    await fields.tandem.control('DELETE', '/requests');
    await fields.runAll();
    expect(await fields.tandem.writeRequests()).toBe(0);
  });

  test('agrees in all coupled pairs in the end', async () => {
    const { compared, differences } = await compareAll(fields.tandem, fields.person, fields.tables);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(300);
  });
});
