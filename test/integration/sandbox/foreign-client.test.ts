import { randomUUID } from 'node:crypto';
import { DynamicsWebApi } from 'dynamics-web-api';
import { describe, expect, test } from 'vitest';
import { sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();

const clientOf = () =>
  new DynamicsWebApi({
    serverUrl: sandbox.url,
    dataApi: { version: '9.2' },
    onTokenRefresh: () => sandbox.token(`${sandbox.url}/.default`, 'somebody-else'),
  });

/** Without a representation the client answers with the id of the new row. */
function idIn(answer: unknown): string {
  if (typeof answer !== 'string') throw new Error('expected the id of the new row');
  return answer;
}

type Account = Readonly<Record<string, unknown>>;

describe('a client of Dataverse that others wrote', () => {
  test('creates a row, reads it back, changes and deletes it', async () => {
    const client = clientOf();
    const created = await client.create<Account>({
      collection: 'accounts',
      data: { name: 'Foreign' },
      select: ['accountid', 'name'],
      returnRepresentation: true,
    });
    const key = String(created['accountid']);
    expect(created).toMatchObject({ name: 'Foreign' });
    await client.update({ collection: 'accounts', key, data: { telephone1: '+49 1' } });
    expect(
      await client.retrieve<Account>({ collection: 'accounts', key, select: ['name', 'telephone1'] }),
    ).toMatchObject({
      name: 'Foreign',
      telephone1: '+49 1',
    });
    await client.deleteRecord({ collection: 'accounts', key });
    await expect(client.retrieve({ collection: 'accounts', key })).rejects.toMatchObject({ status: 404 });
  });

  test('upserts by a key of its own, which creates the first time and updates the second', async () => {
    const client = clientOf();
    const key = randomUUID();
    const upsert = (name: string) =>
      client.upsert<Account>({
        collection: 'accounts',
        key,
        data: { name },
        select: ['name'],
        returnRepresentation: true,
      });
    expect(await upsert('First')).toMatchObject({ name: 'First' });
    expect(await upsert('Second')).toMatchObject({ name: 'Second' });
  });

  test('reads all rows by pages, each once', async () => {
    const client = clientOf();
    const ids: unknown[] = [];
    let page = await client.retrieveMultiple<Account>({
      collection: 'contacts',
      select: ['contactid'],
      maxPageSize: 60,
    });
    for (let pages = 1; ; pages += 1) {
      ids.push(...page.value.map((row) => row['contactid']));
      if (page.oDataNextLink === undefined) {
        expect(pages).toBeGreaterThan(3);
        break;
      }
      page = await client.retrieveMultiple<Account>(
        { collection: 'contacts', select: ['contactid'], maxPageSize: 60 },
        page.oDataNextLink,
      );
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(
      (await sandbox.sales('contacts?$select=contactid')).text.match(/"contactid":/g)?.length ?? 0,
    );
  });

  test('sends a batch, in which later operations refer to earlier ones', async () => {
    const client = clientOf();
    client.startBatch();
    void client.create({ collection: 'accounts', data: { name: 'Batch parent' }, contentId: '1' });
    void client.create({
      collection: 'contacts',
      data: { lastname: 'Batch child', 'parentcustomerid_account@odata.bind': '$1' },
    });
    const [accountId, contactId] = (await client.executeBatch()) as string[];
    const child = await client.retrieve<Account>({
      collection: 'contacts',
      key: String(contactId),
      select: ['_parentcustomerid_value'],
    });
    expect(child['_parentcustomerid_value']).toBe(accountId);
  });

  test('reads what changed since by delta links, deletions too', async () => {
    const client = clientOf();
    const request = { collection: 'accounts', select: ['name'], trackChanges: true };
    const kept = idIn(await client.create({ collection: 'accounts', data: { name: 'Kept' } }));
    const gone = idIn(await client.create({ collection: 'accounts', data: { name: 'Gone' } }));
    let page = await client.retrieveMultiple<Account>(request);
    while (page.oDataNextLink !== undefined) page = await client.retrieveMultiple<Account>(request, page.oDataNextLink);
    await client.update({ collection: 'accounts', key: kept, data: { name: 'Changed' } });
    await client.deleteRecord({ collection: 'accounts', key: gone });
    const changes = await client.retrieveMultiple<Account>(request, page.oDataDeltaLink ?? '');
    expect(changes.value).toMatchObject([
      { accountid: kept, name: 'Changed' },
      { id: gone, reason: 'deleted' },
    ]);
  });
});
