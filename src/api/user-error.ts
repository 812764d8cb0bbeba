import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import { graphqlEnum } from './graphql-enum.js';

/** Codes of what a caller can mend. */
export type UserErrorCode =
  | 'NOT_FOUND'
  | 'INVALID'
  | 'STALE_REVISION'
  | 'ILLEGAL_TRANSITION'
  | 'DUPLICATE'
  | 'IN_USE'
  | 'CONNECTION_FAILED'
  | 'SECRET_REQUIRED'
  | 'LIMIT_EXCEEDED'
  | 'KEY_REUSED';

/** Something that the caller can mend. */
export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  /** Path below `input`, list positions as numbers; null when it is no single value. */
  readonly field: readonly string[] | null;
  /** Global id of the object refused, where several were named. */
  readonly targetId: string | null;
}

export const userError = (code: UserErrorCode, message: string, field: readonly string[] | null = null): UserError => ({
  code,
  message,
  field,
  targetId: null,
});

export const UserErrorCodeEnum = graphqlEnum<UserErrorCode>('UserErrorCode', 'Why a mutation was refused.', {
  NOT_FOUND: 'There is no object with this id.',
  INVALID: 'A value is not allowed; the message tells what was expected.',
  STALE_REVISION: 'Someone else changed the object since it was read: read it again, then repeat.',
  ILLEGAL_TRANSITION: 'The object cannot go from its present status to this one.',
  DUPLICATE: 'Another object has this name, or the record is coupled already.',
  IN_USE: 'Something else still needs the object.',
  CONNECTION_FAILED: 'A system that had to be asked did not answer or refused.',
  SECRET_REQUIRED: 'The stored secret goes to no other address or user: give the secret again.',
  LIMIT_EXCEEDED: 'It touches more objects than one call may.',
  KEY_REUSED: 'The same clientMutationId came with another input.',
});

@ObjectType('UserError', { description: 'Something that the caller can mend.', simpleResolvers: true })
export class UserErrorType {
  @Field(() => UserErrorCodeEnum, { description: 'What kind of refusal it is; stable.' })
  readonly code!: UserErrorCode;

  @Field(() => String, { description: 'Names the thing, what was expected and what came.' })
  readonly message!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Path of the value below input, list positions as numbers; null when no single value is meant.',
  })
  readonly field!: readonly string[] | null;

  @Field(() => ID, { nullable: true, description: 'The object refused, where several were named.' })
  readonly targetId!: string | null;
}

@InterfaceType('MutationPayload', {
  description: 'What every mutation answers.',
  resolveType: () => undefined,
})
export abstract class MutationPayloadType {
  @Field(() => [UserErrorType], { simple: true, description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: readonly UserError[];

  @Field(() => String, { simple: true, nullable: true, description: 'The clientMutationId of the input, unchanged.' })
  readonly clientMutationId!: string | null;
}

/** The part that every payload has. */
export interface MutationPayload {
  readonly userErrors: readonly UserError[];
  readonly clientMutationId: string | null;
}

/** A mutation was refused: caught by {@link refusable}, which answers it as userErrors. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(readonly userErrors: readonly UserError[]) {
    super(userErrors.map(({ message }) => message).join('; '));
  }
}

/** Refuses a mutation with one error, from anywhere inside {@link refusable}. */
export function refuse(code: UserErrorCode, message: string, field: readonly string[] | null = null): never {
  throw new RefusedError([userError(code, message, field)]);
}

/**
 * Runs a mutation and makes its payload: what `change` answers when it was done, `refused` with the userErrors when a
 * {@link RefusedError} came. Any other error passes.
 */
export async function refusable<T extends object>(
  { clientMutationId = null }: { readonly clientMutationId?: string | null },
  refused: T,
  change: () => Promise<T>,
): Promise<T & MutationPayload> {
  try {
    return { ...(await change()), userErrors: [], clientMutationId };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { ...refused, userErrors: error.userErrors, clientMutationId };
  }
}
