import { type SystemMetadata, SystemUnreadableError } from '../connection-setup/system-metadata.js';
import type { Side } from '../synch/synch-error.js';
import { type IntegrationTableMapping, tableOn } from './integration-table-mapping.js';
import type { MappingProblem } from './mapping-problem.js';
import type { MappingChange } from './mapping-store.js';
import { metadataProblems, type ReadTable } from './metadata-problems.js';
import { asProblem, type MappingFault, type MappingSurroundings, mappingFaults } from './update-mapping.js';

/** The part of the systems' metadata that mappings are checked with. */
export type MappingTables = Pick<SystemMetadata, 'table'>;

/** What both systems' metadata says about a mapping as it is stored. */
export async function storedProblems(
  mapping: IntegrationTableMapping,
  systems: MappingTables,
): Promise<MappingProblem[]> {
  const [business, sales] = await Promise.all([
    readTable(mapping, 'BUSINESS', systems),
    readTable(mapping, 'SALES', systems),
  ]);
  return metadataProblems(mapping, business, sales);
}

/**
 * Everything that is wrong with a changed mapping, by the rules that need no system and by both systems' metadata. A system
 * that does not answer does not keep anybody from saving: what is known without it decides.
 */
export async function changeProblems(
  mapping: IntegrationTableMapping,
  change: MappingChange,
  faults: readonly MappingFault[],
  surroundings: MappingSurroundings,
  systems: MappingTables,
): Promise<MappingProblem[]> {
  const ours = [...faults, ...mappingFaults(mapping, change, surroundings)].map(asProblem);
  const theirs = await storedProblems({ ...mapping, ...change }, systems);
  const told = new Set(ours.map(({ path }) => path.join('.')));
  return [...ours, ...theirs.filter(({ path }) => !told.has(path.join('.')))];
}

/** Everything that is wrong with a mapping that does not exist yet; it has to name entity sets that are offered. */
export async function newMappingProblems(
  mapping: IntegrationTableMapping,
  surroundings: MappingSurroundings,
  systems: MappingTables,
): Promise<MappingProblem[]> {
  const [business, sales] = await Promise.all([
    readTable(mapping, 'BUSINESS', systems),
    readTable(mapping, 'SALES', systems),
  ]);
  const unknown = [
    ...(business === null ? [unknownTable(mapping, 'BUSINESS')] : []),
    ...(sales === null ? [unknownTable(mapping, 'SALES')] : []),
  ];
  return [...unknown, ...(await changeProblems(mapping, {}, [], surroundings, systems))];
}

function unknownTable(mapping: IntegrationTableMapping, side: Side): MappingProblem {
  const message = `expected an entity set that the ${side === 'BUSINESS' ? 'business system' : 'Dataverse organisation'} offers, got "${tableOn(mapping, side)}"; the query tables lists them`;
  const path = [side === 'BUSINESS' ? 'table' : 'integrationTable'];
  return { severity: 'ERROR', code: 'OTHER', message, path, position: null };
}

async function readTable(mapping: IntegrationTableMapping, side: Side, systems: MappingTables): Promise<ReadTable> {
  try {
    return await systems.table(mapping.connectionSetupId, side, tableOn(mapping, side));
  } catch (error) {
    if (error instanceof SystemUnreadableError) return 'UNREAD';
    throw error;
  }
}
