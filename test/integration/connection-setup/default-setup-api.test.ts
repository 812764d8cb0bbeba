import { describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/api/global-id.js';
import { defaultMappings } from '../../../src/connection-setup/default-setup/default-mappings.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { metadataProblems } from '../../../src/mapping/metadata-problems.js';
import { Person } from '../../support/person.js';
import { coupling, fieldPair, mapping } from '../api/records.js';
import { sandboxApi } from './sandbox-api.js';

interface Row {
  readonly mappingName: string;
  readonly table: string;
  readonly jobCode: string | null;
  readonly action: string;
  readonly differences: readonly string[];
}

const uuid = (id: string) => parseGlobalId(id)?.id ?? '';
const byName = (rows: readonly Row[]) => new Map(rows.map((row) => [row.mappingName, row]));

describe('with everything offered', () => {
  const running = sandboxApi();
  const services = () => running.api.services;

  const rows = async (id: string): Promise<readonly Row[]> =>
    (
      await running.api.data(
        'query ($id: ID!) { node(id: $id) { ... on ConnectionSetup { defaultSetup { mappingName table integrationTable direction jobCode action differences } } } }',
        { id },
      )
    ).node.defaultSetup;

  async function enabled(name: string): Promise<string> {
    const id = await running.connection(name);
    expect(await running.mutate('enableConnectionSetup', { id })).toMatchObject({ userErrors: [] });
    return id;
  }

  const mappingOf = async (id: string, name: string): Promise<IntegrationTableMapping> => {
    const found = await services().mappings.byName(uuid(id), name);
    if (found === null) throw new Error(`the connection has no mapping ${name}`);
    return found;
  };

  const entryOf = async (id: string, code: string) => {
    const page = await services().jobQueue.pageOfEntries({ connectionSetupId: uuid(id), code }, undefined, {
      limit: 2,
    });
    const [entry] = page.items;
    if (entry === undefined) throw new Error(`the connection has no entry ${code}`);
    return entry.item;
  };

  test('a connection without mappings would get all of them, one row each, with their jobs', async () => {
    const found = await rows(await running.connection('Empty'));
    expect(found.map(({ mappingName }) => mappingName)).toEqual(defaultMappings.map(({ name }) => name));
    expect(found.flatMap(({ differences }) => differences)).toEqual([]);
    expect(byName(found).get('CUSTOMER')).toMatchObject({ action: 'CREATE', table: 'customers', jobCode: 'CUSTOMER' });
  });

  test('an edited mapping and job are told in words, put back in place, and keep id and couplings', async () => {
    const id = await enabled('Edited');
    const before = await mappingOf(id, 'CUSTOMER');
    const pair = coupling(before, 'Adatum');
    await running.api.store.db.collection('couplings').insertOne(pair as never);
    const [first, ...others] = before.fields;
    const change = {
      synchOnlyCoupledRecords: false,
      fields: [...others, fieldPair('number', 'accountnumber')],
    };
    await services().mappings.update(before.id, before.revision, change, new Date());
    const entry = await entryOf(id, 'CUSTOMER');
    await running.api.store.db
      .collection<{ _id: string }>('jobQueueEntries')
      .updateOne({ _id: entry._id }, { $set: { minutesBetweenRuns: 5 } });
    await services().jobQueue.setStatus(entry._id, 'ON_HOLD', { actor: 'test' });

    const row = byName(await rows(id)).get('CUSTOMER');
    expect(row?.action).toBe('REPLACE');
    expect(row?.differences).toEqual([
      'synchOnlyCoupledRecords false becomes true',
      'field pair number - accountnumber is lost',
      `field pair ${first?.field} - ${first?.integrationField} comes back`,
      'Job CUSTOMER: minutesBetweenRuns 5 becomes 30',
      'Job CUSTOMER: status "ON_HOLD" becomes "READY"',
    ]);

    expect(await running.mutate('useDefaultSynchronizationSetup', { id })).toMatchObject({ userErrors: [] });
    const after = await mappingOf(id, 'CUSTOMER');
    expect(after).toMatchObject({ id: before.id, fields: before.fields, synchOnlyCoupledRecords: true });
    expect(after.revision).toBe(before.revision + 2);
    expect(await entryOf(id, 'CUSTOMER')).toMatchObject({ _id: entry._id, minutesBetweenRuns: 30, status: 'READY' });
    expect(await services().couplings.byIds([pair._id])).toHaveLength(1);
    expect(new Set((await rows(id)).map(({ action }) => action))).toEqual(new Set(['KEEP']));
  });

  test('a mapping that somebody made stays, also under the name of a default one, and what is as it was is not written', async () => {
    const id = await enabled('Own');
    const own = mapping(uuid(id), 'PRICES');
    await services().mappings.insert(own);
    const currency = await mappingOf(id, 'CURRENCY');
    await running.api.store.db
      .collection<{ _id: string }>('integrationTableMappings')
      .updateOne({ _id: currency.id }, { $set: { table: 'myCurrencies' } });
    const customer = await mappingOf(id, 'CUSTOMER');

    expect(byName(await rows(id)).get('CURRENCY')).toMatchObject({
      action: 'KEEP',
      differences: [expect.stringContaining('myCurrencies')],
    });
    await running.mutate('useDefaultSynchronizationSetup', { id });
    expect(await services().mappings.byId(own.id)).toEqual(own);
    expect(await mappingOf(id, 'CURRENCY')).toMatchObject({
      id: currency.id,
      revision: currency.revision,
      table: 'myCurrencies',
    });
    expect(await mappingOf(id, 'CUSTOMER')).toEqual(customer);
  });

  test('missing mappings and jobs come back, resting while the connection is disabled', async () => {
    const id = await enabled('Missing');
    await running.mutate('disableConnectionSetup', { id });
    const { db } = running.api.store;
    await db
      .collection<{ _id: string }>('integrationTableMappings')
      .deleteOne({ _id: (await mappingOf(id, 'CURRENCY')).id });
    await db.collection<{ _id: string }>('jobQueueEntries').deleteOne({ _id: (await entryOf(id, 'CUSTOMER'))._id });
    const before = byName(await rows(id));
    expect(before.get('CURRENCY')?.action).toBe('CREATE');
    expect(before.get('CUSTOMER')).toMatchObject({
      action: 'REPLACE',
      differences: ['Job CUSTOMER is missing: it is made again'],
    });

    await running.mutate('useDefaultSynchronizationSetup', { id });
    expect(await entryOf(id, 'CUSTOMER')).toMatchObject({ status: 'ON_HOLD' });
    const currency = await mappingOf(id, 'CURRENCY');
    // The entry that was left runs the new mapping.
    expect(await entryOf(id, 'CURRENCY')).toMatchObject({ mappingId: currency.id, status: 'ON_HOLD' });
  });

  test('no entry of a disabled connection becomes READY by hand, and enabling makes all of them so', async () => {
    const id = await enabled('Resting');
    await running.mutate('disableConnectionSetup', { id });
    const entry = globalId('JobQueueEntry', (await entryOf(id, 'CURRENCY'))._id);
    const refused = { code: 'INVALID', field: ['status'], message: expect.stringContaining('enable it first') };

    const one = await running.mutate('setJobQueueEntryStatus', { id: entry, status: 'READY' }, 'jobQueueEntry { id }');
    expect(one).toMatchObject({ jobQueueEntry: null, userErrors: [refused] });
    const filter = { connectionSetupId: id, status: ['ON_HOLD'] };
    const many = await running.mutate('setJobQueueEntriesStatus', { filter, status: 'READY' }, 'changedCount');
    expect(many.changedCount).toBe(0);
    expect(many.userErrors).toHaveLength(10);
    expect(many.userErrors).toContainEqual(refused);
    const atOnce = { code: 'READY-AT-ONCE', task: 'FULL_SYNCH', connectionSetupId: id, status: 'READY' };
    const { previewJobQueueEntry } = await running.api.data(
      'query ($input: PreviewJobQueueEntryInput!) { previewJobQueueEntry(input: $input) { code message field } }',
      { input: { create: atOnce } },
    );
    expect(previewJobQueueEntry).toEqual([refused]);
    const made = await running.mutate('createJobQueueEntry', atOnce, 'jobQueueEntry { id }');
    expect(made).toMatchObject({ jobQueueEntry: null, userErrors: [refused] });
    expect(await entryOf(id, 'CURRENCY')).toMatchObject({ status: 'ON_HOLD' });

    await running.mutate('enableConnectionSetup', { id });
    expect(await entryOf(id, 'CURRENCY')).toMatchObject({ status: 'READY' });
  });

  test('a company whose local currency somebody changed is refused with both codes, until it is the base currency again', async () => {
    const id = await running.connection('Currencies');
    const [setup] = await new Person(running.url).rows('BUSINESS', 'generalLedgerSetup');
    const count = (localCurrencyCode: unknown) =>
      running.control.send('POST', 'edit', {
        system: 'BUSINESS',
        entitySet: 'generalLedgerSetup',
        action: 'update',
        id: setup?.id,
        values: { localCurrencyCode },
      });
    await count('USD');
    const refused = await running.mutate('enableConnectionSetup', { id });
    expect(refused.userErrors).toMatchObject([{ code: 'INVALID', message: expect.stringMatching(/EUR.*USD/) }]);
    expect(await rows(id)).not.toEqual([]);
    await count(setup?.localCurrencyCode);
    expect(await running.mutate('enableConnectionSetup', { id })).toMatchObject({ userErrors: [] });
  });

  test('no default mapping has an error by what both systems tell of their tables', async () => {
    const id = uuid(await running.connection('Checked'));
    const { systems } = services();
    for (const definition of defaultMappings) {
      const problems = metadataProblems(
        mapping(id, definition.name, definition),
        await systems.table(id, 'BUSINESS', definition.table),
        await systems.table(id, 'SALES', definition.integrationTable),
      );
      expect(
        problems.filter(({ severity, code }) => severity === 'ERROR' || code === 'OTHER'),
        definition.name,
      ).toEqual([]);
    }
  });
});

describe('without the companion API', () => {
  const running = sandboxApi({ settings: { BUSINESS: { companionApi: false } } });

  test('mappings whose table is not offered are not made, and fields not offered are left out; both are told', async () => {
    const id = await running.connection('Standard');
    const preview =
      'query ($id: ID!) { node(id: $id) { ... on ConnectionSetup { defaultSetup { mappingName action differences } } } }';
    const rows = byName((await running.api.data(preview, { id })).node.defaultSetup);
    expect(rows.get('RESOURCE-PRODUCT')).toMatchObject({
      action: 'KEEP',
      differences: ['The business system does not offer resources: the mapping cannot be made.'],
    });
    expect(rows.get('CUSTOMER')?.differences).toContain(
      'faxNumber and fax is left out: customers does not offer faxNumber.',
    );

    expect(await running.mutate('enableConnectionSetup', { id })).toMatchObject({ userErrors: [] });
    const made = await running.api.services.mappings.list({ connectionSetupId: uuid(id) });
    const names = made.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['CURRENCY', 'CUSTOMER', 'CONTACTS', 'ITEM-PRODUCT']));
    expect(names).not.toContain('RESOURCE-PRODUCT');
    const fields = made.find(({ name }) => name === 'CUSTOMER')?.fields.map(({ field }) => field);
    expect(fields).toContain('displayName');
    expect(fields).not.toContain('faxNumber');
    for (const { dependsOn, fields: pairs } of made)
      expect(names).toEqual(expect.arrayContaining([...dependsOn, ...pairs.flatMap(({ lookup }) => lookup ?? [])]));
  });
});

describe('while a system does not answer', () => {
  const running = sandboxApi();

  test('putting the setup back is CONNECTION_FAILED, and the preview says that it took everything for offered', async () => {
    const unreachable = { ...running.sales, baseUrl: 'http://127.0.0.1:1' };
    const id = await running.connection('Away', { sales: unreachable });
    expect(await running.mutate('useDefaultSynchronizationSetup', { id })).toEqual({
      connectionSetup: null,
      userErrors: [{ code: 'CONNECTION_FAILED', field: ['id'], message: expect.stringContaining('SALES') }],
    });
    expect(await running.api.services.mappings.list({ connectionSetupId: uuid(id) })).toEqual([]);
    const preview =
      'query ($id: ID!) { node(id: $id) { ... on ConnectionSetup { defaultSetup { mappingName action differences } } } }';
    const rows = byName((await running.api.data(preview, { id })).node.defaultSetup);
    expect(rows.get('CUSTOMER')).toMatchObject({
      action: 'CREATE',
      differences: [expect.stringContaining('could not be read')],
    });
  });
});
