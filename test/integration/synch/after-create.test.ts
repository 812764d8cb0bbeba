import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../src/connectors/connector.js';
import type { FieldMetadata, FieldType, FieldValues } from '../../../src/mapping/field-value.js';
import { customers, fieldMapping, tableOf } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;
let world: SynchWorld;

const field = (name: string, type: FieldType): FieldMetadata => ({
  ...customers.fields.get('city')!,
  name,
  label: name,
  type,
  maxLength: null,
});
const option = (name: string): FieldMetadata => ({
  ...field(name, 'OPTION'),
  options: ['0', '1', '2'].map((value) => ({ value, label: value })),
});

const unitsOfMeasure = tableOf('unitsOfMeasure', 'id', [field('id', 'GUID'), field('code', 'CODE')]);
const uomschedules = tableOf('uomschedules', 'uomscheduleid', [
  field('uomscheduleid', 'GUID'),
  field('name', 'TEXT'),
  field('baseuomname', 'TEXT'),
  option('statecode'),
]);
const uoms = tableOf('uoms', 'uomid', [
  field('uomid', 'GUID'),
  field('name', 'TEXT'),
  field('quantity', 'DECIMAL'),
  field('uomscheduleid', 'REFERENCE'),
  field('isschedulebaseuom', 'BOOLEAN'),
]);
const items = tableOf('items', 'id', [field('id', 'GUID'), field('number', 'CODE')]);
const products = tableOf('products', 'productid', [
  field('productid', 'GUID'),
  field('productnumber', 'TEXT'),
  option('statecode'),
  option('statuscode'),
]);

async function openUnits(): Promise<void> {
  world = await SynchWorld.open(db, {
    business: { tables: [{ metadata: unitsOfMeasure }] },
    sales: { tables: [{ metadata: uomschedules }, { metadata: uoms }] },
    mapping: {
      name: 'UNITOFMEASURE',
      table: 'unitsOfMeasure',
      integrationTable: 'uomschedules',
      direction: 'TO_INTEGRATION_TABLE',
      tableFilter: [],
      integrationTableFilter: [],
      templates: [],
      fields: [
        fieldMapping('code', 'name', 'TO_INTEGRATION_TABLE', {
          transformations: ['UNITGROUPNAME'],
          useForMatchBasedCoupling: true,
        }),
        fieldMapping('code', 'baseuomname', 'TO_INTEGRATION_TABLE'),
      ],
    },
  });
}

const group = (code: string, statecode: string, units: readonly string[], unit: FieldValues = {}): string => {
  const { id } = world.sales.insert('uomschedules', { name: `NAV ${code}`, baseuomname: code, statecode });
  for (const name of units)
    world.sales.insert('uoms', { name, quantity: '1', uomscheduleid: id, isschedulebaseuom: true, ...unit });
  return id;
};

describe('a unit of measure', () => {
  beforeEach(openUnits);

  test('is coupled with the unit group of its name, and the one unit of the group is kept with the pair', async () => {
    world.business.insert('unitsOfMeasure', { code: 'PCS' });
    const id = group('PCS', '0', ['PCS']);
    await world.run(first);
    const unit = world.sales.system.rows('uoms')[0]!.id;
    expect(await world.couplings()).toMatchObject([
      { state: 'COUPLED', salesId: id, related: { uoms: unit }, openSteps: [] },
    ]);
  });

  test.each([
    { name: 'has two units', statecode: '0', units: ['BOX', 'BOX OF 10'], code: 'UNIT_GROUP_UNITS' },
    { name: 'is inactive', statecode: '1', units: ['BOX'], code: 'UNIT_GROUP_INACTIVE' },
    { name: 'has no unit', statecode: '0', units: [], code: 'UNIT_GROUP_EMPTY' },
    { name: 'has a unit of 12', statecode: '0', units: ['BOX'], unit: { quantity: '12' }, code: 'UNIT_QUANTITY' },
    {
      name: 'has a unit that is not its base unit',
      statecode: '0',
      units: ['BOX'],
      unit: { isschedulebaseuom: false },
      code: 'UNIT_NOT_BASE',
    },
  ])(
    'whose unit group $name is listed, parked by the second failure, and goes on when it was mended',
    async ({ statecode, units, unit = {}, code }) => {
      world.business.insert('unitsOfMeasure', { code: 'BOX' });
      const id = group('BOX', statecode, units, unit);
      await world.run(first);
      expect(await world.couplings()).toMatchObject([{ state: 'FAILED', error: { class: 'VALIDATION', code } }]);
      await world.run();
      expect(await world.couplings()).toMatchObject([{ state: 'SKIPPED' }]);
      for (const { id: wrong } of world.sales.system.rows('uoms')) world.sales.remove('uoms', wrong);
      world.sales.insert('uoms', { name: 'BOX', quantity: '1', uomscheduleid: id, isschedulebaseuom: true });
      world.later();
      world.sales.edit('uomschedules', id, { statecode: '0', baseuomname: 'BOX' });
      await world.run();
      expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null, openSteps: [] }]);
    },
  );
});

describe('a unit of measure that is in step', () => {
  beforeEach(async () => {
    await openUnits();
    world.business.insert('unitsOfMeasure', { code: 'BOX' });
    group('BOX', '0', ['BOX']);
    await world.run(first);
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null }]);
  });

  const addUnit = (): string => {
    const [{ id: uomscheduleid } = { id: '' }] = world.sales.system.rows('uomschedules');
    return world.sales.insert('uoms', { name: 'HALF', quantity: '0.5', uomscheduleid, isschedulebaseuom: false }).id;
  };

  test('is listed as soon as its group gets a second unit, and goes on when that is gone again', async () => {
    const second = addUnit();
    world.later();
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'FAILED', error: { code: 'UNIT_GROUP_UNITS' } }]);
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'SKIPPED' }]);
    world.sales.remove('uoms', second);
    world.later();
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null, openSteps: [] }]);
  });

  test('has its one unit called like its code again, whatever somebody made of it', async () => {
    const [{ id } = { id: '' }] = world.sales.system.rows('uoms');
    world.sales.edit('uoms', id, { name: 'Karton' });
    world.later();
    await world.run();
    expect(world.sales.system.rows('uoms')).toMatchObject([{ values: { name: 'BOX' } }]);
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null }]);
  });

  test('is PENDING after an audit that found its group otherwise than it should be', async () => {
    await world.run();
    addUnit();
    await world.audit();
    expect(await world.couplings()).toMatchObject([{ state: 'PENDING', openSteps: ['COMPLETE_UNIT_GROUP'] }]);
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'FAILED', error: { code: 'UNIT_GROUP_UNITS' } }]);
  });
});

describe('a product that was created from an item', () => {
  beforeEach(async () => {
    world = await SynchWorld.open(db, {
      business: { tables: [{ metadata: items }] },
      sales: {
        tables: [{ metadata: products }],
        rule: ({ values, author }) =>
          author === 'SERVICE' && !('statecode' in values) ? { ...values, statecode: '2', statuscode: '0' } : values,
      },
      mapping: {
        name: 'ITEM-PRODUCT',
        table: 'items',
        integrationTable: 'products',
        direction: 'TO_INTEGRATION_TABLE',
        tableFilter: [],
        integrationTableFilter: [],
        templates: [],
        fields: [fieldMapping('number', 'productnumber', 'TO_INTEGRATION_TABLE', { useForMatchBasedCoupling: true })],
      },
    });
    world.business.insert('items', { number: '1000' });
  });

  test('is activated', async () => {
    await world.run(first);
    expect(world.sales.system.rows('products')[0]?.values).toMatchObject({
      productnumber: '1000',
      statecode: '0',
      statuscode: '1',
    });
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', openSteps: [] }]);
    expect(await world.run()).toEqual({ idle: true });
  });

  test('case 28: and could not be activated is FAILED, and activated later without being created again', async () => {
    let refused = false;
    world.sales.setFault((request, when) => {
      if (request.kind !== 'UPDATE' || when !== 'before' || refused) return 'pass';
      refused = true;
      return new ConnectorError('a plug-in refused it', {
        errorClass: 'VALIDATION',
        code: '0x80040265',
        httpStatus: 400,
      });
    });
    await world.run(first);
    expect(await world.couplings()).toMatchObject([
      { state: 'FAILED', error: { code: 'AFTER_CREATE' }, openSteps: ['ACTIVATE_PRODUCT'] },
    ]);
    await world.run();
    expect(world.sales.system.rows('products')).toHaveLength(1);
    expect(world.sales.system.rows('products')[0]?.values).toMatchObject({ statecode: '0' });
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', openSteps: [] }]);
  });

  test('that existed before as a draft is coupled and left as it is', async () => {
    world.sales.insert('products', { productnumber: '1000', statecode: '2', statuscode: '0' });
    await world.run(first);
    expect(world.sales.system.rows('products')).toHaveLength(1);
    expect(world.sales.system.rows('products')[0]?.values).toMatchObject({ statecode: '2' });
  });
});
