import { randomUUID } from 'node:crypto';
import { DuplicateMappingNameError, type MappingStore } from '../../mapping/mapping-store.js';
import type { DefaultMapping } from './field-definitions.js';

/** Gives a connection a default mapping; one of that name that somebody else made at the same moment stays. */
export async function insertDefaultMapping(
  mappings: Pick<MappingStore, 'insert'>,
  definition: DefaultMapping,
  { connectionSetupId, at }: { readonly connectionSetupId: string; readonly at: Date },
): Promise<void> {
  try {
    await mappings.insert({
      ...definition,
      id: randomUUID(),
      connectionSetupId,
      revision: 1,
      createdAt: at,
      updatedAt: at,
    });
  } catch (error) {
    if (!(error instanceof DuplicateMappingNameError)) throw error;
  }
}
