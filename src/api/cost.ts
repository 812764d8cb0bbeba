import {
  type ArgumentNode,
  DirectiveLocation,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLDirective,
  type GraphQLField,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { Directive } from 'type-graphql';
import { refusedOperation } from './api-errors.js';
import { DEFAULT_PAGE, LARGEST_PAGE } from './page-size.js';

/** Says what a field costs, where that is not 1 for an object and 0 for a value. Written into the schema as `@cost`. */
export const Cost = (weight: number): ReturnType<typeof Directive> => Directive(`@cost(weight: ${weight})`);

const costDirective = new GraphQLDirective({
  name: 'cost',
  description:
    "What a field costs (others 1 for an object, 0 for a value), times the page size of the lists around it; the weight may be tuned. An operation's cost and its limit are in extensions.cost.",
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: { weight: { type: new GraphQLNonNull(GraphQLInt), description: 'What it costs, once.' } },
});

/** Declares `@cost` in the schema. */
export const declareCost = (schema: GraphQLSchema): GraphQLSchema =>
  new GraphQLSchema({ ...schema.toConfig(), directives: [...schema.getDirectives(), costDirective] });

/** An operation's cost and what it may cost at most, as `extensions.cost` tells it. */
export interface OperationCost {
  readonly requested: number;
  readonly limit: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** What an operation costs that is valid in the schema. Both branches of a condition count. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const root = schema.getRootType(operation.operation);
  return root ? new CostCount(schema, document, operation, variables).ofSelections(operation.selectionSet, root) : 0;
}

/** Throws COST_LIMIT_EXCEEDED for an operation that costs more than it may. */
export function refuseCost({ requested, limit }: OperationCost): void {
  if (requested <= limit) return;
  throw refusedOperation(
    'COST_LIMIT_EXCEEDED',
    `the operation costs ${requested}; at most ${limit} are allowed. Ask for smaller pages, or in several operations`,
  );
}

class CostCount {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  // A fragment costs the same wherever it stands, so it is counted once.
  readonly #counted = new Map<string, number>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    private readonly variables: Variables,
  ) {
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  ofSelections({ selections }: SelectionSetNode, type: GraphQLCompositeType, pageSize = 1): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += this.#ofField(selection, type, pageSize);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += this.#ofFragment(selection.name.value, pageSize);
      else {
        const on = selection.typeCondition && this.schema.getType(selection.typeCondition.name.value);
        cost += this.ofSelections(selection.selectionSet, isCompositeType(on) ? on : type, pageSize);
      }
    }
    return cost;
  }

  // `pageSize` is that of the connection whose direct field this is: it counts for its edges, not for its page info.
  #ofField(node: FieldNode, parent: GraphQLCompositeType, pageSize: number): number {
    const field = this.#definition(node, parent);
    if (field === undefined) return 0;
    const given = getNamedType(field.type);
    const own = weightOf(field) ?? (isCompositeType(given) ? 1 : 0);
    const times = field.name === 'edges' ? pageSize : this.#lengthOfList(node, field);
    if (!node.selectionSet || !isCompositeType(given)) return own * times;
    const inner = this.ofSelections(node.selectionSet, given, this.#sizeOfPage(node, field));
    // What is dear is the asking, once; what comes is as many times as it comes.
    return weightOf(field) === undefined ? (own + inner) * times : own + inner * times;
  }

  #ofFragment(name: string, pageSize: number): number {
    const fragment = this.#fragments.get(name);
    const on = fragment && this.schema.getType(fragment.typeCondition.name.value);
    if (fragment === undefined || !isCompositeType(on)) return 0;
    const key = `${name} ${pageSize}`;
    const known = this.#counted.get(key);
    if (known !== undefined) return known;
    const cost = this.ofSelections(fragment.selectionSet, on, pageSize);
    this.#counted.set(key, cost);
    return cost;
  }

  #definition(node: FieldNode, parent: GraphQLCompositeType): GraphQLField<unknown, unknown> | undefined {
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  }

  /** The page size of a connection; 1 for any other field. */
  #sizeOfPage(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    if (!getNamedType(field.type).name.endsWith('Connection')) return 1;
    const asked = this.#numberOf(node, 'first') ?? this.#numberOf(node, 'last') ?? DEFAULT_PAGE;
    // A larger one is refused by the list itself, which says why.
    return Math.min(Math.max(asked, 1), LARGEST_PAGE);
  }

  /** How many a plain list has whose length is asked for; 1 for any other field. */
  #lengthOfList(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    if (getNamedType(field.type).name.endsWith('Connection')) return 1;
    const ids = field.name === 'nodes' ? this.#valueOf(node, 'ids') : undefined;
    if (Array.isArray(ids)) return Math.min(Math.max(ids.length, 1), LARGEST_PAGE);
    const declared = field.args.find(({ name }) => name === 'first')?.defaultValue;
    const first = this.#numberOf(node, 'first') ?? (typeof declared === 'number' ? declared : 1);
    return Math.min(Math.max(first, 1), LARGEST_PAGE);
  }

  #numberOf(node: FieldNode, name: string): number | undefined {
    const value = this.#valueOf(node, name);
    return typeof value === 'number' ? value : undefined;
  }

  #valueOf(node: FieldNode, name: string): unknown {
    const argument = node.arguments?.find((candidate: ArgumentNode) => candidate.name.value === name);
    return argument && this.#read(argument.value);
  }

  #read(value: ValueNode): unknown {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind === Kind.LIST) return value.values;
    if (value.kind !== Kind.VARIABLE) return undefined;
    const given = this.variables[value.name.value];
    if (given !== undefined) return given;
    const declared = this.operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === value.name.value,
    )?.defaultValue;
    return declared && this.#read(declared);
  }
}

function weightOf({ astNode }: GraphQLField<unknown, unknown>): number | undefined {
  const directive = astNode?.directives?.find((candidate: DirectiveNode) => candidate.name.value === 'cost');
  const value = directive?.arguments?.find(({ name }) => name.value === 'weight')?.value;
  return value?.kind === Kind.INT ? Number(value.value) : undefined;
}
