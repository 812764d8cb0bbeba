/** Words of which made-up goods and services are named. */
const wares = [
  'Desk',
  'Swivel Chair',
  'Shelf',
  'Lamp',
  'Whiteboard',
  'Cabinet',
  'Footrest',
  'Coat Stand',
  'Folding Table',
  'Partition',
];
const variants = ['Oak', 'Birch', 'Graphite', 'White', 'Alu', 'Walnut', 'Slim', 'Wide', 'Pro', 'Compact'];
const works = [
  'Assembly',
  'Delivery',
  'Room Planning',
  'Maintenance',
  'Colour Advice',
  'Disposal',
  'Training',
  'Measuring',
];

/** The ware at a place of the list; every hundredth name comes again with a number. */
export function wareAt(at: number): string {
  const name = `${wares[at % wares.length] ?? ''} ${variants[Math.floor(at / wares.length) % variants.length] ?? ''}`;
  const round = Math.floor(at / (wares.length * variants.length));
  return round === 0 ? name : `${name} ${round + 1}`;
}

export function workAt(at: number): string {
  const round = Math.floor(at / works.length);
  const name = works[at % works.length] ?? '';
  return round === 0 ? name : `${name} ${round + 1}`;
}

export interface UnitSeed {
  readonly code: string;
  readonly name: string;
  readonly standard: string;
  readonly symbol: string;
}

const unit = (code: string, name: string, standard = '', symbol = ''): UnitSeed => ({ code, name, standard, symbol });

/** The last two are used by no item. */
export const units: readonly UnitSeed[] = [
  unit('PCS', 'Piece', 'EA', 'pc'),
  unit('BOX', 'Box', 'BX'),
  unit('HOUR', 'Hour', 'HUR', 'h'),
  unit('DAY', 'Day', 'DAY', 'd'),
  unit('KG', 'Kilogram', 'KGM', 'kg'),
  unit('L', 'Litre', 'LTR', 'l'),
  unit('PACK', 'Pack', 'PK'),
  unit('PALLET', 'Pallet', 'PF'),
  unit('SET', 'Set', 'SET'),
  unit('M', 'Metre', 'MTR', 'm'),
  unit('KM', 'Kilometre', 'KMT', 'km'),
  unit('GR', 'Gross', 'GRO'),
];

/** The unit whose group in Dataverse holds a second unit, and the one whose group is inactive. */
export const UNIT_OF_TWO = 'BOX';
export const UNIT_INACTIVE = 'KG';
/** Units whose groups in Dataverse are in order. */
export const UNITS_IN_DATAVERSE = ['PCS', 'HOUR'];
