import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';
import type { ApiContext } from './api-context.js';
import { badUserInput } from './api-errors.js';
import { RefusedError, userError } from './user-error.js';

/** Each value of a list is looked for on its own. */
const MOST_VALUES = 1_000;
/** Each word of a search is one more condition; the title of a record has at most so many words that are searched. */
const MOST_WORDS = 20;
const MOST_SEARCH_CHARACTERS = 500;

/** A value that takes more work than one operation may ask for, and where it stands. */
interface ArgumentFault {
  readonly path: readonly string[];
  readonly message: string;
}

interface Typed {
  readonly name: string;
  readonly type: GraphQLInputType;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Refuses lists and searches that are too long, before anything is asked for them: of a mutation those of its filters, its
 * own lists being limited by the rules of what it does.
 */
export function enforceArgumentLimits(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const limit = type === schema.getMutationType() ? limitFilters : limitArguments;
    for (const field of Object.values(type.getFields())) limit(field as GraphQLField<unknown, ApiContext>);
  }
}

function limitArguments(field: GraphQLField<unknown, ApiContext>): void {
  const { args, resolve, subscribe } = field;
  if (!args.some(takesMany)) return;
  const demand = (values: Values): void => {
    const faults = args.flatMap((arg) => faultsOf(arg, values[arg.name], []));
    if (faults.length > 0)
      throw badUserInput(faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  };
  // A subscription's resolver gets the same arguments again with each event.
  if (subscribe) {
    field.subscribe = (source, values, context, info) => {
      demand(values);
      return subscribe(source, values, context, info);
    };
  } else if (resolve) {
    field.resolve = (source, values, context, info) => {
      demand(values);
      return resolve(source, values, context, info);
    };
  }
}

const takesMany = ({ name, type }: Typed): boolean =>
  name === 'search' || isListType(getNullableType(type)) || isInputObjectType(getNamedType(type));

function limitFilters(field: GraphQLField<unknown, ApiContext>): void {
  const { args, resolve } = field;
  const inputType = getNamedType(args.find(({ name }) => name === 'input')?.type);
  if (!isInputObjectType(inputType) || !resolve) return;
  const filters = Object.values(inputType.getFields()).filter(({ type }) => getNamedType(type).name.endsWith('Filter'));
  if (filters.length === 0) return;
  field.resolve = (source, values: { readonly input: Values }, context, info) => {
    const faults = filters.flatMap((filter) => faultsOf(filter, values.input[filter.name], []));
    if (faults.length === 0) return resolve(source, values, context, info);
    throw new RefusedError(
      faults.map(({ path, message }) => userError('INVALID', `${path.join('.')}: ${message}`, path)),
    );
  };
}

function faultsOf({ name, type }: Typed, value: unknown, above: readonly string[]): ArgumentFault[] {
  const path = [...above, name];
  if (typeof value === 'string' && name === 'search') return searchFaults(value, path);
  if (Array.isArray(value)) return listFaults(type, value, path);
  const named = getNamedType(type);
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return [];
  return Object.values(named.getFields()).flatMap((field) => faultsOf(field, (value as Values)[field.name], path));
}

function listFaults(type: GraphQLInputType, values: readonly unknown[], path: readonly string[]): ArgumentFault[] {
  if (values.length > MOST_VALUES) {
    const most = MOST_VALUES.toLocaleString('en');
    return [{ path, message: `expected at most ${most} values, got ${values.length}; ask in several operations` }];
  }
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return [];
  return values.flatMap((value, index) => faultsOf({ name: String(index), type: named }, value, path));
}

function searchFaults(search: string, path: readonly string[]): ArgumentFault[] {
  const tooLong = (unit: string, most: number, length: number): ArgumentFault[] =>
    length <= most
      ? []
      : [
          {
            path,
            message: `expected at most ${most} ${unit}, got ${length}; leave out words, since each has to be found`,
          },
        ];
  const words = tooLong('words', MOST_WORDS, countWords(search));
  return words.length > 0 ? words : tooLong('characters', MOST_SEARCH_CHARACTERS, search.length);
}

// A part between blanks is looked for as an id as well, whatever signs it holds.
const countWords = (search: string): number =>
  Math.max(...[/\s+/, /[^\p{L}\p{N}]+/u].map((sign) => search.split(sign).filter((word) => word !== '').length));
