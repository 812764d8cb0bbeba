import { isReadOnly, type PropertyDefinition } from '../business-central/entity-set.js';
import type { Answer } from '../http/operation.js';
import type { Page } from './page.js';

/** Answers the address of the web services itself. */
export const serviceDocument = (base: string, published: readonly Page[]): Answer => ({
  status: 200,
  headers: {},
  body: {
    '@odata.context': `${base}$metadata`,
    value: ['Company', ...published.map(({ set }) => set.entitySet)].map((name) => ({
      name,
      kind: 'EntitySet',
      url: name,
    })),
  },
});

/** Answers `$metadata`: options are plain texts there, without their members. */
export const metadataDocument = (published: readonly Page[]): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'application/xml' },
  body: [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
    '<edmx:DataServices>',
    '<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
    '<EntityType Name="Company"><Key><PropertyRef Name="Name" /></Key><Property Name="Name" Type="Edm.String" Nullable="false" MaxLength="30" /></EntityType>',
    ...published.map(entityType),
    '<EntityContainer Name="NAV">',
    '<EntitySet Name="Company" EntityType="NAV.Company" />',
    ...published.map(({ set }) => `<EntitySet Name="${set.entitySet}" EntityType="NAV.${set.entityType}" />`),
    '</EntityContainer>',
    '</Schema>',
    '</edmx:DataServices>',
    '</edmx:Edmx>',
  ].join('\n'),
});

const entityType = ({ set, keys }: Page): string =>
  [
    `<EntityType Name="${set.entityType}">`,
    `<Key>${keys.map((name) => `<PropertyRef Name="${name}" />`).join('')}</Key>`,
    ...set.properties.map((property) => propertyElement(property, keys.includes(property.name))),
    '</EntityType>',
  ].join('\n');

const edmTypes: Readonly<Record<PropertyDefinition['kind'], string>> = {
  code: 'Edm.String',
  text: 'Edm.String',
  enum: 'Edm.String',
  guid: 'Edm.Guid',
  boolean: 'Edm.Boolean',
  decimal: 'Edm.Decimal',
  integer: 'Edm.Int32',
  date: 'Edm.Date',
  instant: 'Edm.DateTimeOffset',
};

function propertyElement(property: PropertyDefinition, isKey: boolean): string {
  const facets = [
    property.length === undefined ? '' : ` MaxLength="${property.length}"`,
    property.kind === 'decimal' ? ' Scale="Variable"' : '',
    isKey ? ' Nullable="false"' : '',
  ].join('');
  const start = `<Property Name="${property.name}" Type="${edmTypes[property.kind]}"${facets}`;
  if (!isReadOnly(property)) return `${start} />`;
  return `${start}><Annotation Term="Org.OData.Core.V1.Computed" Bool="true" /></Property>`;
}
