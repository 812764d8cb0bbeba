import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  OperationTypeNode,
} from 'graphql';
import type { Seeded } from './seeded.js';

type OperationKind = `${OperationTypeNode}`;

/** An operation that somebody might send. */
export interface RandomOperation {
  readonly kind: OperationKind;
  /** The root field that it asks for. */
  readonly root: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** True where something was broken on purpose, so that the schema or a limit refuses it. */
  readonly broken: boolean;
}

interface Root {
  readonly kind: OperationKind;
  readonly field: GraphQLField<unknown, unknown>;
}

interface Draft {
  readonly declared: string[];
  readonly variables: Record<string, unknown>;
  /** Fields that may still be selected: operations stay within the limits of a document. */
  fieldsLeft: number;
}

const DEEPEST = 6;
const MOST_FIELDS = 60;
const BROKEN_PERCENT = 25;

/**
 * Builds operations from a schema alone. What answers hold is kept by the names of their fields and used again, so that
 * ids, names, codes and cursors are mostly ones that exist.
 */
export class RandomOperations {
  private readonly roots: readonly Root[];
  private readonly known = new Map<string, unknown[]>();
  private built = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly random: Seeded,
  ) {
    this.roots = Object.values(OperationTypeNode).flatMap((kind) =>
      Object.values(schema.getRootType(kind)?.getFields() ?? {}).map((field) => ({ kind, field })),
    );
  }

  get rootNames(): readonly string[] {
    return this.roots.map(({ field }) => field.name);
  }

  /** The next operation: each root field in its turn. */
  next(): RandomOperation {
    this.built += 1;
    return this.of(this.roots[this.built % this.roots.length]);
  }

  /** An operation that asks for this root field. */
  ofRoot(name: string): RandomOperation {
    return this.of(this.roots.find(({ field }) => field.name === name));
  }

  private of(root: Root | undefined): RandomOperation {
    if (root === undefined) throw new Error('the schema has no such root field');
    const { kind, field } = root;
    const draft: Draft = { declared: [], variables: {}, fieldsLeft: MOST_FIELDS };
    const text = this.fieldText(field, draft, DEEPEST, field.name);
    const declared = draft.declared.length > 0 ? `(${draft.declared.join(', ')})` : '';
    const query = `${kind} Random${declared} { ${text} }`;
    const broken = kind !== 'subscription' && this.random.happens(BROKEN_PERCENT);
    const operation = { kind, root: field.name, query, variables: draft.variables, broken };
    return broken ? { ...operation, ...this.breaking(operation) } : operation;
  }

  /** Keeps what an answer holds, for later operations. */
  learn(answer: unknown): void {
    if (Array.isArray(answer)) for (const item of answer) this.learn(item);
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return;
    const { __typename: type } = answer as { readonly __typename?: string };
    for (const [alias, value] of Object.entries(answer)) {
      const name = alias.replace(/^a\d+_/, '');
      if (name === 'id') this.keep(`${type} id`, value);
      else if (typeof value === 'string') this.keep(name, value);
      else this.learn(value);
    }
  }

  private keep(name: string, value: unknown): void {
    const values = this.known.get(name) ?? [];
    this.known.set(name, values);
    if (values.includes(value)) return;
    if (values.length < 40) values.push(value);
    else values[Math.floor(this.random.fraction() * values.length)] = value;
  }

  private fieldText(field: GraphQLField<unknown, unknown>, draft: Draft, levels: number, root: string | null): string {
    draft.fieldsLeft -= 1;
    const alias = this.random.happens(4) ? `a${draft.fieldsLeft}_${field.name}: ` : '';
    const directive = this.random.happens(3) ? ' @include(if: true)' : '';
    const given = this.argumentsFor(field.args, root);
    const args = Object.entries(given).map(([name, value]) => {
      const type = field.args.find((argument) => argument.name === name)?.type;
      return `${name}: ${type === undefined ? 'null' : this.valueText(value, type, draft)}`;
    });
    const named = getNamedType(field.type);
    const selection = isCompositeType(named) ? ` ${this.selection(named, draft, levels - 1)}` : '';
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${directive}${selection}`;
  }

  private selection(type: GraphQLNamedType, draft: Draft, levels: number): string {
    const parts = ['__typename'];
    if (isInterfaceType(type) && levels > 0) {
      const concrete = this.random.one(this.schema.getPossibleTypes(type));
      if (concrete) parts.push(`... on ${concrete.name} ${this.selection(concrete, draft, levels)}`);
    } else if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (draft.fieldsLeft <= 0) break;
        const isLeaf = isLeafType(getNamedType(field.type));
        const isWay = ['edges', 'node', 'userErrors', 'id', 'cursor'].includes(field.name);
        if (!isLeaf && levels <= 0) continue;
        if (!isWay && !this.random.happens(isLeaf ? 35 : 25)) continue;
        if (field.args.some(isRequiredArgument) && this.random.happens(50)) continue;
        parts.push(this.fieldText(field, draft, levels, null));
      }
    }
    return `{ ${parts.join(' ')} }`;
  }

  private argumentsFor(args: readonly GraphQLArgument[], root: string | null): Record<string, unknown> {
    const chosen: Record<string, unknown> = {};
    for (const argument of args) {
      if (!isRequiredArgument(argument) && !this.random.happens(30)) continue;
      // Asking for a page from both ends is refused: seldom worth a try.
      if (argument.name === 'last' && 'first' in chosen && !this.random.happens(5)) continue;
      if (argument.name === 'before' && 'after' in chosen && !this.random.happens(30)) continue;
      chosen[argument.name] = this.value(argument.type, argument.name, root);
    }
    return chosen;
  }

  /** A value that the type accepts; now and then one that only its form fits. */
  private value(type: GraphQLInputType, name: string, root: string | null): unknown {
    if (isNonNullType(type)) return this.value(type.ofType, name, root) ?? this.value(type.ofType, name, root);
    if (this.random.happens(4)) return null;
    if (isListType(type)) {
      const length = this.random.one([0, 1, 1, 1, 2, 3]) ?? 1;
      return Array.from({ length }, () => this.value(type.ofType, singular(name), root));
    }
    if (isEnumType(type)) return this.random.one(type.getValues())?.name;
    if (isInputObjectType(type)) return this.inputObject(Object.values(type.getFields()), root);
    return this.scalar(type.name, name, root);
  }

  private inputObject(fields: readonly GraphQLInputField[], root: string | null): object {
    const wanted = fields.filter((field) => isRequiredInputField(field) || this.random.happens(30));
    return Object.fromEntries(wanted.map((field) => [field.name, this.value(field.type, field.name, root)]));
  }

  private scalar(type: string, name: string, root: string | null): unknown {
    const { random } = this;
    switch (type) {
      case 'ID':
        return this.id(name, root);
      case 'Boolean':
        return random.happens(50);
      case 'Int':
        return random.one(
          ['first', 'last', 'count'].includes(name) ? [1, 2, 3, 5, 20, 0] : [0, 1, 1, 2, 30, -1, 2 ** 31 - 1],
        );
      case 'Float':
        return random.one([0, 0.5, 1, -2.25, 1e300]);
      case 'DateTime':
        return random.happens(50)
          ? new Date(Date.now() + (random.fraction() - 0.5) * 1e9).toISOString()
          : random.one(['2026-01-05T10:30:05.000Z', '1601-01-01T00:00:00Z', '9999-12-31T23:59:59.999+14:00']);
      case 'LocalTime':
        return random.one(['00:00', '08:30:00', '23:59:59']);
      case 'TimeZone':
        return random.one(['UTC', 'Europe/Copenhagen', 'America/New_York', 'Asia/Kathmandu']);
      case 'JSON':
        return random.one(['text', 7, true, null, { mappings: [] }, [[1], { a: 'b' }]]);
      default:
        return this.text(name, root);
    }
  }

  private text(name: string, root: string | null): string {
    const source = sourceOfText[`${root} ${name}`] ?? sourceOfText[name] ?? name;
    const known = this.random.one(this.known.get(source) ?? []);
    if (typeof known === 'string' && this.random.happens(80)) return known;
    return (
      this.random.one([
        'CUSTOMER',
        `R${Math.floor(this.random.fraction() * 1e6)}`,
        'ad co',
        "<>''&@*x*",
        '*/5 8-17 * * 1-5',
        '',
        ' ',
        'Ærø 😀 \u0000 "\\',
        '$where',
        '__proto__',
        'x'.repeat(300),
        'http://127.0.0.1:9/nothing',
      ]) ?? ''
    );
  }

  private id(name: string, root: string | null): string {
    const ids = (types: readonly string[]): unknown[] => types.flatMap((type) => this.known.get(`${type} id`) ?? []);
    const all = [...this.known.keys()].filter((key) => key.endsWith(' id')).map((key) => key.slice(0, -3));
    const types = typesOfId(name === 'id' ? root : name);
    const chosen = this.random.one(ids(types.length > 0 && this.random.happens(90) ? types : all));
    if (typeof chosen === 'string' && this.random.happens(94)) return chosen;
    return this.random.one(['bm9uc2Vuc2U', '', 'Q291cGxpbmc6eA', 'A'.repeat(500), '\u0000']) ?? '';
  }

  // Half of the values come as variables, as a program would send them, half in the document.
  private valueText(value: unknown, type: GraphQLInputType, draft: Draft): string {
    if (value !== undefined && this.random.happens(50)) {
      const name = `v${draft.declared.length}`;
      draft.declared.push(`$${name}: ${String(type)}`);
      draft.variables[name] = value;
      return `$${name}`;
    }
    return literal(value, type);
  }

  private breaking({ query, variables }: RandomOperation): Partial<RandomOperation> {
    const breaks: readonly (() => Partial<RandomOperation>)[] = [
      () => ({ query: query.slice(0, Math.floor(this.random.fraction() * query.length)) }),
      () => ({ query: query.replace('__typename', 'noSuchField') }),
      () => ({ query: query.replace('{', '{ ...Missing ') }),
      () => ({ query: `${query} fragment A on Query { ...B } fragment B on Query { ...A }` }),
      () => ({ query: query.replace('__typename', '__typename '.repeat(2_100)) }),
      () => ({ query: query.replace(/\(.*?\)/, '(first: "one", noSuchArgument: 1)') }),
      () => ({ query: query.replace('__typename', '__typename @noSuchDirective') }),
      () => ({ query: query.replace(/\{/g, '{ {') }),
      () => ({ variables: Object.fromEntries(Object.keys(variables).map((name) => [name, { wrong: [null] }])) }),
      () => ({ variables: Object.fromEntries(Object.keys(variables).map((name) => [name, Number.MAX_SAFE_INTEGER])) }),
      () => ({ variables: {} }),
      () => ({ query: query.replace('Random', 'Random($unused: NoSuchType)') }),
      () => ({
        query: `{ ${'node(id: "x") { ... on Coupling { mapping '.repeat(1)}{ ${'jobQueueEntry { mapping { '.repeat(9)} id ${'} }'.repeat(9)} } } } }`,
      }),
    ];
    return (this.random.one(breaks) ?? (() => ({})))();
  }
}

const singular = (name: string): string => name.replace(/s$/, '');

/** Arguments that take what another field of an answer holds. */
const sourceOfText: Readonly<Record<string, string>> = {
  after: 'cursor',
  before: 'cursor',
  mapping: 'mappingName',
  mappings: 'mappingName',
  dependsOn: 'mappingName',
  lookup: 'mappingName',
  actor: 'actor',
  errorField: 'field',
  errorCode: 'code',
  search: 'title',
  recordId: 'businessId',
  'integrationTableMapping name': 'mappingName',
};

const idTypes: readonly (readonly [RegExp, string])[] = [
  [/connectionSetup|testConnection|SynchronizationSetup/i, 'ConnectionSetup'],
  [/mapping/i, 'IntegrationTableMapping'],
  [/coupling|conflict/i, 'Coupling'],
  [/entry|entries/i, 'JobQueueEntry'],
  [/cancel|runId/i, 'JobQueueLogEntry'],
  [/synchJob/i, 'SynchJob'],
  [/change/i, 'RecordChange'],
  [/transformationRule/i, 'TransformationRule'],
  [/apiToken/i, 'ApiToken'],
];

const typesOfId = (name: string | null): string[] =>
  idTypes.flatMap(([pattern, type]) => (name !== null && pattern.test(name) ? [type] : []));

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (value === null || value === undefined) return 'null';
  if (isListType(type) && Array.isArray(value))
    return `[${value.map((item) => literal(item, type.ofType)).join(', ')}]`;
  if (isEnumType(type) && typeof value === 'string') return value;
  if (isInputObjectType(type)) {
    const fields = Object.entries(value).map(
      ([name, item]) => `${name}: ${literal(item, type.getFields()[name]?.type ?? type)}`,
    );
    return `{ ${fields.join(', ')} }`;
  }
  return jsonLiteral(value);
}

// A name is no text: what JSON quotes as a name, GraphQL writes bare.
function jsonLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonLiteral).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, item]) => `${name}: ${jsonLiteral(item)}`)
    .join(', ')} }`;
}
