import { type GraphQLObjectType, getNamedType, getNullableType, isListType, isObjectType } from 'graphql';
import type { NodeSources } from './node.js';
import type { BatchSource } from './operation-loads.js';
import type { Viewer } from './role.js';
import type { UserError } from './user-error.js';

/** What a mutation answers, before its fields are resolved. */
export type PayloadValue = Readonly<Record<string, unknown>>;

/** One call of a mutation. */
export interface MutationCall {
  /** Name of the mutation's field. */
  readonly mutation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly viewer: Viewer;
  readonly payloadType: GraphQLObjectType;
  /** False: `run` refuses it, and all that is to be done is to note that it was tried. */
  readonly isAllowed: boolean;
  /** Does it. A RefusedError that it throws is answered as userErrors. */
  readonly run: () => Promise<PayloadValue>;
}

/** Stands around every mutation: see `recordMutations`. */
export interface MutationRecorder {
  /** Runs a mutation, notes it in the audit log, and answers a repeat of the same key with the first outcome. */
  perform(call: MutationCall): Promise<PayloadValue>;
}

/** A field of a payload that gives objects with a global id. */
export interface NodeField {
  readonly name: string;
  readonly type: string;
  readonly isList: boolean;
  readonly source: BatchSource<object>;
}

/** The fields of a payload that give objects which can be read again by their id. */
export function nodeFieldsOf(payloadType: GraphQLObjectType, sources: NodeSources): readonly NodeField[] {
  return Object.values(payloadType.getFields()).flatMap(({ name, type }) => {
    const named = getNamedType(type);
    const source = sources.get(named.name);
    if (source === undefined || !isObjectType(named)) return [];
    return [{ name, type: named.name, isList: isListType(getNullableType(type)), source }];
  });
}

/** The refusals in a payload. */
export const userErrorsOf = (payload: PayloadValue): readonly UserError[] =>
  (payload.userErrors as readonly UserError[] | undefined) ?? [];
