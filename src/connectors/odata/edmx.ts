import { XMLParser } from 'fast-xml-parser';
import type { FieldType } from '../../mapping/field-value.js';
import { badAnswer } from './classify.js';
import { isJsonObject, type JsonObject } from './json.js';

const repeated = new Set([
  'Schema',
  'EntityType',
  'ComplexType',
  'EnumType',
  'Property',
  'NavigationProperty',
  'Member',
  'EntitySet',
  'Annotation',
  'Annotations',
  'PropertyRef',
  'ReferentialConstraint',
]);

/** The schemas of a `$metadata` document. Throws RequestError BAD_ANSWER for what is no such document. */
export function schemasIn(xml: string, system: string): readonly JsonObject[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseAttributeValue: false,
    isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && repeated.has(name),
  });
  let document: unknown;
  try {
    document = parser.parse(xml);
  } catch (error) {
    throw badAnswer(`the metadata of ${system} is no XML`, { cause: error });
  }
  const schemas = list(object(object(object(document)['Edmx'])['DataServices']), 'Schema');
  if (schemas.length === 0) throw badAnswer(`the metadata of ${system} holds no schema`);
  return schemas;
}

/** The value where it is an element, else an empty one. */
export const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
/** The elements of this name. */
export const list = (parent: JsonObject, name: string): readonly JsonObject[] =>
  Array.isArray(parent[name]) ? parent[name].map(object) : [];
/** An attribute; blank where there is none. */
export const text = (element: JsonObject, attribute: string): string => {
  const value = element[attribute];
  return typeof value === 'string' ? value : '';
};
export const qualified = (schema: JsonObject, type: JsonObject): string =>
  `${text(schema, 'Namespace')}.${text(type, 'Name')}`;

const COMPUTED = /(?:^|\.)Core\.V1\.Computed$/;

/** Whether one of the annotations says that the system computes the value. */
export const saysReadOnly = (annotations: readonly JsonObject[]): boolean =>
  annotations.some((annotation) => COMPUTED.test(text(annotation, 'Term')) && text(annotation, 'Bool') !== 'false');

/** Properties that annotations outside of their type declare as computed, as "Namespace.Type/property". */
export function annotatedReadOnly(schemas: readonly JsonObject[]): ReadonlySet<string> {
  const groups = schemas.flatMap((schema) => list(schema, 'Annotations'));
  return new Set(
    groups.filter((group) => saysReadOnly(list(group, 'Annotation'))).map((group) => text(group, 'Target')),
  );
}

/** What the types of properties become that are neither texts nor enums. */
export const plainTypes: Readonly<Record<string, FieldType>> = {
  'Edm.Guid': 'GUID',
  'Edm.Byte': 'INTEGER',
  'Edm.Int16': 'INTEGER',
  'Edm.Int32': 'INTEGER',
  // Beyond what a double holds; DECIMAL keeps all digits.
  'Edm.Int64': 'DECIMAL',
  'Edm.Decimal': 'DECIMAL',
  'Edm.Double': 'DECIMAL',
  'Edm.Single': 'DECIMAL',
  'Edm.Boolean': 'BOOLEAN',
  'Edm.Date': 'DATE',
  'Edm.TimeOfDay': 'TIME',
  'Edm.DateTimeOffset': 'DATE_TIME',
  'Edm.Binary': 'BINARY',
  'Edm.Stream': 'BINARY',
};

/** A facet such as a length; null where there is none. */
export function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null;
  return number === null || number === 0 ? null : number;
}
