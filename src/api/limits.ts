import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

import { refusedOperation } from './api-errors.js';

/** What one operation, one request and one socket may take. Each is settable, see `.env.example`. */
export interface OperationLimits {
  /** Levels of fields below the operation. A connection takes three, so 15 are four lists within each other. */
  readonly depth: number;
  /** Fields that one operation may rename: each alias can repeat a costly field. */
  readonly aliases: number;
  /** Directives in one document. */
  readonly directives: number;
  /** Words and signs of one document, so that parsing one costs little. The largest page of a dashboard has some 600. */
  readonly tokens: number;
  /** Characters of one text in a document or its variables. The longest that any field takes, a filter expression, has 1,000. */
  readonly textCharacters: number;
  /** What one operation may cost, see `cost.ts`. */
  readonly cost: number;
  /** Bytes of one request or one WebSocket message. */
  readonly bodyBytes: number;
  /** Operations that run at the same time over one socket. */
  readonly socketOperations: number;
  /** How long a query or mutation may take. Subscriptions have no end. */
  readonly operationMs: number;
}

export const defaultLimits: OperationLimits = {
  depth: 15,
  aliases: 30,
  directives: 50,
  tokens: 2_000,
  textCharacters: 10_000,
  cost: 10_000,
  bodyBytes: 1_048_576,
  socketOperations: 50,
  operationMs: 30_000,
};

// How much of a document was seen. A fragment counts at each of its uses, as it is executed there.
interface Extent {
  readonly levels: number;
  readonly aliases: number;
}

/** The rules that keep documents within their limits. */
export const limitRules = (limits: OperationLimits): readonly ValidationRule[] => [
  (context) => new ExtentCheck(context, limits).visitor(),
  (context) => directivesVisitor(context, limits.directives),
  (context) => textsVisitor(context, limits.textCharacters),
];

function textsVisitor(context: ValidationContext, most: number): ASTVisitor {
  return {
    StringValue: ({ value }) => {
      if (value.length > most) context.reportError(new GraphQLError(tooLong(value, most)));
    },
  };
}

const tooLong = (text: string, most: number): string =>
  `a text has ${text.length} characters; at most ${most} are allowed`;

// What follows walks through them, and audit entries hold them. The deepest input of the API has ten levels.
const MOST_LEVELS_OF_VARIABLES = 100;

/** Throws BAD_USER_INPUT for variables that hold a text which is longer than one may be, or that are nested too deeply. */
export function refuseExcessiveVariables(variables: Readonly<Record<string, unknown>>, mostCharacters: number): void {
  let level: readonly unknown[] = [variables];
  for (let levels = 0; level.length > 0; levels += 1) {
    if (levels > MOST_LEVELS_OF_VARIABLES) throw refusedOperation('BAD_USER_INPUT', TOO_DEEP);
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && value.length > mostCharacters)
        throw refusedOperation('BAD_USER_INPUT', tooLong(value, mostCharacters));
      if (typeof value !== 'object' || value === null) continue;
      for (const part of Object.values(value)) next.push(part);
    }
    level = next;
  }
}

const TOO_DEEP = `the variables are nested deeper than ${MOST_LEVELS_OF_VARIABLES} levels, which is the most allowed; give them a flatter form`;

function directivesVisitor(context: ValidationContext, most: number): ASTVisitor {
  let count = 0;
  return {
    Directive: () => {
      count += 1;
      if (count === most + 1)
        refuse(context, `the document has more than ${most} directives, which is the most allowed`);
    },
  };
}

const refuse = (context: ValidationContext, message: string): void =>
  context.reportError(new GraphQLError(`${message}. Ask in several smaller operations`));

class ExtentCheck {
  // A fragment is measured once, however often it is used: documents with fragments of fragments stay cheap to check.
  readonly #measured = new Map<string, Extent>();
  readonly #inProgress = new Set<string>();

  constructor(
    private readonly context: ValidationContext,
    private readonly limits: OperationLimits,
  ) {}

  visitor(): ASTVisitor {
    return {
      OperationDefinition: (operation) => {
        const { levels, aliases } = this.#measure(operation.selectionSet);
        const { depth, aliases: mostAliases } = this.limits;
        if (levels > depth)
          refuse(this.context, `the operation is ${levels} levels deep; at most ${depth} are allowed`);
        if (aliases > mostAliases)
          refuse(this.context, `the operation has ${aliases} aliases; at most ${mostAliases} are allowed`);
        return false;
      },
    };
  }

  #measure(selections: SelectionSetNode): Extent {
    let levels = 0;
    let aliases = 0;
    for (const selection of selections.selections) {
      const inner = this.#measureSelection(selection);
      levels = Math.max(levels, inner.levels);
      aliases += inner.aliases;
    }
    return { levels, aliases };
  }

  #measureSelection(selection: SelectionSetNode['selections'][number]): Extent {
    switch (selection.kind) {
      case Kind.FIELD: {
        const inner = selection.selectionSet ? this.#measure(selection.selectionSet) : { levels: 0, aliases: 0 };
        return { levels: inner.levels + 1, aliases: inner.aliases + (selection.alias ? 1 : 0) };
      }
      case Kind.INLINE_FRAGMENT:
        return this.#measure(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return this.#measureFragment(this.context.getFragment(selection.name.value));
    }
  }

  #measureFragment(fragment: FragmentDefinitionNode | null | undefined): Extent {
    // Unknown and circular fragments are refused by rules of GraphQL itself.
    if (!fragment || this.#inProgress.has(fragment.name.value)) return { levels: 0, aliases: 0 };
    const known = this.#measured.get(fragment.name.value);
    if (known) return known;
    this.#inProgress.add(fragment.name.value);
    const extent = this.#measure(fragment.selectionSet);
    this.#inProgress.delete(fragment.name.value);
    this.#measured.set(fragment.name.value, extent);
    return extent;
  }
}
