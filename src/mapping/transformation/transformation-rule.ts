export const transformationKinds = [
  'UPPERCASE',
  'LOWERCASE',
  'TITLE_CASE',
  'TRIM',
  'SUBSTRING',
  'REPLACE',
  'REGULAR_EXPRESSION_REPLACE',
  'REGULAR_EXPRESSION_MATCH',
  'REMOVE_NON_ALPHANUMERIC',
  'DATE_FORMATTING',
  'DATE_TIME_FORMATTING',
  'DECIMAL_FORMATTING',
  'ROUND',
  'EXTRACT_FROM_DATE',
  'UNIX_TIMESTAMP',
] as const;
export type TransformationKind = (typeof transformationKinds)[number];
export type RoundDirection = 'NEAREST' | 'UP' | 'DOWN';
export type DatePart = 'DAY' | 'MONTH' | 'YEAR';

/** What a rule is told besides its kind; which of these a kind takes is in {@link parametersOf}. */
export interface TransformationParameters {
  readonly findValue: string | null;
  readonly replaceValue: string | null;
  readonly startPosition: number | null;
  readonly length: number | null;
  readonly startingText: string | null;
  readonly endingText: string | null;
  readonly precision: number | null;
  readonly roundDirection: RoundDirection | null;
  readonly datePart: DatePart | null;
  readonly dataFormat: string | null;
  readonly culture: string | null;
}
export type ParameterName = keyof TransformationParameters;

/** A named change of a value on its way to the other side. */
export interface TransformationRule extends TransformationParameters {
  readonly id: string;
  readonly code: string;
  readonly description: string;
  readonly kind: TransformationKind;
  /** Code of the rule that goes on with the result. */
  readonly next: string | null;
  /** Counts edits by people. */
  readonly revision: number;
}

/** All rules by their code. */
export type TransformationRules = ReadonlyMap<string, TransformationRule>;

/** Kinds that change nothing when applied again: they alone may stand on a bidirectional field. */
const reversibleKinds: ReadonlySet<TransformationKind> = new Set([
  'UPPERCASE',
  'LOWERCASE',
  'TITLE_CASE',
  'TRIM',
  'REMOVE_NON_ALPHANUMERIC',
  'ROUND',
]);

export const parameterNames: readonly ParameterName[] = [
  'findValue',
  'replaceValue',
  'startPosition',
  'length',
  'startingText',
  'endingText',
  'precision',
  'roundDirection',
  'datePart',
  'dataFormat',
  'culture',
];

/** Parameters by kind: those that it needs, and those that it may have. */
export const parametersOf: Readonly<
  Record<TransformationKind, { readonly needs: readonly ParameterName[]; readonly takes: readonly ParameterName[] }>
> = {
  UPPERCASE: { needs: [], takes: ['culture'] },
  LOWERCASE: { needs: [], takes: ['culture'] },
  TITLE_CASE: { needs: [], takes: ['culture'] },
  TRIM: { needs: [], takes: [] },
  SUBSTRING: { needs: [], takes: ['startPosition', 'length', 'startingText', 'endingText'] },
  REPLACE: { needs: ['findValue'], takes: ['replaceValue'] },
  REGULAR_EXPRESSION_REPLACE: { needs: ['findValue'], takes: ['replaceValue'] },
  REGULAR_EXPRESSION_MATCH: { needs: ['findValue'], takes: [] },
  REMOVE_NON_ALPHANUMERIC: { needs: [], takes: [] },
  DATE_FORMATTING: { needs: [], takes: ['dataFormat', 'culture'] },
  DATE_TIME_FORMATTING: { needs: [], takes: ['dataFormat', 'culture'] },
  DECIMAL_FORMATTING: { needs: [], takes: ['culture'] },
  ROUND: { needs: ['precision'], takes: ['roundDirection'] },
  EXTRACT_FROM_DATE: { needs: ['datePart'], takes: [] },
  UNIX_TIMESTAMP: { needs: [], takes: [] },
};

/** More than anybody chains, and little enough that a value never takes long. */
export const LONGEST_CHAIN = 10;

/** The rule and all that go on with its result; null where one of them does not exist, or they go on for ever. */
export function chainOf(code: string, rules: TransformationRules): readonly TransformationRule[] | null {
  const chain: TransformationRule[] = [];
  for (let next: string | null = code; next !== null; ) {
    const rule = rules.get(next);
    if (rule === undefined || chain.length === LONGEST_CHAIN) return null;
    chain.push(rule);
    next = rule.next;
  }
  return chain;
}

/** True for a rule that may stand on a bidirectional field, with all that follow it. */
export const isReversible = (code: string, rules: TransformationRules): boolean =>
  chainOf(code, rules)?.every(({ kind }) => reversibleKinds.has(kind)) ?? false;

/** Codes of the rules; true for those that may stand on a bidirectional field. */
export const reversibleRules = (rules: TransformationRules): ReadonlyMap<string, boolean> =>
  new Map([...rules.keys()].map((code) => [code, isReversible(code, rules)]));
