import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultMappings } from '../../../src/connection-setup/default-setup/default-mappings.js';
import { laterMappings } from '../../../src/connection-setup/default-setup/later-mappings.js';
import { inWebServiceNames } from '../../../src/connection-setup/default-setup/web-service-names.js';
import { knownTables } from '../../../src/connectors/nav/known-tables.js';
import { standardApi } from '../../../src/sandbox/business-central/entity-sets.js';

type Mapping = (typeof defaultMappings)[number];
const everyMapping: readonly Mapping[] = [...new Set([...defaultMappings, ...laterMappings])];

/** What a mapping reads or writes of its table in the business system. */
const fieldsOf = ({ fields, tableFilter, templates }: Mapping): string[] => [
  ...new Set(
    [
      ...fields.map(({ field }) => field),
      ...tableFilter.map(({ field }) => field),
      ...templates.flatMap(({ side, values }) => (side === 'BUSINESS' ? values.map(({ field }) => field) : [])),
    ].filter((name) => name !== ''),
  ),
];

/** What the rules of a table look at besides, in Business Central's API. */
const lookedAt: Readonly<Record<string, readonly string[]>> = {
  customerPriceGroups: ['priceCurrencyCount'],
  salesInvoices: ['hasBlockedLine', 'shipmentMethodDescription', 'customerPurchaseOrderReference'],
  salesInvoiceLines: ['documentId', 'sequence', 'lineType', 'itemId', 'resourceId', 'lineObjectNumber', 'description'],
  salesOrders: ['fullyInvoiced'],
};

describe('the AL source of the companion API', () => {
  const folder = 'docs/systems/al';
  const pages = readdirSync(folder)
    .filter((name) => name.endsWith('.al'))
    .map((name) => ({ name, source: readFileSync(`${folder}/${name}`, 'utf8') }));
  const sets = new Map(
    pages.map(({ source }) => [
      /EntitySetName = '(\w+)'/.exec(source)?.[1] ?? '',
      [...source.matchAll(/ field\((\w+);/g)].map(([, field]) => field),
    ]),
  );

  test.each(everyMapping.map((mapping) => [mapping.name, mapping] as const))(
    'shows each field that %s needs, or leaves its table to the standard API, which has them',
    (_name, mapping) => {
      const { table } = mapping;
      const standard = standardApi.sets.find(({ entitySet }) => entitySet === table);
      const shown = sets.get(table) ?? standard?.properties.map(({ name }) => name) ?? [];
      expect(shown).toEqual(
        expect.arrayContaining([...fieldsOf(mapping), ...(lookedAt[table] ?? []), 'id', 'lastModifiedDateTime']),
      );
    },
  );

  test.each(pages)(
    '$name says that it was not compiled, is listed, and has a number of its own',
    ({ name, source }) => {
      expect(source.split('\n')[0]).toMatch(/^\/\/ Not compiled here/);
      expect(readFileSync(`${folder}/README.md`, 'utf8')).toContain(`\`${name}\``);
      const number = /^page (\d+) /m.exec(source)?.[1];
      expect(pages.filter((page) => page.source.includes(`page ${number} `))).toHaveLength(1);
      const count = (word: RegExp): number => source.match(word)?.length ?? 0;
      expect(count(/\{/g)).toBe(count(/\}/g));
      expect(count(/\bbegin\b/g) + count(/\bcase\b/g)).toBe(count(/\bend\b/g));
    },
  );
});

describe('the page about Dynamics NAV 2018', () => {
  const page = readFileSync('docs/systems/nav-2018.md', 'utf8');
  const shown = new Map(
    [...page.matchAll(/^\| (\w+) \| .+? \| (.+?) \|$/gm)].map(([, service, fields = '']) => [
      service,
      fields.split(/\W+/),
    ]),
  );

  test.each(defaultMappings.filter(({ enabled }) => enabled).map((mapping) => [mapping.name, mapping] as const))(
    'names each field that %s needs, beside its service',
    (_name, mapping) => {
      const service = knownTables.find(({ standsFor }) => standsFor === mapping.table)?.names[0] ?? '';
      expect(shown.get(service)).toEqual(expect.arrayContaining(fieldsOf(inWebServiceNames(mapping, service))));
    },
  );

  test.each(knownTables)('names $standsFor with the key of its page', ({ names: [service], key }) => {
    expect(shown.get(service)).toEqual(expect.arrayContaining([...key]));
  });
});

describe('the page about Dataverse', () => {
  const page = readFileSync('docs/systems/dataverse.md', 'utf8');
  /** What administrators know the tables of the default mappings as. */
  const names: Readonly<Record<string, string>> = {
    accounts: 'Account',
    contacts: 'Contact',
    invoicedetails: 'Invoice Product',
    invoices: 'Invoice',
    opportunities: 'Opportunity',
    pricelevels: 'Price List',
    productpricelevels: 'Price List Item',
    products: 'Product',
    salesorders: 'Order',
    systemusers: 'User',
    transactioncurrencies: 'Currency',
    uomschedules: 'Unit Group',
  };
  const rights = page.slice(page.indexOf('Make a security role'), page.indexOf('Switch on change tracking'));

  test.each(everyMapping)(
    'names the table of $name among those that the role needs rights on',
    ({ integrationTable }) => {
      expect(rights.split(/[,;.]\s+|\s+(?:and|on)\s+|:\s+/).map((part) => part.trim())).toContain(
        names[integrationTable],
      );
    },
  );
});
