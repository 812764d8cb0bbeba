import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tandem } from '../../support/tandem.js';

/** Every operation of the guide, in its order, by the number of its step. */
const steps = (() => {
  const found = new Map<number, string[]>();
  const guide = readFileSync('docs/your-own-systems.md', 'utf8');
  for (const [, number, text = ''] of guide.matchAll(/^## (\d+)\.(.*?)(?=^## \d|(?![\s\S]))/gms)) {
    const operations = [...text.matchAll(/^```graphql\n(.*?)^```/gms)].map(([, source = '']) => source);
    found.set(Number(number), operations);
  }
  return found;
})();

function operation(step: number, at = 0): string {
  const found = steps.get(step)?.[at];
  if (found === undefined) throw new Error(`step ${step} of the guide has no operation ${at}`);
  return found;
}

/** Tables of both systems that the default mappings may write. */
const sets = {
  BUSINESS: [
    'customers',
    'contacts',
    'items',
    'resources',
    'currencies',
    'salesPrices',
    'customerPriceGroups',
    'paymentTerms',
    'shipmentMethods',
    'shippingAgents',
  ],
  SALES: ['accounts', 'contacts', 'products', 'pricelevels', 'productpricelevels', 'uomschedules', 'uoms'],
} as const;

/** What the guide itself says to fill in on the sandbox. */
const onTheSandbox = [...readFileSync('docs/your-own-systems.md', 'utf8').matchAll(/^\| `(.+?)` \| `(.+?)` \|$/gm)].map(
  ([, own = '', there = '']) => [own, there] as const,
);

const flavours = [
  { name: 'Business Central', create: 0, narrow: 0 },
  { name: 'Dynamics NAV 2018', create: 1, narrow: 1 },
] as const;

/** An operation with what it has of the words that are to be filled in. */
const filledIn = (source: string, sandboxUrl: string): string =>
  onTheSandbox.reduce(
    (text, [own, there]) => text.replaceAll(own, there.replace('http://127.0.0.1:4010', sandboxUrl)),
    source,
  );

describe.each(flavours)('the guide, followed word for word with $name', ({ create, narrow }) => {
  let tandem: Tandem;
  let id: string;
  let before: string;

  /** Ids and versions of everything that could be written. */
  async function everything(): Promise<string> {
    const versions: string[] = [];
    for (const set of sets.BUSINESS)
      for (const row of await tandem.businessRows(set))
        versions.push(`${set} ${String(row['id'])} ${String(row['@odata.etag'])}`);
    for (const set of sets.SALES)
      for (const row of await tandem.salesRows(set)) versions.push(`${set} ${String(row['@odata.etag'])}`);
    return versions.toSorted().join('\n');
  }

  /** Sends an operation of the guide; nothing of it may be refused. */
  async function follow(step: number, variables: object = {}, at = 0) {
    const data = await tandem.ask(filledIn(operation(step, at), tandem.sandboxUrl), { ...variables });
    for (const part of Object.values(data)) expect(part?.userErrors ?? []).toEqual([]);
    return data;
  }

  const mapping = async (name: string): Promise<{ id: string; revision: number }> => {
    const { integrationTableMappings } = await follow(7);
    return integrationTableMappings.edges
      .map((edge: { node: { name: string } }) => edge.node)
      .find((node: { name: string }) => node.name === name);
  };

  beforeAll(async () => {
    expect(readFileSync('docs/your-own-systems.md', 'utf8')).toMatch(/SANDBOX=off .*npm start/);
    tandem = await Tandem.open({ SANDBOX: 'off' });
    before = await everything();
    await tandem.start();
  }, 60_000);
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('creates, tests and explores the connection, disabled, with nothing written', async () => {
    expect(onTheSandbox).toHaveLength(8);
    const { createConnectionSetup } = await follow(2, {}, create);
    ({ id } = createConnectionSetup.connectionSetup);
    expect(createConnectionSetup.connectionSetup.enabled).toBe(false);
    const { testConnection } = await follow(3, { id });
    expect(JSON.stringify(testConnection)).not.toContain('"ok":false');
    const tables = await follow(4, { id });
    expect(tables['business'].length).toBeGreaterThan(5);
    expect(tables['sales'].map(({ name }: { name: string }) => name)).toEqual(['accounts', 'contacts', 'products']);
    const { node } = await follow(5, { id });
    expect(node.defaultSetup.length).toBeGreaterThan(5);
  });

  test('makes the default setup and changes two mappings, with nothing enabled', async () => {
    const { useDefaultSynchronizationSetup } = await follow(6, { id });
    expect(useDefaultSynchronizationSetup.connectionSetup.enabled).toBe(false);
    const customer = await mapping('CUSTOMER');
    const narrowed = await follow(8, { id: customer.id, revision: customer.revision }, narrow);
    expect(narrowed['updateIntegrationTableMapping'].integrationTableMapping.revision).toBe(customer.revision + 1);
    const prices = await mapping('SALESPRC-PRODPRICE');
    const disabled = await follow(9, { id: prices.id, revision: prices.revision });
    expect(disabled['updateIntegrationTableMapping'].integrationTableMapping.enabled).toBe(false);
    expect(await everything()).toBe(before);
  });

  test('plans everything in a dry run that tells what it would do, and writes nothing to either system', async () => {
    await follow(10, { id });
    const { runFullSynchronization } = await follow(10, { id }, 1);
    expect(runFullSynchronization.fullSynchronization.dryRun).toBe(true);
    expect(await tandem.endOf('FULL_SYNCH#1', 120_000)).toBe('FINISHED');
    const { synchJobs } = await follow(10, {}, 2);
    const jobs: Record<string, any>[] = synchJobs.edges.map((edge: { node: object }) => edge.node);
    const customers = jobs.filter(({ mappingName }) => mappingName === 'CUSTOMER');
    expect(customers.reduce((sum, job) => sum + Number(job['inserted']) + Number(job['coupled']), 0)).toBeGreaterThan(
      0,
    );
    const changes = customers.flatMap((job) => job['changes'].edges as { node: Record<string, any> }[]);
    expect(changes.map(({ node }) => node['reason'])).not.toContain('');
    expect(changes.map(({ node }) => node['action'])).toEqual(expect.arrayContaining(['INSERT']));
    // Lists of options belong to no record: they are read and coupled before every full synchronization.
    const couplings = await tandem.all('couplings', 'state mapping { kind }');
    const ofRecords = couplings.filter(({ state, mapping: of }) => state === 'COUPLED' && of.kind !== 'OPTION');
    expect(ofRecords).toEqual([]);
    expect(await everything()).toBe(before);
  }, 150_000);

  test('applies the plan of customers as it was told, and makes the codes that choices of accounts had none for', async () => {
    const { synchJobs } = await follow(10, {}, 2);
    const planned = synchJobs.edges
      .map((edge: { node: Record<string, any> }) => edge.node)
      .filter(({ mappingName }: { mappingName: string }) => mappingName === 'CUSTOMER');
    const synchJobIds = planned.map((job: { id: string }) => job.id);
    const { run } = await tandem.mutate('applyDryRun', 'ApplyDryRunInput', { synchJobIds }, 'run { id code }');
    await tandem.endOf(run.code);
    const { node } = await tandem.ask(
      'query($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { synchJobs { changes(first: 100) { edges { node { outcome reason } } } errors(first: 50) { edges { node { error { code message } } } } } } } }',
      { id: run.id },
    );
    // What a system itself refuses shows only now that it is asked; nothing is refused as another plan than before.
    expect(JSON.stringify(node.synchJobs)).not.toContain('is no longer as it was');
    const codes = (await tandem.businessRows('shippingAgents')).map(({ code }) => code);
    expect(codes).toContain('AIRBORNE');
  }, 150_000);
});
