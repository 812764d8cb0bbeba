import { Arg, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Access } from '../api/access.js';
import { badUserInput } from '../api/api-errors.js';
import type { ResolverParts } from '../api/api-services.js';
import { Cost } from '../api/cost.js';
import { argumentId } from '../api/global-id.js';
import { readLive } from '../api/read-live.js';
import { keysCanBeRenamed } from '../connection-setup/connection-setup.js';
import type { RecordCount, RecordTryOut } from '../synch/mapping-preview.js';
import type { Side } from '../synch/synch-error.js';
import { changeProblems, newMappingProblems } from './check-mapping.js';
import type { IntegrationTableMapping, SynchDirection } from './integration-table-mapping.js';
import { SynchDirectionEnum } from './mapping-enums-graphql.js';
import {
  MappingPreviewType,
  PreviewMappingInput,
  RecordCountType,
  RecordTryOutType,
} from './mapping-preview-graphql.js';
import type { MappingProblem } from './mapping-problem.js';
import { readMappingChange, readNewMapping } from './read-mapping-change.js';
import { reversibleRules } from './transformation/transformation-rule.js';

/** A mapping that somebody tries out. */
interface MappingPreview {
  readonly mapping: IntegrationTableMapping;
  /** The saved mapping; null for a new one. */
  readonly mappingId: string | null;
  readonly problems: readonly MappingProblem[];
}

/** What a mapping is called that has no name yet. */
const UNNAMED = 'the new mapping';

/** Mappings tried out before they are saved. */
@Resolver(() => MappingPreviewType)
export class MappingPreviewResolver {
  constructor(private readonly parts: ResolverParts) {}

  @Query(() => MappingPreviewType, {
    description:
      'An unsaved mapping tried out: its problems, how many records its filters match, and what would become of a real record. Writes nothing.',
  })
  @Access('OPERATOR')
  async previewMapping(
    @Arg('input', () => PreviewMappingInput, { description: 'The mapping.' }) input: PreviewMappingInput,
  ): Promise<MappingPreview> {
    const connectionSetupId = argumentId('ConnectionSetup', 'input.connectionSetupId', input.connectionSetupId);
    const setup = await this.parts.connectionSetups.byId(connectionSetupId);
    if (setup === null)
      throw badUserInput('input.connectionSetupId: there is no connection with this id; it may have been deleted');
    const saved = input.mappingId ? await this.#saved(input.mappingId, connectionSetupId) : null;
    const mapping = saved === null ? await this.#asNew(input, connectionSetupId) : asChanged(saved, input);
    const others = await this.parts.mappings.list({ connectionSetupId });
    const surroundings = {
      mappings: saved === null ? [...others, mapping] : others,
      transformations: reversibleRules(await this.parts.transformationRules.all()),
      keysCanBeRenamed: keysCanBeRenamed(setup),
    };
    const isOfSavedTables =
      saved !== null && saved.table === mapping.table && saved.integrationTable === mapping.integrationTable;
    const problems = isOfSavedTables
      ? await changeProblems(mapping, {}, [], surroundings, this.parts.systems)
      : await newMappingProblems(mapping, surroundings, this.parts.systems);
    return { mapping, mappingId: saved?.id ?? null, problems };
  }

  @FieldResolver(() => RecordCountType, {
    nullable: true,
    description:
      'How many records of the table its filters match, read live; null with SYSTEM_UNAVAILABLE, or when the filter or the table has an error.',
  })
  @Cost(100)
  businessMatches(@Root() preview: MappingPreview): Promise<RecordCount | null> {
    return this.#count(preview, 'BUSINESS');
  }

  @FieldResolver(() => RecordCountType, {
    nullable: true,
    description:
      'How many records of the integration table its filters match, read live; null with SYSTEM_UNAVAILABLE, or when the filter or the table has an error.',
  })
  @Cost(100)
  salesMatches(@Root() preview: MappingPreview): Promise<RecordCount | null> {
    return this.#count(preview, 'SALES');
  }

  @FieldResolver(() => RecordTryOutType, {
    nullable: true,
    description:
      'What each enabled field of the direction would become on the other side; of the first record that the filter matches without recordId. Read live; null when there is no such record, and with SYSTEM_UNAVAILABLE.',
  })
  @Cost(100)
  async tryOut(
    @Root() { mapping, mappingId, problems }: MappingPreview,
    @Arg('direction', () => SynchDirectionEnum, { description: 'The way that the record would go; not BIDIRECTIONAL.' })
    direction: SynchDirection,
    @Arg('recordId', () => String, { nullable: true, description: 'Key of the record in its system.' })
    recordId?: string | null,
  ): Promise<RecordTryOut | null> {
    if (direction === 'BIDIRECTIONAL')
      throw badUserInput(
        'direction: expected TO_INTEGRATION_TABLE or FROM_INTEGRATION_TABLE, got BIDIRECTIONAL; try each way by itself',
      );
    // The choices of a column are no records of Dataverse.
    if (mapping.kind === 'OPTION' || problems.some(isUnknownTable)) return null;
    return readLive(this.parts.previews.tryOut(mapping, { direction, recordId: recordId ?? null, mappingId }));
  }

  async #count({ mapping, problems }: MappingPreview, side: Side): Promise<RecordCount | null> {
    const table = side === 'BUSINESS' ? 'table' : 'integrationTable';
    if (problems.some(({ path }) => path.length === 1 && path[0] === table)) return null;
    return readLive(this.parts.previews.count(mapping, side));
  }

  async #saved(globalId: string, connectionSetupId: string): Promise<IntegrationTableMapping> {
    const mapping = await this.parts.mappings.byId(argumentId('IntegrationTableMapping', 'input.mappingId', globalId));
    if (mapping?.connectionSetupId !== connectionSetupId)
      throw badUserInput(
        'input.mappingId: expected a mapping of the connection, got none or one of another connection',
      );
    return mapping;
  }

  async #asNew(input: PreviewMappingInput, connectionSetupId: string): Promise<IntegrationTableMapping> {
    const { table, integrationTable, fields } = input;
    if (!table || !integrationTable)
      throw badUserInput(
        `input.${table ? 'integrationTable' : 'table'}: expected the name of an entity set, got none; only a preview with mappingId may leave it out`,
      );
    return readNewMapping(
      {
        connectionSetupId: input.connectionSetupId,
        name: UNNAMED,
        kind: input.kind ?? null,
        table,
        integrationTable,
        direction: input.direction ?? null,
        synchOnlyCoupledRecords: input.synchOnlyCoupledRecords ?? null,
        tableFilter: input.tableFilter ?? null,
        integrationTableFilter: input.integrationTableFilter ?? null,
        fields: fields ?? [],
        templates: input.templates ?? null,
        dependsOn: input.dependsOn ?? null,
      },
      { id: UNNAMED, connectionSetupId, at: await this.parts.now() },
    );
  }
}

const isUnknownTable = ({ path }: MappingProblem): boolean =>
  path.length === 1 && (path[0] === 'table' || path[0] === 'integrationTable');

/** The saved mapping with what is to be tried; null is taken for absent, since nothing is saved by it. */
function asChanged(saved: IntegrationTableMapping, input: PreviewMappingInput): IntegrationTableMapping {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const { change } = readMappingChange({ ...given, id: saved.id }, saved);
  return {
    ...saved,
    ...change,
    kind: input.kind ?? saved.kind,
    table: input.table ?? saved.table,
    integrationTable: input.integrationTable ?? saved.integrationTable,
  };
}
