import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/api/global-id.js';
import { fieldPair, mapping } from '../api/records.js';
import { tokens } from '../api/running-api.js';
import { sandboxApi } from './sandbox-api.js';

const running = sandboxApi();
const uuid = (id: string) => parseGlobalId(id)?.id ?? '';

describe('tables', () => {
  const TABLES = `query ($id: ID!, $side: Side!, $names: [String!], $search: String) {
    tables(connectionSetupId: $id, side: $side, names: $names, search: $search) { name label fields {
      name label type nativeType maxLength nullable readOnly target options { value label } } } }`;
  const NAMES = `query ($id: ID!, $side: Side!, $search: String) { tables(connectionSetupId: $id, side: $side, search: $search) { name } }`;
  const requests = async () => JSON.stringify(await running.control.send('GET', 'requests'));

  test('tell what both systems offer, with types, lengths, targets and options', async () => {
    const id = await running.connection('Tables');
    const business = await running.api.data(TABLES, { id, side: 'BUSINESS', names: ['customers', 'nonsense'] });
    const [customers, ...none] = business.tables;
    expect(none).toEqual([]);
    const field = (name: string) => customers.fields.find((one: { name: string }) => one.name === name);
    expect(field('displayName')).toMatchObject({ type: 'TEXT', maxLength: 100, readOnly: false });
    expect(field('blocked')).toMatchObject({ type: 'OPTION' });
    const sales = await running.api.data(TABLES, { id, side: 'SALES', names: ['accounts'] });
    expect(sales.tables[0].fields).toContainEqual(
      expect.objectContaining({ name: 'transactioncurrencyid', type: 'REFERENCE', target: 'transactioncurrencies' }),
    );
  });

  test('are found by words of their names, listed by name, and read once for all who ask', async () => {
    const id = await running.connection('Search');
    const { tables: all } = await running.api.data(NAMES, { id, side: 'SALES' });
    const names = all.map(({ name }: { name: string }) => name);
    expect(names).toEqual(names.toSorted());
    expect(names).toContain('accounts');
    const before = await requests();
    const { tables: found } = await running.api.data(NAMES, { id, side: 'SALES', search: 'CCOUN' });
    expect(found).toEqual([{ name: 'accounts' }]);
    expect(await requests()).toBe(before);
  });

  test('are null with SYSTEM_UNAVAILABLE when the system never answered', async () => {
    const away = await running.connection('Away', { sales: { ...running.sales, baseUrl: 'http://127.0.0.1:1' } });
    const answer = await running.api.ask(NAMES, { id: away, side: 'SALES' });
    expect(answer.data).toEqual({ tables: null });
    expect(answer.errors).toMatchObject([{ path: ['tables'], extensions: { code: 'SYSTEM_UNAVAILABLE' } }]);
  });

  test('need the role VIEWER and a connection that exists', async () => {
    const id = await running.connection('Roles');
    const monitor = await running.api.ask(NAMES, { id, side: 'SALES' }, tokens.MONITOR);
    expect(monitor.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const gone = await running.api.ask(NAMES, { id: globalId('ConnectionSetup', 'gone'), side: 'SALES' });
    expect(gone.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

test('the page of a mapping waits neither for a system that hangs nor for one that is away', async () => {
  const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(hanging, 'listening');
  const { port } = hanging.address() as AddressInfo;
  try {
    const sales = { ...running.sales, baseUrl: `http://127.0.0.1:${port}` };
    const business = { ...running.business, baseUrl: 'http://127.0.0.1:1' };
    const made = mapping(uuid(await running.connection('Hangs', { sales, business })), 'HANGING');
    await running.api.services.mappings.insert(made);
    const query = `query ($id: ID!) { node(id: $id) { ... on IntegrationTableMapping { name warnings { message } } } }`;
    const askedAt = performance.now();
    const { node } = await running.api.data(query, { id: globalId('IntegrationTableMapping', made.id) });
    expect(node.name).toBe('HANGING');
    const told = JSON.stringify(node.warnings);
    expect([told.includes('business system'), told.includes('Dataverse')]).toEqual([true, true]);
    // Half of what reading a system may take.
    expect(performance.now() - askedAt).toBeLessThan(15_000);
  } finally {
    hanging.closeAllConnections();
    hanging.close();
  }
});

describe('saving a mapping', () => {
  const SAVE = `mutation ($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) {
    integrationTableMapping { revision warnings { severity code message path position } } userErrors { code message field } } }`;

  async function customers(connectionId: string) {
    const made = mapping(uuid(connectionId), 'CUSTOMER', {
      tableFilter: [],
      templates: [],
      fields: [fieldPair('displayName', 'name')],
    });
    await running.api.services.mappings.insert(made);
    return globalId('IntegrationTableMapping', made.id);
  }
  const save = async (input: object) => (await running.api.data(SAVE, { input })).updateIntegrationTableMapping;

  test('is refused with everything that neither system could do, each with its path', async () => {
    const id = await customers(await running.connection('Refused'));
    const { integrationTableMapping, userErrors } = await save({
      id,
      tableFilter: [{ field: 'blocked', expression: 'Nonsense' }],
      fields: [
        { field: 'displayname', integrationField: 'name' },
        { field: 'displayName', integrationField: 'createdon', direction: 'TO_INTEGRATION_TABLE' },
        { field: 'currencyId', integrationField: 'transactioncurrencyid' },
        { field: 'city', integrationField: 'address1_city', lookup: 'NO SUCH MAPPING' },
      ],
    });
    expect(integrationTableMapping).toBeNull();
    const places = userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`);
    expect(new Set(places)).toEqual(
      new Set([
        'INVALID tableFilter.0.expression',
        'INVALID fields.0.field',
        'INVALID fields.1.integrationField',
        'INVALID fields.2.integrationField',
        'INVALID fields.2.field',
        'INVALID fields.3.lookup',
      ]),
    );
    const kept = await running.api.services.mappings.byId(uuid(id));
    expect(kept).toMatchObject({ revision: 1, fields: [{ field: 'displayName' }] });
  });

  test('warns of a text that will be cut, naming both lengths', async () => {
    const id = await customers(await running.connection('Warned'));
    const { integrationTableMapping, userErrors } = await save({ id, description: 'Saved' });
    expect(userErrors).toEqual([]);
    expect(integrationTableMapping).toEqual({
      revision: 2,
      warnings: [
        {
          severity: 'WARNING',
          code: 'TOO_LONG',
          message: expect.stringMatching(/name holds 160 .* displayName 100/),
          path: ['fields', '0', 'field'],
          position: null,
        },
      ],
    });
  });

  test('goes on what is known while a system does not answer, and says so', async () => {
    const away = await running.connection('Not there', { sales: { ...running.sales, baseUrl: 'http://127.0.0.1:1' } });
    const id = await customers(away);
    const { integrationTableMapping } = await save({
      id,
      fields: [{ field: 'displayName', integrationField: 'anything' }],
    });
    expect(integrationTableMapping).toMatchObject({
      revision: 2,
      warnings: [{ severity: 'WARNING', code: 'OTHER', message: expect.stringContaining('Dataverse') }],
    });
    const { userErrors } = await save({ id, fields: [{ field: 'nonsense', integrationField: 'anything' }] });
    expect(userErrors).toMatchObject([{ code: 'INVALID', field: ['fields', '0', 'field'] }]);
  });
});
