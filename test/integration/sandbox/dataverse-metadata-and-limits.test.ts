import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
beforeEach(() => sandbox.control('DELETE', '/settings'));

const account = "EntityDefinitions(LogicalName='account')";
const cast = (type: string) => `${account}/Attributes/Microsoft.Dynamics.CRM.${type}AttributeMetadata`;

describe('Dataverse 27: metadata', () => {
  test('of a table tells its set, keys and change tracking', async () => {
    const { body } = await sandbox.sales(
      `${account}?$select=EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled`,
    );
    expect(body).toMatchObject({
      EntitySetName: 'accounts',
      PrimaryIdAttribute: 'accountid',
      PrimaryNameAttribute: 'name',
      ChangeTrackingEnabled: true,
      IsOptimisticConcurrencyEnabled: true,
    });
    expect(body).not.toHaveProperty('LogicalName');
  });

  test('of tables can be filtered', async () => {
    const { body } = await sandbox.sales(
      'EntityDefinitions?$select=LogicalName,EntitySetName&$filter=ChangeTrackingEnabled eq true',
    );
    const names = rowsOf(body).map((row) => row['LogicalName']);
    expect(names).toContain('transactioncurrency');
    expect(names).not.toContain('organization');
  });

  test('of columns tells lengths, precisions, choices and targets through the casts', async () => {
    const lengths = rowsOf((await sandbox.sales(`${cast('String')}?$select=LogicalName,MaxLength`)).body);
    expect(lengths).toContainEqual(expect.objectContaining({ LogicalName: 'name', MaxLength: 160 }));
    const money = rowsOf((await sandbox.sales(`${cast('Money')}?$select=LogicalName,Precision`)).body);
    expect(money).toContainEqual(expect.objectContaining({ LogicalName: 'creditlimit', Precision: 2 }));
    const lookups = rowsOf((await sandbox.sales(`${cast('Lookup')}?$select=LogicalName,Targets`)).body);
    expect(lookups).toContainEqual(
      expect.objectContaining({ LogicalName: 'ownerid', Targets: ['systemuser', 'team'] }),
    );
    const terms = await sandbox.sales(
      `${account}/Attributes(LogicalName='paymenttermscode')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet`,
    );
    const options = (
      terms.body['OptionSet'] as { Options: { Value: number; Label: { UserLocalizedLabel: { Label: string } } }[] }
    ).Options;
    expect(options.map((one) => [one.Value, one.Label.UserLocalizedLabel.Label])).toContainEqual([2, '2% 10, Net 30']);
  });

  test('of lookups tells the navigation property to bind', async () => {
    const address =
      "EntityDefinitions(LogicalName='contact')/ManyToOneRelationships?$select=ReferencingAttribute,ReferencingEntityNavigationPropertyName,ReferencedEntity";
    expect(rowsOf((await sandbox.sales(address)).body)).toContainEqual(
      expect.objectContaining({
        ReferencingAttribute: 'parentcustomerid',
        ReferencingEntityNavigationPropertyName: 'parentcustomerid_account',
        ReferencedEntity: 'account',
      }),
    );
  });

  test('tells which columns a client may set', async () => {
    const columns = rowsOf(
      (
        await sandbox.sales(
          "EntityDefinitions(LogicalName='transactioncurrency')/Attributes?$select=LogicalName,AttributeType,IsValidForCreate,IsValidForUpdate,RequiredLevel",
        )
      ).body,
    );
    const code = columns.find((row) => row['LogicalName'] === 'isocurrencycode');
    expect(code).toMatchObject({
      AttributeType: 'String',
      IsValidForCreate: true,
      IsValidForUpdate: false,
      RequiredLevel: { Value: 'SystemRequired' },
    });
  });

  test('refuses properties that only a cast has, paging and unknown tables', async () => {
    expect((await sandbox.sales(`${account}/Attributes?$select=LogicalName,MaxLength`)).status).toBe(400);
    expect((await sandbox.sales('EntityDefinitions?$top=1')).status).toBe(400);
    expect((await sandbox.sales("EntityDefinitions(LogicalName='nosuch')")).status).toBe(404);
  });

  test('lists the alternate keys that the settings define', async () => {
    expect(rowsOf((await sandbox.sales(`${account}/Keys`)).body)).toEqual([]);
    await sandbox.control('POST', '/settings', { SALES: { alternateKeys: ['account:accountnumber'] } });
    const keys = rowsOf(
      (await sandbox.sales(`${account}/Keys?$select=LogicalName,KeyAttributes,EntityKeyIndexStatus`)).body,
    );
    expect(keys).toEqual([
      expect.objectContaining({ KeyAttributes: ['accountnumber'], EntityKeyIndexStatus: 'Active' }),
    ]);
  });
});

describe('Dataverse 23: service protection', () => {
  const enforce = (limits: object) =>
    sandbox.control('POST', '/settings', { SALES: { limits: { enforced: true, ...limits } } });
  beforeEach(() => sandbox.control('POST', '/reset', {}));

  test('refuses requests above the limit with code, text and a wait that grows; nothing is done', async () => {
    await enforce({ requests: 2, windowSeconds: 300 });
    await sandbox.sales('WhoAmI');
    await sandbox.sales('WhoAmI');
    const refused = await sandbox.sales('accounts', { method: 'POST', body: { name: 'Throttled' } });
    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toEqual({
      code: '0x80072322',
      message: 'Number of requests exceeded the limit of 2 over time window of 300 seconds.',
    });
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    const again = await sandbox.sales('WhoAmI');
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThanOrEqual(wait);
    await sandbox.control('DELETE', '/settings');
    expect(rowsOf((await sandbox.sales("accounts?$filter=name eq 'Throttled'")).body)).toEqual([]);
  });

  test('counts each user apart', async () => {
    await enforce({ requests: 1 });
    await sandbox.sales('WhoAmI');
    expect((await sandbox.sales('WhoAmI')).status).toBe(429);
    expect((await sandbox.sales('WhoAmI', { client: 'somebody-else' })).status).toBe(200);
  });

  test('refuses what is too much at once', async () => {
    await enforce({ concurrency: 1 });
    await sandbox.control('POST', '/faults', { path: 'WhoAmI', effect: { kind: 'hang' }, times: 1 });
    const controller = new AbortController();
    const token = await sandbox.token(`${sandbox.url}/.default`);
    const events = await fetch(`${sandbox.url}/control/events`, { signal: controller.signal });
    const hanging = fetch(`${sandbox.dataverse}WhoAmI`, {
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    }).catch(() => undefined);
    await events.body?.getReader().read();
    const refused = await sandbox.sales('WhoAmI');
    controller.abort();
    await hanging;
    expect([refused.status, errorOf(refused).code]).toEqual([429, '0x80072326']);
  });

  test('refuses what took too long together', async () => {
    await enforce({ executionMs: 1 });
    await sandbox.control('POST', '/faults', { path: 'WhoAmI', effect: { kind: 'delay', ms: 20 } });
    await sandbox.sales('WhoAmI');
    expect(errorOf(await sandbox.sales('WhoAmI')).code).toBe('0x80072321');
  });

  test('tells what is left and how much to do at once on every answer', async () => {
    const { headers } = await sandbox.sales('WhoAmI');
    expect(Number(headers.get('x-ms-ratelimit-burst-remaining-xrm-requests'))).toBeLessThan(6_000);
    expect(headers.get('x-ms-ratelimit-time-remaining-xrm-requests')).not.toBeNull();
    expect(headers.get('x-ms-dop-hint')).toBe('4');
  });
});
