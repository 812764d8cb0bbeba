import type { IntegrationFieldMapping, IntegrationTableMapping } from './integration-table-mapping.js';
import {
  chainOf,
  parameterNames,
  type TransformationParameters,
  type TransformationRule,
  type TransformationRules,
} from './transformation/transformation-rule.js';
import type { CreateTransformationRuleInput, UpdateTransformationRuleInput } from './transformation-rule-graphql.js';
import type { RuleChange } from './transformation-rule-store.js';

/** A new rule as an input asks for it. */
export const newRule = (input: CreateTransformationRuleInput, id: string): TransformationRule => ({
  id,
  code: input.code.trim(),
  description: input.description ?? '',
  kind: input.kind,
  // Each name is one of the parameters, so the object has all of them.
  ...(Object.fromEntries(
    parameterNames.map((name) => [name, input[name] ?? null]),
  ) as unknown as TransformationParameters),
  next: input.next ?? null,
  revision: 1,
});

/** What an input changes: null takes a parameter or the next rule away. */
export function ruleChange(input: UpdateTransformationRuleInput): RuleChange {
  const given = [...parameterNames, 'next' as const].filter((name) => input[name] !== undefined);
  return {
    ...(input.description !== undefined && { description: input.description ?? '' }),
    ...(input.kind !== undefined && input.kind !== null && { kind: input.kind }),
    ...Object.fromEntries(given.map((name) => [name, input[name]])),
  };
}

interface UsingField {
  readonly mappingName: string;
  readonly name: string;
  readonly field: IntegrationFieldMapping;
}

/** Fields whose values go through the rule, directly or by a chain. */
export const fieldsUsing = (
  code: string,
  mappings: readonly IntegrationTableMapping[],
  rules: TransformationRules,
): UsingField[] =>
  mappings.flatMap((mapping) =>
    mapping.fields
      .filter(({ transformations }) => transformations.some((first) => passesThrough(first, code, rules)))
      .map((field) => ({ mappingName: mapping.name, name: field.field || field.integrationField, field })),
  );

const passesThrough = (first: string, code: string, rules: TransformationRules): boolean =>
  first === code || (chainOf(first, rules)?.some((rule) => rule.code === code) ?? false);

/** Rules that go on with this one. */
export const rulesChaining = (code: string, rules: TransformationRules): TransformationRule[] =>
  [...rules.values()].filter(({ next }) => next === code);
