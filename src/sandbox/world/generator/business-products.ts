import type { Values } from '../row.js';
import type { SeedRow } from './business-rows.js';
import { type About, businessCase, type ExpectedCase } from './expected-case.js';
import { FirmMaker } from './firms.js';
import { UNIT_INACTIVE, UNIT_OF_TWO, units, wareAt, workAt } from './goods.js';
import { Random } from './random.js';

export interface BusinessProducts {
  readonly rows: readonly SeedRow[];
  readonly items: readonly SeedRow[];
  readonly resources: readonly SeedRow[];
  readonly lastItemNumber: string;
  readonly lastResourceNumber: string;
  readonly cases: readonly ExpectedCase[];
}

type ItemRole =
  | 'plain'
  | 'noUnit'
  | 'unitOfTwo'
  | 'unitInactive'
  | 'blocked'
  | 'priceZero'
  | 'negativeStock'
  | 'manyDecimals';

/** What the last items are; those before them are plain, and the first of them are known to both sides. */
const specialItems: readonly ItemRole[] = [
  'noUnit',
  'unitOfTwo',
  'unitOfTwo',
  'unitOfTwo',
  'unitInactive',
  'unitInactive',
  'blocked',
  'blocked',
  'blocked',
  'blocked',
  'priceZero',
  'priceZero',
  'negativeStock',
  'negativeStock',
  'negativeStock',
  'manyDecimals',
];

const abouts: Readonly<Partial<Record<ItemRole, About>>> = {
  noUnit: ['item without base unit', 'VALIDATION: a product needs a unit; rest of the run goes on'],
  unitOfTwo: ['item in a unit whose group has two units', 'WAITING for its unit, rest of the run goes on'],
  unitInactive: ['item in a unit whose group is inactive', 'WAITING for its unit, rest of the run goes on'],
  blocked: ['blocked item', 'outside the filter: not looked at'],
  negativeStock: ['item with negative inventory', 'quantity on hand becomes 0'],
  manyDecimals: ['price with more decimals than Dataverse keeps', 'rounded, the pair agrees, never written back'],
};
const unitAbouts: Readonly<Record<string, About>> = {
  [UNIT_OF_TWO]: ['unit whose group in Dataverse has two units', 'VALIDATION, rest of the run goes on'],
  [UNIT_INACTIVE]: ['unit whose group in Dataverse is inactive', 'VALIDATION, rest of the run goes on'],
};

const VENDORS = 6;
const RESOURCES = 15;
const PEOPLE = 10;

/** Units, vendors, items and resources of a company. */
export function businessProducts(itemCount: number, seed: string): BusinessProducts {
  const random = new Random(`${seed} products`);
  const row = (table: string, values: Values): SeedRow => ({ table, id: random.guid(), values });
  const unitRows = units.map((one) =>
    row('unitsOfMeasure', {
      code: one.code,
      displayName: one.name,
      internationalStandardCode: one.standard,
      symbol: one.symbol,
    }),
  );
  const firms = new FirmMaker(new Random(`${seed} vendors`));
  const vendors = Array.from({ length: VENDORS }, (_unused, at) => row('vendors', vendorValues(at, firms)));
  const roles = Array.from({ length: itemCount }, (_unused, at) => roleOf(at, itemCount));
  const items = roles.map((role, at) => row('items', itemValues(role, at, random)));
  const resources = Array.from({ length: RESOURCES }, (_unused, at) => row('resources', resourceValues(at, random)));
  return {
    rows: [...groups.map(([table, values]) => row(table, values)), ...unitRows, ...vendors, ...items, ...resources],
    items,
    resources,
    lastItemNumber: itemNumber(Math.ceil(itemCount / 5) * 5),
    lastResourceNumber: resourceNumber(RESOURCES - 1),
    cases: [
      ...unitRows.flatMap((one) => {
        const about = unitAbouts[String(one.values['code'])];
        return about === undefined ? [] : [businessCase('unitsOfMeasure', one, String(one.values['code']), about)];
      }),
      ...items.flatMap((one, at) => {
        const about = abouts[roles[at] ?? 'plain'];
        return about === undefined ? [] : [businessCase('items', one, String(one.values['number']), about)];
      }),
      ...resources
        .filter((one) => one.values['blocked'] === true)
        .map((one) =>
          businessCase('resources', one, String(one.values['number']), [
            'blocked resource',
            'outside the filter: not looked at',
          ]),
        ),
    ],
  };
}

/** What items are grouped by. */
const groups: readonly (readonly [table: string, values: Values])[] = [
  ['itemCategories', { code: 'FURNITURE', displayName: 'Furniture' }],
  ['itemCategories', { code: 'SERVICES', displayName: 'Services' }],
  ['taxGroups', { code: 'STANDARD', displayName: 'Standard rate' }],
  ['generalProductPostingGroups', { code: 'RETAIL', description: 'Goods for resale' }],
  ['generalProductPostingGroups', { code: 'SERVICES', description: 'Services' }],
  ['inventoryPostingGroups', { code: 'RESALE', description: 'Goods for resale' }],
];

function vendorValues(at: number, firms: FirmMaker): Values {
  const { name, address, phone, email, website } = firms.next();
  return {
    number: `V${String((at + 1) * 10).padStart(5, '0')}`,
    displayName: name,
    city: address.city,
    state: address.state,
    country: address.country,
    postalCode: address.postalCode,
    addressLine1: address.line1,
    addressLine2: address.line2,
    phoneNumber: phone,
    email,
    website,
    taxRegistrationNumber: '',
    currencyCode: '',
    paymentTermsCode: 'NET 30',
    paymentMethodCode: 'BANK',
    taxLiable: false,
    blocked: ' ',
    balance: 0,
  };
}

function roleOf(at: number, count: number): ItemRole {
  const fromEnd = count - 1 - at;
  // Small companies have plain items alone.
  return count < 2 * specialItems.length ? 'plain' : (specialItems[fromEnd] ?? 'plain');
}

/** Digits, or for every fifth item a prefix before them. */
export const itemNumber = (at: number): string => (at % 5 === 4 ? `LS-${100 + at}` : String(1_000 + at * 10));
const resourceNumber = (at: number): string => `R${String((at + 1) * 10).padStart(4, '0')}`;

/** Plain items are counted in pieces so far as both sides know them; later ones in other units as well. */
const KNOWN_TO_BOTH = 30;
const otherUnits = ['PCS', 'PCS', 'PACK', 'SET', 'L', 'PALLET', 'M'];

function itemValues(role: ItemRole, at: number, random: Random): Values {
  const isService = role === 'plain' && at >= KNOWN_TO_BOTH && at % 7 === 0;
  const isNonInventory = role === 'plain' && at >= KNOWN_TO_BOTH && at % 13 === 5;
  const cost = random.whole(5, 800_000) / 100;
  const price = Math.round(cost * (1.15 + random.next()) * 100) / 100;
  const hasVendor = random.chance(0.6);
  const inventory = isService || isNonInventory ? 0 : random.whole(0, 5_000);
  return {
    number: itemNumber(at),
    displayName: isService ? workAt(at) : wareAt(at),
    displayName2: random.chance(0.2) ? 'with mounting kit' : '',
    type: isService ? 'Service' : isNonInventory ? 'Non-Inventory' : 'Inventory',
    itemCategoryCode: isService ? 'SERVICES' : 'FURNITURE',
    blocked: role === 'blocked',
    gtin: isService ? '' : `40${random.digits(11)}`,
    inventory: role === 'negativeStock' ? -random.whole(1, 40) : inventory,
    unitPrice: role === 'priceZero' ? 0 : role === 'manyDecimals' ? 0.01375 : price,
    unitCost: role === 'manyDecimals' ? 0.00825 : cost,
    priceIncludesTax: false,
    taxGroupCode: 'STANDARD',
    baseUnitOfMeasureCode: unitOf(role, at, isService),
    generalProductPostingGroupCode: isService ? 'SERVICES' : 'RETAIL',
    inventoryPostingGroupCode: isService ? '' : 'RESALE',
    unitVolume: isService ? 0 : random.whole(1, 900) / 1_000,
    grossWeight: isService ? 0 : random.whole(1, 9_000) / 100,
    vendorNumber: hasVendor ? `V${String(random.whole(1, VENDORS) * 10).padStart(5, '0')}` : '',
    vendorItemNumber: hasVendor ? `X-${random.digits(5)}` : '',
  };
}

function unitOf(role: ItemRole, at: number, isService: boolean): string {
  if (role === 'noUnit') return '';
  if (role === 'unitOfTwo') return UNIT_OF_TWO;
  if (role === 'unitInactive') return UNIT_INACTIVE;
  if (isService) return 'HOUR';
  return at < KNOWN_TO_BOTH ? 'PCS' : (otherUnits[at % otherUnits.length] ?? 'PCS');
}

function resourceValues(at: number, random: Random): Values {
  const isPerson = at < PEOPLE;
  const cost = random.whole(20, 120);
  return {
    number: resourceNumber(at),
    name: isPerson ? `${workAt(at)} crew` : `${workAt(at)} machine`,
    type: isPerson ? 'Person' : 'Machine',
    // The machines are hired out by the day.
    baseUnitOfMeasureCode: isPerson ? 'HOUR' : 'DAY',
    unitPrice: cost * 2,
    unitCost: cost,
    vendorNumber: '',
    capacity: random.whole(10, 200) * 8,
    blocked: at === RESOURCES - 1,
  };
}
