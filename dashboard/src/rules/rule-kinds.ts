import type { ResultOf } from '../graphql/graphql';
import type { ruleFields } from './rule-fields';

export type Rule = ResultOf<typeof ruleFields>;
export type RuleKind = Rule['kind'];
export type Parameter = Exclude<
  keyof Rule,
  'id' | 'code' | 'description' | 'kind' | 'revision' | 'next' | '__typename'
>;

export const kindWords: Readonly<Record<RuleKind, string>> = {
  UPPERCASE: 'To capitals',
  LOWERCASE: 'To small letters',
  TITLE_CASE: 'First letters to capitals',
  TRIM: 'Blanks around it away',
  SUBSTRING: 'A part of the text',
  REPLACE: 'One text for another',
  REGULAR_EXPRESSION_REPLACE: 'What an expression matches for a text',
  REGULAR_EXPRESSION_MATCH: 'What an expression matches',
  REMOVE_NON_ALPHANUMERIC: 'Letters and digits only',
  DATE_FORMATTING: 'A date that is written otherwise',
  DATE_TIME_FORMATTING: 'A moment that is written otherwise',
  DECIMAL_FORMATTING: 'A number that is written otherwise',
  ROUND: 'Rounded',
  EXTRACT_FROM_DATE: 'A part of a date',
  UNIX_TIMESTAMP: 'Seconds since 1970',
};

/** What each kind is told besides; the service checks it, this decides what is asked for. */
export const parametersOf: Readonly<Record<RuleKind, readonly Parameter[]>> = {
  UPPERCASE: ['culture'],
  LOWERCASE: ['culture'],
  TITLE_CASE: ['culture'],
  TRIM: [],
  SUBSTRING: ['startPosition', 'length', 'startingText', 'endingText'],
  REPLACE: ['findValue', 'replaceValue'],
  REGULAR_EXPRESSION_REPLACE: ['findValue', 'replaceValue'],
  REGULAR_EXPRESSION_MATCH: ['findValue'],
  REMOVE_NON_ALPHANUMERIC: [],
  DATE_FORMATTING: ['dataFormat', 'culture'],
  DATE_TIME_FORMATTING: ['dataFormat', 'culture'],
  DECIMAL_FORMATTING: ['culture'],
  ROUND: ['precision', 'roundDirection'],
  EXTRACT_FROM_DATE: ['datePart'],
  UNIX_TIMESTAMP: [],
};

export const parameterWords: Readonly<Record<Parameter, string>> = {
  findValue: 'What is looked for',
  replaceValue: 'What comes in its place',
  startPosition: 'From character',
  length: 'How many characters',
  startingText: 'After this text',
  endingText: 'Before this text',
  dataFormat: 'How it is written, e.g. dd/MM/yyyy',
  culture: 'Culture, e.g. da-DK',
  precision: 'To a multiple of',
  roundDirection: 'Which way',
  datePart: 'Which part',
};

/** A rule without anything filled in. */
export const emptyRule: Rule = {
  id: '',
  code: '',
  description: '',
  kind: 'UPPERCASE',
  revision: 0,
  next: null,
  findValue: null,
  replaceValue: null,
  startPosition: null,
  length: null,
  startingText: null,
  endingText: null,
  dataFormat: null,
  culture: null,
  precision: null,
  roundDirection: null,
  datePart: null,
};

/** Such as "findValue “-”, replaceValue “”". */
export const parametersInWords = (rule: Rule): string =>
  parametersOf[rule.kind]
    .filter((name) => rule[name] !== null)
    .map((name) => `${parameterWords[name].split(',')[0]?.toLowerCase()}: ${rule[name]}`)
    .join(', ');
