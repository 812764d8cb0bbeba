import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';
import { limitRules, type OperationLimits } from './limits.js';

/** The rules that hold for every operation besides those of GraphQL itself. */
export const validationRules = (limits: OperationLimits): readonly ValidationRule[] => [
  ...limitRules(limits),
  unconditionalSubscription,
];

/** What is wrong with a document; empty when it may be executed. Never throws. */
export function validationErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
  limits: OperationLimits,
): readonly GraphQLError[] {
  try {
    return validate(schema, document, [...specifiedRules, ...validationRules(limits)]);
  } catch (error) {
    return [thrownByValidation(error)];
  }
}

const CONDITIONAL_SUBSCRIPTION =
  'the own field of a subscription may have neither @skip nor @include: leave them out, and subscribe only to what is to be followed';

/**
 * What graphql throws instead of reporting it: of its rules only the one for a subscription's single field, which evaluates
 * @skip and @include without the values of variables.
 */
export function thrownByValidation(error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) throw error;
  return new GraphQLError(CONDITIONAL_SUBSCRIPTION, {
    nodes: error.nodes ?? null,
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
  });
}

// Says so of constant conditions, too: without its field a subscription would follow nothing.
function unconditionalSubscription(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: ({ operation, selectionSet }) => {
      if (operation !== OperationTypeNode.SUBSCRIPTION || !isConditional(selectionSet, context, new Set())) return;
      context.reportError(new GraphQLError(CONDITIONAL_SUBSCRIPTION));
    },
  };
}

function isConditional({ selections }: SelectionSetNode, context: ValidationContext, seen: Set<string>): boolean {
  return selections.some((selection) => {
    if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return true;
    if (selection.kind === Kind.INLINE_FRAGMENT) return isConditional(selection.selectionSet, context, seen);
    if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) return false;
    seen.add(selection.name.value);
    const fragment = context.getFragment(selection.name.value);
    return fragment ? isConditional(fragment.selectionSet, context, seen) : false;
  });
}

const ABORTED = 'Validation aborted.';

/**
 * graphql gives up where fields of one name stand so often, also through fragments, that comparing each with each would take
 * too long; its words tell nobody what to do.
 */
export const explainedMessage = (message: string): string =>
  message === ABORTED
    ? 'the document holds the same field too often, or too many fragments in each other, to be compared (500,000 comparisons at most). Ask for each field once in its place, or in several smaller operations'
    : message;
