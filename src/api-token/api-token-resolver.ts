import { randomUUID } from 'node:crypto';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { ADMIN_NAME } from '../api/authentication.js';
import { type Connection, ConnectionArgs, connectionOf } from '../api/connection.js';
import { DeleteInput } from '../api/delete-input-graphql.js';
import { type DeletePayload, DeletePayloadType } from '../api/delete-payload-graphql.js';
import { globalId, idOfType } from '../api/global-id.js';
import { RefusedError, refusable, refuse, type UserError, userError } from '../api/user-error.js';
import { StaleRevisionError } from '../store/stale-revision-error.js';
import { API_TOKEN_REVISION, type ApiToken } from './api-token.js';
import {
  ApiTokenConnection,
  type ApiTokenPayload,
  ApiTokenPayloadType,
  ApiTokenType,
  CreateApiTokenInput,
} from './api-token-graphql.js';
import { hintOf, newTokenSecret, tokenHash } from './api-token-secret.js';

const LONGEST_NAME = 50;

/** Tokens of the API: listing, making and revoking them. */
@Resolver(() => ApiTokenType)
export class ApiTokenResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => ApiTokenConnection, { description: "All tokens but the administrator's own, by name." })
  @Access('ADMIN')
  apiTokens(@Args(() => ConnectionArgs) args: ConnectionArgs): Promise<Connection<ApiToken>> {
    const { apiTokens } = this.parts;
    return connectionOf(args, { page: (request) => apiTokens.page(request), count: () => apiTokens.count() });
  }

  @Mutation(() => ApiTokenPayloadType, {
    description:
      "Makes a token. The token's secret is in the answer once, and stored only as a hash: a repeat with the same clientMutationId answers without it.",
  })
  @Access('ADMIN')
  createApiToken(
    @Arg('input', () => CreateApiTokenInput, { description: 'The token.' }) input: CreateApiTokenInput,
    @Ctx() { viewer }: ApiContext,
  ): Promise<ApiTokenPayload> {
    const refused = { apiToken: null, secret: null };
    return refusable<{ apiToken: ApiToken | null; secret: string | null }>(input, refused, async () => {
      const now = await this.parts.now();
      const name = input.name.trim();
      const faults = faultsOf(name, input.expiresAt ?? null, now);
      if (faults.length > 0) throw new RefusedError(faults);
      const secret = newTokenSecret();
      const apiToken: ApiToken = {
        _id: randomUUID(),
        name,
        role: input.role,
        hint: hintOf(secret),
        hash: tokenHash(secret),
        createdAt: now,
        createdBy: viewer.name,
        lastUsedAt: null,
        expiresAt: input.expiresAt ?? null,
      };
      if (name.toLowerCase() === ADMIN_NAME || !(await this.parts.apiTokens.insert(apiToken))) {
        refuse('DUPLICATE', `name: there is a token "${name}" already; choose another name, or revoke that one`, [
          'name',
        ]);
      }
      return { apiToken, secret };
    });
  }

  @Mutation(() => DeletePayloadType, {
    description: 'Revokes a token at once: requests with it are refused, and open sockets are closed with 4403.',
  })
  @Access('ADMIN')
  revokeApiToken(
    @Arg('input', () => DeleteInput, { description: 'The token.' }) input: DeleteInput,
  ): Promise<DeletePayload> {
    return refusable<{ deletedId: string | null }>(input, { deletedId: null }, async () => {
      const id = idOfType('ApiToken', input.id);
      const [token] = id === null ? [] : await this.parts.apiTokens.byIds([id]);
      if (token !== undefined) refuseStale(token, input.expectedRevision ?? null);
      if (token === undefined || !(await this.parts.apiTokens.remove(token._id))) {
        refuse('NOT_FOUND', `id: there is no token with the id ${input.id.slice(0, 100)}`, ['id']);
      }
      return { deletedId: input.id };
    });
  }

  @FieldResolver(() => Int, {
    description: 'What expectedRevision is compared with; a token is never edited, so it stays.',
  })
  revision(): number {
    return API_TOKEN_REVISION;
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() token: ApiToken): string {
    return globalId('ApiToken', token._id);
  }
}

function refuseStale({ _id }: ApiToken, expected: number | null): void {
  if (expected === null || expected === API_TOKEN_REVISION) return;
  const stale = new StaleRevisionError('token', _id, expected, API_TOKEN_REVISION);
  refuse('STALE_REVISION', `expectedRevision: ${stale.message}`, ['expectedRevision']);
}

function faultsOf(name: string, expiresAt: Date | null, now: Date): UserError[] {
  const faults: UserError[] = [];
  if (name.length === 0 || name.length > LONGEST_NAME) {
    faults.push(userError('INVALID', `name: expected 1 to ${LONGEST_NAME} characters, got ${name.length}`, ['name']));
  }
  if (expiresAt !== null && expiresAt <= now) {
    const came = `expected a time after now (${now.toISOString()}), got ${expiresAt.toISOString()}`;
    faults.push(userError('INVALID', `expiresAt: ${came}`, ['expiresAt']));
  }
  return faults;
}
