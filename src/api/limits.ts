import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Bytes of one request or one WebSocket message. */
export const LARGEST_REQUEST_BYTES = 1_048_576;

/** Words and signs of one document, so that parsing one costs little. The largest page of a dashboard has some 600. */
export const MOST_TOKENS = 2_000;

/** Levels of fields below the operation. A connection takes three, so this is four lists within each other. */
export const DEEPEST_LEVEL = 15;

/** Fields that one operation may rename: each alias can repeat a costly field. */
export const MOST_ALIASES = 30;

// How much of a document was seen. A fragment counts at each of its uses, as it is executed there.
interface Extent {
  readonly levels: number;
  readonly aliases: number;
}

/** Refuses operations that are nested deeper than 15 levels or use more than 30 aliases, fragments included. */
export const extentRule: ValidationRule = (context) => new ExtentCheck(context).visitor();

class ExtentCheck {
  // A fragment is measured once, however often it is used: documents with fragments of fragments stay cheap to check.
  readonly #measured = new Map<string, Extent>();
  readonly #inProgress = new Set<string>();

  constructor(private readonly context: ValidationContext) {}

  visitor(): ASTVisitor {
    return {
      OperationDefinition: (operation) => {
        const { levels, aliases } = this.#measure(operation.selectionSet);
        if (levels > DEEPEST_LEVEL)
          this.#refuse(`the operation is ${levels} levels deep; at most ${DEEPEST_LEVEL} are allowed`);
        if (aliases > MOST_ALIASES)
          this.#refuse(`the operation has ${aliases} aliases; at most ${MOST_ALIASES} are allowed`);
        return false;
      },
    };
  }

  #refuse(message: string): void {
    this.context.reportError(new GraphQLError(`${message}. Ask in several smaller operations`));
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
