import type { EntitySetDefinition, PropertyDefinition } from '../business-central/entity-set.js';

/** A page of NAV 2018 that is published as a web service. */
export interface Page {
  /** The page's own number, as the administrator publishes it. */
  readonly pageNumber: number;
  readonly tableNumber: number;
  /** Properties of the primary key of its table. */
  readonly keys: readonly string[];
  /** Name of the property that tells the moment of a change, where the page was extended by it. */
  readonly dateTimeField?: string;
  readonly set: EntitySetDefinition;
}

interface PageParts {
  readonly service: string;
  readonly pageNumber: number;
  readonly tableNumber: number;
  readonly table: string;
  readonly caption: string;
  readonly properties: readonly PropertyDefinition[];
  readonly keys?: readonly string[];
  readonly dateTimeField?: string;
  readonly more?: Partial<EntitySetDefinition>;
}

/** A page as a set of rows like those of the API; records are named by `Code` where nothing else is said. */
export function page({ service, table, caption, properties, keys = ['Code'], more = {}, ...rest }: PageParts): Page {
  return {
    ...rest,
    keys,
    set: { entitySet: service, entityType: service, table, caption, key: 'code', properties, navigation: [], ...more },
  };
}
