import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Row, Tandem } from '../../support/tandem.js';

describe('what the default setup does beyond copying fields', () => {
  let tandem: Tandem;
  let knownCurrencies: ReadonlySet<unknown>;

  beforeAll(async () => {
    tandem = await Tandem.open();
    const [organization] = await tandem.salesRows('organizations');
    await tandem.control('POST', '/edit', {
      system: 'SALES',
      entitySet: 'organizations',
      action: 'update',
      id: organization?.organizationid,
      values: { currencydecimalprecision: 3 },
    });
    knownCurrencies = new Set((await tandem.salesRows('transactioncurrencies')).map(idOf));
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('a new transaction currency has the decimals that the organization is set to', async () => {
    const made = (await tandem.salesRows('transactioncurrencies')).filter((row) => !knownCurrencies.has(idOf(row)));
    expect(made.length).toBeGreaterThan(3);
    expect(new Set(made.map(({ currencyprecision }) => currencyprecision))).toEqual(new Set([3]));
  });

  test('an account that becomes inactive is outside the filter, and its customer stays as it is', async () => {
    const [pair] = await customers();
    await deactivate(pair);
    await tandem.runOnce('CUSTOMER');
    expect(await blocked(pair)).toBe('_x0020_');
    expect(await stateOf(pair)).toEqual({ state: 'SKIPPED', error: { code: 'OUTSIDE_FILTER' } });
  });

  test('where the filter takes inactive accounts too, the customer of one is blocked, and stays so when it is active again', async () => {
    await filterBy([], [{ field: 'customertypecode', expression: 'Customer' }]);
    const [, pair] = await customers();
    await deactivate(pair);
    await tandem.runOnce('CUSTOMER');
    expect(await blocked(pair)).toBe('All');
    expect(await stateOf(pair)).toEqual({ state: 'COUPLED', error: null });
    await tandem.editAsPerson('SALES', 'accounts', String(pair?.salesId), { statecode: 0, statuscode: 1 });
    await tandem.runOnce('CUSTOMER');
    expect(await blocked(pair)).toBe('All');
    expect(await stateOf(pair)).toEqual({ state: 'COUPLED', error: null });
  });

  test('a customer that is blocked for another reason stays so when its account becomes inactive', async () => {
    const [, , pair] = await customers();
    await tandem.editAsPerson('BUSINESS', 'customers', String(pair?.businessId), { blocked: 'Ship' });
    await deactivate(pair);
    await tandem.runOnce('CUSTOMER');
    expect(await blocked(pair)).toBe('Ship');
    expect(await stateOf(pair)).toEqual({ state: 'COUPLED', error: null });
    await tandem.control('DELETE', '/requests');
    await tandem.runOnce('CUSTOMER');
    expect(await tandem.writeRequests()).toBe(0);
  });

  const customers = (): Promise<Record<string, any>[]> =>
    tandem.all('couplings', 'businessId salesId', 'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }');

  const deactivate = (pair: Row | undefined): Promise<void> =>
    tandem.editAsPerson('SALES', 'accounts', String(pair?.['salesId']), { statecode: 1, statuscode: 2 });

  const blocked = async (pair: Row | undefined): Promise<unknown> =>
    (await tandem.businessRows('customers')).find(({ id }) => id === pair?.['businessId'])?.['blocked'];

  async function stateOf(pair: Row | undefined): Promise<Row | undefined> {
    const [coupling] = await tandem.all(
      'couplings',
      'state error { code }',
      `filter: { mapping: ["CUSTOMER"], businessId: "${String(pair?.['businessId'])}" }`,
    );
    return coupling;
  }

  async function filterBy(tableFilter: readonly Row[], integrationTableFilter: readonly Row[]): Promise<void> {
    const { integrationTableMapping } = await tandem.ask('{ integrationTableMapping(name: "CUSTOMER") { id } }');
    const { updateIntegrationTableMapping } = await tandem.ask(
      'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { userErrors { message } } }',
      { input: { id: integrationTableMapping.id, tableFilter, integrationTableFilter } },
    );
    expect(updateIntegrationTableMapping.userErrors).toEqual([]);
  }
});

const idOf = ({ transactioncurrencyid }: Row): unknown => transactioncurrencyid;
