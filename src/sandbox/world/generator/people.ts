import type { Random } from './random.js';

/** A made-up person who works for a firm. */
export interface PersonName {
  readonly firstName: string;
  readonly middleName: string;
  readonly surname: string;
}

const firstNames = [
  'Ada',
  'Bastian',
  'Chiara',
  'Dario',
  'Edda',
  'Fabrice',
  'Gesine',
  'Hakon',
  'Ilse',
  'Jarek',
  'Katja',
  'Lorenz',
  'Malin',
  'Nadir',
  'Orla',
  'Pascal',
  'Quirin',
  'Rosalie',
  'Stellan',
  'Tomke',
  'Ugo',
  'Vera',
  'Wouter',
  'Xenia',
  'Yannick',
  'Zita',
  'André',
  'Bärbel',
  'Søren',
  'Zoë',
];
const middleNames = ['Marie', 'J.', 'Theodor', 'van', 'Luise', 'K.'];
const surnames = [
  'Abrell',
  'Borkamp',
  'Castane',
  'Dunmore',
  'Eschwege',
  'Falkner',
  'Grevholm',
  'Hollander',
  'Iversby',
  'Jablonka',
  'Kerrigan',
  'Lundehus',
  'Mortain',
  'Nystrand',
  'Oberlach',
  'Petrazzi',
  'Quandel',
  'Rostrup',
  'Sandover',
  'Tellmann',
  'Uhlbach',
  'Vandersloot',
  'Westerhof',
  'Yarrow',
  'Zanetto',
  "O'Shane",
  'Müllhaus',
  'Kjærstad',
  'Hernández',
  'Boileau',
];
const jobTitles = ['Buyer', 'Head of Purchasing', 'Managing Director', 'Accountant', 'Warehouse Manager', 'Assistant'];

/** As long as the field for it in Business Central. */
export const LONGEST_SURNAME = 'Brandenburg-Hohenlindenthalers';
/** Longer than the 30 letters that Business Central keeps. */
export const LONG_SURNAMES = ['Featherstonehaugh-Cholmondeley-Smythe', 'Wolfeschlegelsteinhausenbergerdorff-Ott'];

export const jobTitleOf = (random: Random): string => random.pick(jobTitles);

/** Names people one after the other; no two have both names in common. */
export class PeopleMaker {
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** `surname` is used when it is given. */
  next(surname?: string): PersonName {
    const random = this.#random;
    const middleName = random.chance(0.15) ? random.pick(middleNames) : '';
    const firstName = random.pick(firstNames);
    const base = surname ?? random.pick(surnames);
    let name = { firstName, middleName, surname: base };
    for (let at = 2; this.#taken.has(keyOf(name)); at++)
      name = {
        firstName: random.pick(firstNames),
        middleName,
        surname: at < 40 ? random.pick(surnames) : `${base} ${this.#taken.size + at}`,
      };
    this.#taken.add(keyOf(name));
    return name;
  }
}

/** A person whose surname is what `surnamed` makes of the one that was drawn. */
export const personFrom = (random: Random, surnamed: (surname: string) => string): PersonName => ({
  firstName: random.pick(firstNames),
  middleName: random.chance(0.15) ? random.pick(middleNames) : '',
  surname: surnamed(random.pick(surnames)),
});

const keyOf = ({ firstName, surname }: PersonName): string => `${firstName} ${surname}`;

/** The full name, as Business Central composes it of its parts. */
export const fullNameOf = ({ firstName, middleName, surname }: PersonName): string =>
  [firstName, middleName, surname].filter((part) => part !== '').join(' ');

const marks = /\p{Mn}/gu;

/** An address in the domain of a firm, or in a domain that belongs to nobody. */
export function mailOf({ firstName, surname }: PersonName, website: string): string {
  const domain = /^https?:\/\/www\.([^/]+)$/.exec(website)?.[1] ?? 'people.example';
  const plain = `${firstName}.${surname}`.normalize('NFD').replaceAll(marks, '').toLowerCase();
  return `${plain.replaceAll(/[^a-z.]+/g, '')}@${domain}`.slice(0, 80);
}
