import type { FieldMetadata, FieldType, OptionMetadata, TableMetadata } from '../../mapping/field-value.js';
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
import { isCode, isReadOnly, knownTarget } from './code-fields.js';
import { canonicalOption, unescapeName } from './enum-names.js';

/** One entity set as requests need it. */
export interface EntitySet {
  readonly metadata: TableMetadata;
  /** By field of type OPTION: the member name to send for a canonical value; null is the blank member. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string | null, string>>;
}

/** Name of the field that tells when a row was changed. */
export const MODIFIED = 'lastModifiedDateTime';

/**
 * Reads the entity sets that a `$metadata` document describes. Throws RequestError BAD_ANSWER for what is no such document.
 */
export function readMetadata(xml: string): ReadonlyMap<string, EntitySet> {
  const schemas = schemasIn(xml, 'Business Central');
  const types = new Map(
    schemas.flatMap((schema) => list(schema, 'EntityType').map((type) => [qualified(schema, type), type] as const)),
  );
  const enums = new Map(
    schemas.flatMap((schema) =>
      list(schema, 'EnumType').map((type) => [qualified(schema, type), membersOf(type)] as const),
    ),
  );
  const sets = schemas.flatMap((schema) => list(object(schema['EntityContainer']), 'EntitySet'));
  const setOfType = new Map(sets.map((set) => [text(set, 'EntityType'), text(set, 'Name')]));
  const annotated = annotatedReadOnly(schemas);
  return new Map(
    sets.flatMap((set) => {
      const [name, typeName] = [text(set, 'Name'), text(set, 'EntityType')];
      const type = types.get(typeName);
      return type === undefined
        ? []
        : [[name, entitySetOf(name, typeName, type, { enums, setOfType, annotated })] as const];
    }),
  );
}

interface Member {
  /** As the service writes it. */
  readonly name: string;
  readonly number: number;
}

/** By canonical value. Members without a value are counted from 0, as the format says. */
const membersOf = (type: JsonObject): ReadonlyMap<string | null, Member> =>
  new Map(
    list(type, 'Member').map((member, index) => {
      const [name, value] = [text(member, 'Name'), text(member, 'Value')];
      return [canonicalOption(name), { name, number: value === '' ? index : Number(value) }];
    }),
  );

interface Context {
  readonly enums: ReadonlyMap<string, ReadonlyMap<string | null, Member>>;
  readonly setOfType: ReadonlyMap<string, string>;
  readonly annotated: ReadonlySet<string>;
}

function entitySetOf(name: string, typeName: string, type: JsonObject, context: Context): EntitySet {
  const targets = referenceTargets(type, context.setOfType);
  const properties = list(type, 'Property');
  const fields = properties.map((property) => fieldOf(name, typeName, property, targets, context));
  const members = properties.flatMap((property) => {
    const found = context.enums.get(text(property, 'Type'));
    if (found === undefined) return [];
    return [[text(property, 'Name'), new Map([...found].map(([value, member]) => [value, member.name]))] as const];
  });
  const keyField = text(list(object(type['Key']), 'PropertyRef')[0] ?? {}, 'Name') || 'id';
  return {
    metadata: { name, label: name, keyField, fields: new Map(fields.map((field) => [field.name, field])) },
    members: new Map(members),
  };
}

/** Entity sets that fields point to: a navigation property names the field that holds its key. */
function referenceTargets(type: JsonObject, setOfType: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const navigation of list(type, 'NavigationProperty')) {
    const set = setOfType.get(text(navigation, 'Type').replace(/^Collection\((.*)\)$/, '$1'));
    for (const constraint of list(navigation, 'ReferentialConstraint')) {
      if (set !== undefined && text(constraint, 'ReferencedProperty') === 'id')
        targets.set(text(constraint, 'Property'), set);
    }
  }
  return targets;
}

function fieldOf(
  entitySet: string,
  typeName: string,
  property: JsonObject,
  targets: ReadonlyMap<string, string>,
  context: Context,
): FieldMetadata {
  const name = text(property, 'Name');
  const nativeType = text(property, 'Type');
  const members = context.enums.get(nativeType);
  const target = name === 'id' || nativeType !== 'Edm.Guid' ? null : (targets.get(name) ?? knownTarget(name));
  const isAnnotated = saysReadOnly(list(property, 'Annotation')) || context.annotated.has(`${typeName}/${name}`);
  return {
    name,
    label: name,
    type: members === undefined ? fieldType(entitySet, name, nativeType, target) : 'OPTION',
    nativeType: unescapeName(nativeType),
    maxLength: wholeNumber(property['MaxLength']),
    scale: wholeNumber(property['Scale']),
    nullable: text(property, 'Nullable') !== 'false',
    readOnly: isReadOnly(entitySet, name) || isAnnotated,
    target,
    options: members === undefined ? [] : optionsOf(members),
  };
}

function fieldType(entitySet: string, name: string, nativeType: string, target: string | null): FieldType {
  if (target !== null) return 'REFERENCE';
  if (nativeType === 'Edm.String') return isCode(entitySet, name) ? 'CODE' : 'TEXT';
  return plainTypes[nativeType] ?? 'OTHER';
}

const optionsOf = (members: ReadonlyMap<string | null, Member>): readonly OptionMetadata[] =>
  [...members].flatMap(([value, { number }]) => (value === null ? [] : { value, label: value, number }));
