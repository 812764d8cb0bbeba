import { code, type EntitySetDefinition, id, lastModified, type PropertyDefinition, text } from '../entity-set.js';

/** A set of codes with a name each. */
export const named = (
  entitySet: string,
  entityType: string,
  caption: string,
  nameLength: number,
  more: readonly PropertyDefinition[] = [],
): EntitySetDefinition => ({
  entitySet,
  entityType,
  table: entitySet,
  caption,
  key: 'code',
  properties: [id, code('code', 10, 'Code'), text('displayName', nameLength, 'Description'), ...more, lastModified],
  navigation: [],
});

/** A set of posting groups, which nobody changes through the API. */
export const postingGroups = (entitySet: string, entityType: string, caption: string): EntitySetDefinition => ({
  entitySet,
  entityType,
  table: entitySet,
  caption,
  key: 'code',
  readOnly: true,
  properties: [id, code('code', 20, 'Code'), text('description', 100, 'Description'), lastModified],
  navigation: [],
});
