import type { FieldMetadata, FieldType, TableMetadata } from '../../mapping/field-value.js';
import {
  annotatedReadOnly,
  list,
  object,
  plainTypes,
  qualified,
  saysReadOnly,
  schemasIn,
  text,
  wholeNumber,
} from '../odata/edmx.js';
import type { JsonObject } from '../odata/json.js';
import {
  DAY_FIELD,
  type DescribedService,
  integrationRecordFields,
  type KnownTable,
  momentFields,
  recognise,
  servicesOfTables,
} from './known-tables.js';

/** How a service tells when a row was changed. */
export interface ChangeField {
  readonly name: string;
  readonly precision: 'MOMENT' | 'DAY';
}

/** One page web service as requests need it. */
export interface NavService {
  readonly metadata: TableMetadata;
  /** The key's fields, in the order of the primary key. */
  readonly key: readonly FieldMetadata[];
  readonly changeField: ChangeField | null;
  readonly table: KnownTable | null;
}

/** All services of a server. */
export interface NavServices {
  readonly byName: ReadonlyMap<string, NavService>;
  /** The service that shows a known table, by what the table stands for. */
  readonly standingFor: ReadonlyMap<string, string>;
  /** Name of the service that shows the table Integration Record; null where none is published. */
  readonly integrationRecords: string | null;
}

/** Belongs to every server, and to no company. */
export const COMPANIES = 'Company';

/** Reads the services that a `$metadata` document describes. Throws RequestError BAD_ANSWER for what is no such document. */
export function readServices(xml: string): NavServices {
  const schemas = schemasIn(xml, 'Dynamics NAV');
  const types = new Map(
    schemas.flatMap((schema) => list(schema, 'EntityType').map((type) => [qualified(schema, type), type] as const)),
  );
  const sets = schemas.flatMap((schema) => list(object(schema['EntityContainer']), 'EntitySet'));
  const annotated = annotatedReadOnly(schemas);
  const described = sets.flatMap((set) => {
    const [name, typeName] = [text(set, 'Name'), text(set, 'EntityType')];
    const type = types.get(typeName);
    return type === undefined || name === COMPANIES ? [] : [{ typeName, type, service: describe(name, type) }];
  });
  const standingFor = servicesOfTables(described.map(({ service }) => service));
  const byName = new Map(
    described.map(({ service, type, typeName }) => [
      service.name,
      serviceOf(service, { type, typeName, standingFor, annotated }),
    ]),
  );
  const records = described.find(({ service }) => integrationRecordFields.every((field) => service.fields.has(field)));
  return { byName, standingFor, integrationRecords: records?.service.name ?? null };
}

const describe = (name: string, type: JsonObject): DescribedService => ({
  name,
  key: list(object(type['Key']), 'PropertyRef').map((property) => text(property, 'Name')),
  fields: new Set(list(type, 'Property').map((property) => text(property, 'Name'))),
});

interface Surroundings {
  readonly type: JsonObject;
  readonly typeName: string;
  readonly standingFor: ReadonlyMap<string, string>;
  readonly annotated: ReadonlySet<string>;
}

function serviceOf(service: DescribedService, surroundings: Surroundings): NavService {
  const table = recognise(service);
  const { type, typeName, annotated } = surroundings;
  // The platform adds it to rows in some builds; it is the version once more, and cannot be written.
  const properties = list(type, 'Property').filter((property) => text(property, 'Name') !== 'ETag');
  const fields = new Map(
    properties.map((property) => {
      const name = text(property, 'Name');
      const isReadOnly = saysReadOnly(list(property, 'Annotation')) || annotated.has(`${typeName}/${name}`);
      return [name, fieldOf(property, isReadOnly, service, table, surroundings.standingFor)] as const;
    }),
  );
  return {
    metadata: {
      name: service.name,
      label: service.name,
      keyField: service.key[0] ?? 'No',
      fields,
      ...(table === null ? {} : { standsFor: table.standsFor }),
    },
    key: service.key.flatMap((name) => fields.get(name) ?? []),
    changeField: changeFieldOf(fields),
    table,
  };
}

function changeFieldOf(fields: ReadonlyMap<string, FieldMetadata>): ChangeField | null {
  const moment = momentFields.find((name) => fields.get(name)?.type === 'DATE_TIME');
  if (moment !== undefined) return { name: moment, precision: 'MOMENT' };
  return fields.get(DAY_FIELD)?.type === 'DATE' ? { name: DAY_FIELD, precision: 'DAY' } : null;
}

function fieldOf(
  property: JsonObject,
  isReadOnly: boolean,
  service: DescribedService,
  table: KnownTable | null,
  standingFor: ReadonlyMap<string, string>,
): FieldMetadata {
  const name = text(property, 'Name');
  const nativeType = text(property, 'Type');
  const members = table?.options?.[name];
  const reference = table?.references?.[name];
  const isChangeField = name === DAY_FIELD || momentFields.some((field) => field === name);
  return {
    name,
    label: name.replaceAll('_', ' '),
    type: fieldType(name, nativeType, service, table),
    nativeType,
    maxLength: wholeNumber(property['MaxLength']),
    scale: wholeNumber(property['Scale']),
    nullable: text(property, 'Nullable') !== 'false',
    readOnly: isReadOnly || isChangeField,
    // A code is the key of the record that it names; a lookup translates it, and as a text it can be copied too.
    target: reference === undefined ? null : (standingFor.get(reference) ?? null),
    options: (members ?? []).map((value) => ({ value, label: value })),
  };
}

function fieldType(name: string, nativeType: string, service: DescribedService, table: KnownTable | null): FieldType {
  if (nativeType !== 'Edm.String') return plainTypes[nativeType] ?? 'OTHER';
  if (table?.options?.[name] !== undefined) return 'OPTION';
  const isCode =
    service.key.includes(name) ||
    /(?:^|_)Code$/.test(name) ||
    table?.references?.[name] !== undefined ||
    (table?.codes?.includes(name) ?? false);
  return isCode ? 'CODE' : 'TEXT';
}
