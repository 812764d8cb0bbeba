import { compiled } from './apply-rule.js';
import {
  chainOf,
  LONGEST_CHAIN,
  type ParameterName,
  parameterNames,
  parametersOf,
  type TransformationRule,
  type TransformationRules,
} from './transformation-rule.js';

/** What is wrong with a rule that somebody wants to save. */
export interface RuleFault {
  readonly path: readonly string[];
  readonly message: string;
}

const LONGEST_CODE = 50;
const LONGEST_TEXT = 250;

/** Everything that is wrong with a rule, by itself and among all others; an empty list allows saving. */
export function ruleFaults(rule: TransformationRule, others: TransformationRules): RuleFault[] {
  return [
    ...codeFaults(rule),
    ...parameterFaults(rule),
    ...valueFaults(rule),
    ...chainFaults(rule, new Map([...others, [rule.code, rule]])),
  ];
}

function codeFaults({ code, description }: TransformationRule): RuleFault[] {
  return [
    ...(code === '' ? [{ path: ['code'], message: 'expected a code, got none' }] : []),
    ...tooLong('code', code, LONGEST_CODE),
    ...tooLong('description', description, LONGEST_TEXT),
  ];
}

const tooLong = (name: string, text: string | null, most: number): RuleFault[] =>
  text !== null && text.length > most
    ? [{ path: [name], message: `expected at most ${most} characters, got ${text.length}` }]
    : [];

function parameterFaults(rule: TransformationRule): RuleFault[] {
  const { needs, takes } = parametersOf[rule.kind];
  return parameterNames.flatMap((name): RuleFault[] => {
    const value = rule[name];
    if (needs.includes(name) && (value === null || value === ''))
      return [{ path: [name], message: `expected a value, which ${rule.kind} needs, got none` }];
    if (value !== null && !needs.includes(name) && !takes.includes(name))
      return [{ path: [name], message: `expected nothing, since ${rule.kind} takes no ${name}; leave it out` }];
    return typeof value === 'string' ? tooLong(name, value, LONGEST_TEXT) : [];
  });
}

function valueFaults(rule: TransformationRule): RuleFault[] {
  const fault = (name: ParameterName, message: string): RuleFault[] => [{ path: [name], message }];
  const { kind, startPosition, length, startingText, endingText, precision, culture, findValue } = rule;
  const byPosition = startPosition !== null || length !== null;
  const byText = startingText !== null || endingText !== null;
  return [
    ...(startPosition !== null && startPosition < 1
      ? fault('startPosition', `expected 1 or more, got ${startPosition}`)
      : []),
    ...(length !== null && length < 1 ? fault('length', `expected 1 or more, got ${length}`) : []),
    ...(precision !== null && !(precision >= 1e-10 && precision <= 1e12)
      ? fault('precision', `expected a number from 0.0000000001 to 1000000000000, got ${precision}`)
      : []),
    ...(kind === 'SUBSTRING' && byPosition === byText
      ? fault(
          'startPosition',
          'expected startPosition and length, or startingText and endingText, not both and not neither',
        )
      : []),
    ...(culture !== null && !isCulture(culture)
      ? fault('culture', `expected a culture such as da-DK, got "${culture}"`)
      : []),
    ...(kind.startsWith('REGULAR_EXPRESSION') && findValue !== null && !isExpression(findValue)
      ? fault('findValue', 'expected a regular expression in the syntax of RE2 (no references back, no look-around)')
      : []),
  ];
}

function isCulture(culture: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(culture).length > 0;
  } catch {
    return false;
  }
}

function isExpression(expression: string): boolean {
  try {
    compiled(expression);
    return true;
  } catch {
    return false;
  }
}

function chainFaults({ code, next }: TransformationRule, all: TransformationRules): RuleFault[] {
  if (next === null) return [];
  if (!all.has(next)) return [{ path: ['next'], message: `there is no transformation rule "${next}"` }];
  if (chainOf(code, all) !== null) return [];
  return [{ path: ['next'], message: `the rules would go on for ever, or over more than ${LONGEST_CHAIN} steps` }];
}
