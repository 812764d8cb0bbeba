import type { Answer } from '../http/operation.js';
import { TENANT } from '../tokens.js';
import type { BusinessContext } from './context.js';
import {
  type EntitySetDefinition,
  isReadOnly,
  type NavigationDefinition,
  type PropertyDefinition,
} from './entity-set.js';
import { companies } from './entity-sets.js';
import { escapeName } from './enum-names.js';

const NAMESPACE = 'Microsoft.NAV';

/** Answers the address of the API itself: the sets that it has. */
export function serviceDocument(context: BusinessContext): Answer {
  const sets = [companies, ...context.api.sets];
  return {
    status: 200,
    headers: {},
    body: {
      '@odata.context': `${context.base}$metadata`,
      value: sets.map((set) => ({ name: set.entitySet, kind: 'EntitySet', url: set.entitySet })),
    },
  };
}

/** Answers `$metadata`: types with lengths, enums with their members, and sets, as EDMX. */
export function metadataDocument(context: BusinessContext): Answer {
  const sets = [companies, ...context.api.sets];
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: [
      '<?xml version="1.0" encoding="utf-8"?>',
      '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
      '<edmx:DataServices>',
      `<Schema Namespace="${NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">`,
      ...sets.map((set) => entityType(context, set)),
      ...sets.flatMap((set) =>
        set.properties.filter((property) => property.kind === 'enum').map((property) => enumType(set, property)),
      ),
      `<EntityContainer Name="${TENANT}">`,
      ...sets.map((set) => entitySet(context, set)),
      '</EntityContainer>',
      '</Schema>',
      '</edmx:DataServices>',
      '</edmx:Edmx>',
    ].join('\n'),
  };
}

const edmTypes: Readonly<Record<Exclude<PropertyDefinition['kind'], 'enum'>, string>> = {
  code: 'Edm.String',
  text: 'Edm.String',
  guid: 'Edm.Guid',
  boolean: 'Edm.Boolean',
  decimal: 'Edm.Decimal',
  integer: 'Edm.Int32',
  date: 'Edm.Date',
  instant: 'Edm.DateTimeOffset',
};

const enumName = (set: EntitySetDefinition, property: PropertyDefinition): string =>
  `${set.entityType}${property.name.charAt(0).toUpperCase()}${property.name.slice(1)}`;

function entityType(context: BusinessContext, set: EntitySetDefinition): string {
  const navigation = [
    ...navigationOf(context, set).map((one) => navigationElement(context, one)),
    ...(set === companies
      ? context.api.sets.map(
          (one) => `<NavigationProperty Name="${one.entitySet}" Type="Collection(${NAMESPACE}.${one.entityType})" />`,
        )
      : []),
  ];
  return [
    `<EntityType Name="${set.entityType}">`,
    '<Key><PropertyRef Name="id" /></Key>',
    ...set.properties.map((property) => propertyElement(set, property)),
    ...navigation,
    '</EntityType>',
  ].join('\n');
}

/** The navigation properties whose sets are part of the API. */
const navigationOf = (context: BusinessContext, set: EntitySetDefinition): readonly NavigationDefinition[] =>
  set.navigation.filter((one) => context.api.sets.some(({ entitySet: name }) => name === one.entitySet));

/** One row is found by the property that holds its id, which a constraint tells. */
function navigationElement(context: BusinessContext, one: NavigationDefinition): string {
  const type = typeOfSet(context, one.entitySet);
  if (one.isCollection === true) return `<NavigationProperty Name="${one.name}" Type="Collection(${type})" />`;
  return [
    `<NavigationProperty Name="${one.name}" Type="${type}">`,
    `<ReferentialConstraint Property="${one.property}" ReferencedProperty="id" />`,
    '</NavigationProperty>',
  ].join('');
}

function typeOfSet(context: BusinessContext, entitySetName: string): string {
  return `${NAMESPACE}.${context.api.sets.find((set) => set.entitySet === entitySetName)?.entityType ?? entitySetName}`;
}

function propertyElement(set: EntitySetDefinition, property: PropertyDefinition): string {
  const type = property.kind === 'enum' ? `${NAMESPACE}.${enumName(set, property)}` : edmTypes[property.kind];
  const facets = [
    property.length === undefined ? '' : ` MaxLength="${property.length}"`,
    property.kind === 'decimal' ? ' Scale="Variable"' : '',
    property.name === 'id' ? ' Nullable="false"' : '',
  ].join('');
  if (!isReadOnly(property)) return `<Property Name="${property.name}" Type="${type}"${facets} />`;
  return [
    `<Property Name="${property.name}" Type="${type}"${facets}>`,
    '<Annotation Term="Org.OData.Core.V1.Computed" Bool="true" />',
    '</Property>',
  ].join('');
}

function enumType(set: EntitySetDefinition, property: PropertyDefinition): string {
  const members = (property.members ?? []).map(
    (member, value) => `<Member Name="${escapeName(member)}" Value="${value}" />`,
  );
  return `<EnumType Name="${enumName(set, property)}">${members.join('')}</EnumType>`;
}

function entitySet(context: BusinessContext, set: EntitySetDefinition): string {
  const bindings =
    set === companies
      ? context.api.sets.map((one) => ({ path: one.entitySet, target: one.entitySet }))
      : navigationOf(context, set).map((one) => ({ path: one.name, target: one.entitySet }));
  return [
    `<EntitySet Name="${set.entitySet}" EntityType="${NAMESPACE}.${set.entityType}">`,
    ...bindings.map(({ path, target }) => `<NavigationPropertyBinding Path="${path}" Target="${target}" />`),
    '</EntitySet>',
  ].join('');
}
