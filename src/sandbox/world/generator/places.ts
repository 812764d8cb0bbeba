import type { Random } from './random.js';

/** A country with invented towns and the shape of its addresses. */
export interface Country {
  readonly code: string;
  readonly name: string;
  readonly dialling: string;
  readonly towns: readonly string[];
  readonly streets: readonly string[];
  readonly states: readonly string[];
  /** `9` stands for a digit, `A` for a letter. */
  readonly postalCode: string;
}

const none: readonly string[] = [];
// Letters that postal codes use; those that look like digits are left out.
const postalLetters = Array.from('ABCEGHJKLMNPRSTVXY');

/** The countries of the demo companies; the towns are made up. */
export const countries: readonly Country[] = [
  {
    code: 'DE',
    name: 'Germany',
    dialling: '+49',
    towns: ['Altfurt', 'Brückental', 'Neuseefeld', 'Königsmoor', 'Hohenlinde'],
    streets: ['Werkstraße', 'Am Mühlbach', 'Ringweg', 'Gärtnerweg'],
    states: none,
    postalCode: '99999',
  },
  {
    code: 'AT',
    name: 'Austria',
    dialling: '+43',
    towns: ['Sonnleiten', 'Obergrund', 'Ennsdorf am Wald', 'Larchenau'],
    streets: ['Bergstraße', 'Am Anger', 'Kirchengasse'],
    states: none,
    postalCode: '9999',
  },
  {
    code: 'CH',
    name: 'Switzerland',
    dialling: '+41',
    towns: ['Seewilen', 'Roggwald', 'Montclair-le-Lac', 'Brigantino'],
    streets: ['Dorfstrasse', 'Rue du Moulin', 'Seeweg'],
    states: none,
    postalCode: '9999',
  },
  {
    code: 'NL',
    name: 'Netherlands',
    dialling: '+31',
    towns: ['Waterveen', 'Oosterlaar', 'Nieuwmeer', 'Dijkhaven'],
    streets: ['Molenweg', 'Havenkade', 'Tulpstraat'],
    states: none,
    postalCode: '9999 AA',
  },
  {
    code: 'FR',
    name: 'France',
    dialling: '+33',
    towns: ['Saint-Aubry', 'Valmère', 'Pont-l’Orme', 'Châtelière'],
    streets: ['rue des Ateliers', 'avenue du Port', 'impasse des Lilas'],
    states: none,
    postalCode: '99999',
  },
  {
    code: 'GB',
    name: 'United Kingdom',
    dialling: '+44',
    towns: ['Ashwick Green', 'Marlford', 'East Thornby', 'Kelsmouth'],
    streets: ['Mill Lane', 'Foundry Road', 'Station Approach'],
    states: none,
    postalCode: 'AA9 9AA',
  },
  {
    code: 'US',
    name: 'United States',
    dialling: '+1',
    towns: ['Cedar Hollow', 'Port Lennox', 'Milbrook Falls', 'Santa Rovina'],
    streets: ['Industrial Blvd', 'Maple Avenue', 'Harbor Street'],
    states: ['WA', 'OR', 'TX', 'OH'],
    postalCode: '99999',
  },
  {
    code: 'CA',
    name: 'Canada',
    dialling: '+1',
    towns: ['Lac-aux-Pins', 'Northgate Bay', 'Prairie Ridge'],
    streets: ['King Street', 'rue Principale', 'Lakeshore Drive'],
    states: ['ON', 'QC', 'BC'],
    postalCode: 'A9A 9A9',
  },
  {
    code: 'AU',
    name: 'Australia',
    dialling: '+61',
    towns: ['Wattle Creek', 'Barrandoo', 'Port Ellery'],
    streets: ['Gum Tree Road', 'Quay Street', 'Ridge Parade'],
    states: ['NSW', 'VIC', 'QLD'],
    postalCode: '9999',
  },
  {
    code: 'DK',
    name: 'Denmark',
    dialling: '+45',
    towns: ['Sønderlund', 'Birkehøj', 'Nørrevig'],
    streets: ['Havnegade', 'Møllevej', 'Skovbrynet'],
    states: none,
    postalCode: '9999',
  },
  {
    code: 'SE',
    name: 'Sweden',
    dialling: '+46',
    towns: ['Granåker', 'Östraby', 'Sjövalla'],
    streets: ['Fabriksgatan', 'Björkvägen', 'Hamnplan'],
    states: none,
    postalCode: '999 99',
  },
  {
    code: 'IT',
    name: 'Italy',
    dialling: '+39',
    towns: ['Collefiore', 'Montevento', 'Riva Serena'],
    streets: ['Via dei Mulini', 'Corso Olmo', 'Piazza del Forno'],
    states: none,
    postalCode: '99999',
  },
];

export interface Address {
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly country: string;
}

/** An invented address in a country. */
export function addressIn(country: Country, random: Random): Address {
  return {
    line1: `${random.pick(country.streets)} ${random.whole(1, 180)}`,
    line2: random.chance(0.2) ? `Unit ${random.whole(1, 40)}` : '',
    city: random.pick(country.towns),
    state: country.states.length === 0 ? '' : random.pick(country.states),
    postalCode: country.postalCode.replaceAll(/[9A]/g, (sign) =>
      sign === '9' ? random.digits(1) : random.pick(postalLetters),
    ),
    country: country.code,
  };
}

export const phoneIn = (country: Country, random: Random): string =>
  `${country.dialling} ${random.digits(3)} ${random.digits(3)}-${random.digits(3)}`;
