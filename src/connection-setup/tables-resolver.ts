import { Arg, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import { ApiError, badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { Cost } from '../api/cost.js';
import { argumentId } from '../api/global-id.js';
import type { TableName } from '../connectors/connector.js';
import type { FieldMetadata } from '../mapping/field-value.js';
import type { Side } from '../synch/synch-error.js';
import { SideEnum } from '../synch/synch-error-graphql.js';
import { SystemUnreadableError } from './system-metadata.js';
import { FieldMetadataType, TableMetadataType } from './tables-graphql.js';

/** An entity set of a system; its fields are read when somebody asks for them. */
interface OfferedTable extends TableName {
  readonly connectionSetupId: string;
  readonly side: Side;
}

/** So many tables nobody looks through; who wants another one knows a part of its name. */
const MOST_TABLES = 200;

/** What the systems of a connection offer for mappings. */
@Resolver(() => TableMetadataType)
export class TablesResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => [TableMetadataType], {
    nullable: true,
    description:
      'Entity sets and fields that a system offers for mappings, as last read (kept for an hour); by name, at most 200: narrow by `names` or `search`, whose words each occur in name or label. Null with SYSTEM_UNAVAILABLE when none was ever read.',
  })
  @Access('VIEWER')
  @Cost(20)
  async tables(
    @Arg('connectionSetupId', () => ID, { description: 'The connection.' }) connectionSetupId: string,
    @Arg('side', () => SideEnum, { description: 'The system.' }) side: Side,
    @Arg('names', () => [String], { nullable: true, description: 'Only these; unknown names are left out.' })
    names?: string[] | null,
    @Arg('search', () => String, { nullable: true, description: 'Words, each of which occurs in name or label.' })
    search?: string | null,
  ): Promise<OfferedTable[]> {
    const id = argumentId('ConnectionSetup', 'connectionSetupId', connectionSetupId);
    if ((await this.parts.connectionSetups.byId(id)) === null)
      throw badUserInput('connectionSetupId: there is no connection with this id; it may have been deleted');
    const offered = await available(this.parts.systems.tables(id, side));
    return offered
      .filter(({ name }) => !names || names.includes(name))
      .filter(matching(search ?? ''))
      .slice(0, MOST_TABLES)
      .map((table) => ({ ...table, connectionSetupId: id, side }));
  }

  @FieldResolver(() => [FieldMetadataType], { description: 'Its fields, by name.' })
  async fields(@Root() { connectionSetupId, side, name }: OfferedTable): Promise<FieldMetadata[]> {
    const table = await available(this.parts.systems.table(connectionSetupId, side, name));
    return [...(table?.fields.values() ?? [])].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function matching(search: string): (table: TableName) => boolean {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return ({ name, label }) => {
    const text = `${name} ${label}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

async function available<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof SystemUnreadableError)
      throw new ApiError('SYSTEM_UNAVAILABLE', error.message, { cause: error });
    throw error;
  }
}
