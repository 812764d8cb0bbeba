import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import { Access, roleToSee } from '../api/access.js';
import type { ApiContext } from '../api/api-context.js';
import type { ResolverParts } from '../api/api-services.js';
import { type Connection, connectionOf } from '../api/connection.js';
import { globalId, parseGlobalId } from '../api/global-id.js';
import { loadNode, NodeType, type ResolvedNode } from '../api/node.js';
import { includesRole } from '../api/role.js';
import { JsonScalar } from '../api/scalars.js';
import { withoutSecrets } from '../observability/without-secrets.js';
import type { AuditEntry } from './audit-entry.js';
import { AuditEntryConnection, AuditEntryType, AuditListArgs } from './audit-graphql.js';

/** The log of what people changed. */
@Resolver(() => AuditEntryType)
export class AuditResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => AuditEntryConnection, { description: 'What people changed, or tried to; newest first.' })
  @Access('VIEWER')
  auditEntries(@Args(() => AuditListArgs) args: AuditListArgs): Promise<Connection<AuditEntry>> {
    const { audit } = this.parts;
    const { actor, mutation, targetId, since, until } = args.filter ?? {};
    const filter = {
      actor: actor ?? undefined,
      mutation: mutation ?? undefined,
      targetId: targetId ?? undefined,
      since: since ?? undefined,
      until: until ?? undefined,
    };
    return connectionOf(args, { page: (request) => audit.page(filter, request), count: () => audit.count(filter) });
  }

  @FieldResolver(() => ID, { description: 'Opaque and unique among all objects of all types.' })
  id(@Root() entry: AuditEntry): string {
    return globalId('AuditEntry', entry._id);
  }

  @FieldResolver(() => NodeType, {
    nullable: true,
    description: 'What it was about, as it is now; null when it is gone, or of a type that the role may not see.',
  })
  async target(
    @Root() { targetId }: AuditEntry,
    @Ctx() context: ApiContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ResolvedNode | null> {
    const found = targetId === null ? null : parseGlobalId(targetId);
    if (found === null || !includesRole(context.viewer.role, roleToSee(info.schema, found.type))) return null;
    return loadNode(this.parts.nodes, found, context, info);
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: 'The input without secrets, as an object; null when it was too long to be kept.',
  })
  input(@Root() { input }: AuditEntry): unknown {
    // Also what an earlier release kept, which hid less.
    return input === null ? null : withoutSecrets(JSON.parse(input) as unknown);
  }
}
