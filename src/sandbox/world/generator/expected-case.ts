import type { SeedRow } from './business-rows.js';

/** A record that the data contains on purpose, and what the default setup makes of it. */
export interface ExpectedCase {
  readonly case: string;
  readonly system: 'BUSINESS' | 'SALES';
  readonly entitySet: string;
  readonly id: string;
  readonly name: string;
  readonly expected: string;
}

/** What is said about a record: the case, and what is expected of it. */
export type About = readonly [text: string, expected: string];

export const businessCase = (entitySet: string, row: SeedRow, name: string, [text, expected]: About): ExpectedCase => ({
  case: text,
  system: 'BUSINESS',
  entitySet,
  id: row.id,
  name,
  expected,
});

export const salesCase = (entitySet: string, row: SeedRow, name: string, [text, expected]: About): ExpectedCase => ({
  case: text,
  system: 'SALES',
  entitySet,
  id: row.id,
  name,
  expected,
});
