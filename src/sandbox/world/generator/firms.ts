import { type Address, addressIn, countries, phoneIn } from './places.js';
import type { Random } from './random.js';

/** A made-up firm, as both systems may know it. */
export interface Firm {
  readonly name: string;
  readonly address: Address;
  readonly phone: string;
  readonly fax: string;
  readonly mobile: string;
  readonly email: string;
  readonly website: string;
  readonly contact: string;
}

const founders = [
  'Halvorsen',
  'Brandner',
  'Okonjo',
  'Delacourt',
  'Whitlock',
  'Marchetti',
  'Szabolcs',
  'Lindqvist',
  "O'Rourke",
  'Müller-Thann',
  'Ferrante',
  'Kowarik',
  'Tanaka',
  'Vermeulen',
  'Ödegaard',
  'Peñalta',
];
const trades = [
  'Metal Works',
  'Bakery Supplies',
  'Timber',
  'Office Furniture',
  'Cycle Parts',
  'Printing',
  'Garden Centre',
  'Cold Storage',
  'Textiles',
  'Instruments',
  'Packaging',
  'Marine Equipment',
  'Lighting',
  'Dental Labs',
];
const brands = [
  'Velorix',
  'Quantara',
  'Nordplan',
  'Brevanta',
  'Solmetric',
  'Kettlewise',
  'Tramontis',
  'Aquilon',
  'Ferrosan',
  'Lumexia',
  'Orbanta',
  'Zephyrine',
  'Calderon',
  'Mirabell',
  'Pontiver',
  'Hexalan',
];
const forms = ['GmbH', 'AG', 'Ltd.', 'Inc.', 'B.V.', 'ApS', 'S.r.l.', 'AB', 'SARL'];
const firstNames = [
  'Mara',
  'Jonas',
  'Élodie',
  'Ravi',
  'Ingrid',
  'Tomasz',
  'Sofia',
  'Daniel',
  'Aiko',
  'Birgit',
  'Liam',
  'Noor',
];

const styles: readonly ((random: Random, city: string) => string)[] = [
  (random) => random.pick(brands),
  (random) => `${random.pick(brands)} ${random.pick(forms)}`,
  (random) => `${random.pick(founders)} & ${random.pick(founders)}`,
  (random, city) => `${random.pick(trades)} ${city}`,
  (random) => `${random.pick(founders)} ${random.pick(trades)} ${random.pick(forms)}`,
  (random) => `${random.pick(brands)} Holding ${random.pick(forms)}`,
  (random) => `${random.pick(trades)} "${random.pick(brands)}"`,
];

/** A firm whose name is what `named` makes of the words that were drawn for it. */
export function firmFrom(random: Random, named: (words: string) => string): Firm {
  const country = random.pick(countries);
  const address = addressIn(country, random);
  const name = named(random.pick(styles)(random, address.city));
  const domain = `${slug(name)}.example`;
  return {
    name,
    address,
    phone: random.chance(0.1) ? '' : phoneIn(country, random),
    fax: random.chance(0.6) ? '' : phoneIn(country, random),
    mobile: random.chance(0.7) ? '' : phoneIn(country, random),
    email: random.chance(0.1) ? '' : `office@${domain}`.slice(0, 80),
    website: random.chance(0.1) ? '' : `https://www.${domain}`.slice(0, 80),
    contact: random.chance(0.4) ? '' : `${random.pick(firstNames)} ${random.pick(founders)}`,
  };
}

/** So many numbers of one name are tried from the first one on, which small worlds never come to. */
const SEARCHED_FROM_THE_START = 50;

/** Makes firms one after the other; no two have the same name. */
export class FirmMaker {
  readonly #random: Random;
  readonly #taken = new Set<string>();
  readonly #lastNumbers = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Firm {
    return firmFrom(this.#random, (name) => this.#free(name));
  }

  /** A name that no firm has yet: where the words run out, a number tells them apart. */
  #free(name: string): string {
    let free = name;
    let number = 2;
    for (; this.#taken.has(free.toLowerCase()); number++) {
      // In a large world most names are taken: the search goes on where it ended the last time.
      if (number === SEARCHED_FROM_THE_START) number = this.#lastNumbers.get(name) ?? number;
      free = `${name} ${this.#random.whole(2, 9)}${number}`;
    }
    if (number > SEARCHED_FROM_THE_START) this.#lastNumbers.set(name, number);
    this.#taken.add(free.toLowerCase());
    return free;
  }
}

const marks = /\p{Mn}/gu;

/** Letters and digits of a name, for host names. */
function slug(name: string): string {
  const plain = name.normalize('NFD').replaceAll(marks, '').toLowerCase();
  return (
    plain
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 40) || 'firm'
  );
}
