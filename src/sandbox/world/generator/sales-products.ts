import type { Values } from '../row.js';
import type { SeedRow } from './business-rows.js';
import { LOCAL_CURRENCY } from './catalog.js';
import { type About, type ExpectedCase, salesCase } from './expected-case.js';
import { UNIT_INACTIVE, UNIT_OF_TWO, UNITS_IN_DATAVERSE, wareAt, workAt } from './goods.js';
import { Random } from './random.js';
import type { SalesSetup } from './sales-rows.js';

export interface SalesProducts {
  readonly rows: readonly SeedRow[];
  readonly products: readonly SeedRow[];
  readonly cases: readonly ExpectedCase[];
}

interface UnitGroup {
  readonly group: SeedRow;
  readonly base: SeedRow;
  readonly others: readonly SeedRow[];
}

const DRAFTS = 5;
const RETIRED = 3;
const SERVICES = 8;
const OTHERS = 3;
const FAMILY = 3;
/** Where the names of products that only Dataverse knows begin. */
const OWN_NAMES_FROM = 50;

const servicesAbout: About = ['product of type Services', 'not looked at by ITEM-PRODUCT'];
const draftAbout: About = ['draft product that Business Central does not know', 'a blocked item, when it is created'];
const retiredAbout: About = [
  'retired product that Business Central does not know',
  'a blocked item, when it is created',
];
const stockUnitAbout: About = [
  'product in a unit group that no unit of Business Central belongs to',
  'WAITING for its unit, rest of the run goes on',
];

/** Unit groups and products of the sales side. Half of the goods, and half of the services, are known to both. */
export function salesProducts(
  items: readonly SeedRow[],
  resources: readonly SeedRow[],
  count: number,
  setup: SalesSetup,
  seed: string,
): SalesProducts {
  const random = new Random(`${seed} sales products`);
  const stock = unitGroup('Default Unit', 'Primary Unit', random, { Dozen: 12 });
  const ours = new Map(UNITS_IN_DATAVERSE.map((code) => [code, unitGroup(`NAV ${code}`, code, random)]));
  const ofTwo = unitGroup(`NAV ${UNIT_OF_TWO}`, UNIT_OF_TWO, random, { 'HALF BOX': 0.5 });
  const inactive = unitGroup(`NAV ${UNIT_INACTIVE}`, UNIT_INACTIVE, random, {}, 1);
  const groups = [stock, ...ours.values(), ofTwo, inactive];
  const goods = Math.max(0, count - SERVICES - OTHERS - FAMILY);
  const pieces = ours.get('PCS') ?? stock;
  const hours = ours.get('HOUR') ?? stock;
  const make = (values: Values, unit: UnitGroup | undefined): SeedRow => ({
    table: 'product',
    id: random.guid(),
    values: productValues(values, unit, setup),
  });
  const shared = items.slice(0, Math.ceil(goods / 2)).map((item) => make(sameAsItem(item.values), pieces));
  const own = Array.from({ length: goods - shared.length }, (_unused, at) =>
    make({ ...goodsValues(at, random), ...stateOf(at) }, at % 2 === 0 ? pieces : stock),
  );
  const sharedServices = resources
    .slice(0, Math.floor(SERVICES / 2))
    .map((resource) => make(sameAsResource(resource.values), hours));
  const services = Array.from({ length: SERVICES - sharedServices.length }, (_unused, at) =>
    make({ ...goodsValues(200 + at, random), name: workAt(20 + at), producttypecode: 3 }, hours),
  );
  const others = Array.from({ length: OTHERS }, (_unused, at) =>
    make({ ...goodsValues(300 + at, random), name: `Flat fee ${at + 1}`, producttypecode: at === 0 ? 2 : 4 }, stock),
  );
  const family = familyOf(make, pieces, random);
  const products = [...shared, ...own, ...sharedServices, ...services, ...others, ...family];
  const about = (row: SeedRow, text: About) => salesCase('products', row, String(row.values['productnumber']), text);
  return {
    rows: [...groups.flatMap(({ group, base, others: more }) => [group, base, ...more]), ...products],
    products,
    cases: [
      ...[...sharedServices, ...services].map((row) => about(row, servicesAbout)),
      ...own.flatMap((row) => {
        if (row.values['statecode'] === 2) return [about(row, draftAbout)];
        if (row.values['statecode'] === 1) return [about(row, retiredAbout)];
        return row.values['defaultuomscheduleid'] === stock.group.id ? [about(row, stockUnitAbout)] : [];
      }),
    ],
  };
}

function unitGroup(
  name: string,
  baseName: string,
  random: Random,
  more: Readonly<Record<string, number>> = {},
  statecode = 0,
): UnitGroup {
  const groupId = random.guid();
  const baseId = random.guid();
  const unit = (id: string, values: Values): SeedRow => ({
    table: 'uom',
    id,
    values: { uomscheduleid: groupId, baseuom: null, isschedulebaseuom: false, ...values },
  });
  return {
    group: {
      table: 'uomschedule',
      id: groupId,
      values: { name, description: null, baseuomname: baseName, statecode, statuscode: statecode + 1 },
    },
    base: unit(baseId, { name: baseName, quantity: 1, isschedulebaseuom: true }),
    others: Object.entries(more).map(([other, quantity]) =>
      unit(random.guid(), { name: other, quantity, baseuom: baseId }),
    ),
  };
}

const money = (name: string, amount: number): Values => ({ [name]: amount, [`${name}_base`]: amount });
const blankAsNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function productValues(values: Values, unit: UnitGroup | undefined, setup: SalesSetup): Values {
  return {
    description: null,
    productstructure: 1,
    producttypecode: 1,
    defaultuomscheduleid: unit?.group.id ?? null,
    defaultuomid: unit?.base.id ?? null,
    quantitydecimal: 2,
    quantityonhand: null,
    stockvolume: null,
    stockweight: null,
    isstockitem: false,
    vendorid: null,
    vendorname: null,
    vendorpartnumber: null,
    suppliername: null,
    producturl: null,
    pricelevelid: null,
    parentproductid: null,
    validfromdate: null,
    validtodate: null,
    transactioncurrencyid: setup.currencyIds.get(LOCAL_CURRENCY.code) ?? null,
    exchangerate: LOCAL_CURRENCY.rate,
    statecode: 0,
    statuscode: 1,
    ...values,
  };
}

const sameAsItem = (item: Values): Values => ({
  productnumber: String(item['number']),
  name: String(item['displayName']),
  ...money('price', Number(item['unitPrice'])),
  ...money('standardcost', Number(item['unitCost'])),
  ...money('currentcost', Number(item['unitCost'])),
  quantityonhand: Number(item['inventory']),
  stockvolume: Number(item['unitVolume']),
  stockweight: Number(item['grossWeight']),
  vendorid: blankAsNull(item['vendorNumber']),
  vendorpartnumber: blankAsNull(item['vendorItemNumber']),
});

const sameAsResource = (resource: Values): Values => ({
  productnumber: String(resource['number']),
  name: String(resource['name']),
  producttypecode: 3,
  ...money('price', Number(resource['unitPrice'])),
  ...money('standardcost', Number(resource['unitCost'])),
  ...money('currentcost', Number(resource['unitCost'])),
  quantityonhand: Number(resource['capacity']),
});

function goodsValues(at: number, random: Random): Values {
  const cost = random.whole(100, 90_000) / 100;
  return {
    productnumber: `P-${2_001 + at}`,
    name: wareAt(OWN_NAMES_FROM + (at % 50)),
    ...money('price', Math.round(cost * 160) / 100),
    ...money('standardcost', cost),
    ...money('currentcost', cost),
  };
}

/** Some are not published yet, and some are not sold any more. */
function stateOf(at: number): Values {
  if (at < DRAFTS) return { statecode: 2, statuscode: 0 };
  return at < DRAFTS + RETIRED ? { statecode: 1, statuscode: 2 } : {};
}

function familyOf(
  make: (values: Values, unit: UnitGroup | undefined) => SeedRow,
  unit: UnitGroup,
  random: Random,
): readonly SeedRow[] {
  const family = make({ ...goodsValues(400, random), name: 'Conference furniture', productstructure: 2 }, undefined);
  const members = [401, 402].map((at) =>
    make(
      { ...goodsValues(at, random), name: `Conference ${at === 401 ? 'table' : 'chair'}`, parentproductid: family.id },
      unit,
    ),
  );
  return [family, ...members];
}
