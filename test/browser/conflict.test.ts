import { expect, test } from 'vitest';
import { Person } from '../support/person.js';
import { holdMapping, idOfEntry } from './entries.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

test('A conflict that two people made is settled by field, and both systems have the chosen value', async () => {
  const person = new Person(dashboard.sandboxUrl);
  const { couplings } = await ask(
    '{ couplings(first: 1, filter: { mapping: ["CUSTOMER"], state: [COUPLED] }) { edges { node { id title businessId salesId } } } }',
  );
  const pair = couplings.edges[0].node;
  // A run between the two changes would carry the first one over.
  await using _held = await holdMapping('CUSTOMER');
  await person.update('BUSINESS', 'customers', pair.businessId, { city: 'Bergen' });
  await person.update('SALES', 'accounts', pair.salesId, { address1_city: 'Odense' });

  await using visitor = await Visitor.open('/mappings?search=CUSTOMER');
  const { page } = visitor;
  await page.getByRole('link', { name: 'CUSTOMER', exact: true }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\//);

  // The pair becomes a conflict in the list by itself once the run has seen it.
  await visitor.goTo(`/couplings?mapping=CUSTOMER&state=CONFLICT&search=${encodeURIComponent(pair.businessId)}`);
  await page.getByRole('link', { name: pair.title }).click();
  const settle = page.getByRole('region', { name: 'Settle the conflict' });
  await settle.getByRole('radio', { name: /Dataverse.*Odense/ }).check();
  await settle.getByRole('button', { name: 'Settle' }).click();
  await page.getByText('Settled: both systems have the values now.').waitFor();
  await page.locator('[data-status=COUPLED]').first().waitFor();

  const customers = await person.rows('BUSINESS', 'customers');
  expect(customers.find(({ id }) => id === pair.businessId)).toMatchObject({ city: 'Odense' });
  const history = page.getByRole('table', { name: 'History of writes' });
  await history.getByText('Odense').first().waitFor();
});

const failed =
  '{ couplings(first: 1, filter: { state: [FAILED, SKIPPED], errorCode: ["UNIT_GROUP_UNITS"] }) { edges { node { id mapping { name jobQueueEntry { code } } } } } }';

/** The pair that cannot be written, once it has failed: a test before may have put it back. */
async function failedPair(): Promise<Record<string, any>> {
  await expect.poll(async () => (await ask(failed)).couplings.edges.length).toBe(1);
  return (await ask(failed)).couplings.edges[0].node;
}

test('Errors of one cause are put back as a group from the list of causes', async () => {
  const { mapping } = await failedPair();
  await using _held = await holdMapping(mapping.name);
  await using visitor = await Visitor.open('/errors');
  const { page } = visitor;
  const group = page.getByRole('listitem').filter({ hasText: 'UNIT_GROUP_UNITS' });
  await group.getByRole('button', { name: 'Try again' }).click();
  await group.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/1 put back/).waitFor();
});

test('All pairs that match a filter are put back at once, also those not on screen', async () => {
  const tooLong = async (): Promise<number> =>
    (await ask('{ couplings(filter: { mapping: ["CUSTOMER"], errorCode: ["TOO_LONG"] }) { totalCount } }')).couplings
      .totalCount;
  await expect.poll(tooLong).toBe(2);
  await using _held = await holdMapping('CUSTOMER');
  await using visitor = await Visitor.open('/couplings?mapping=CUSTOMER&errorCode=TOO_LONG');
  const { page } = visitor;
  const all = page.getByRole('group', { name: 'All matches' });
  await all.getByText('All 2 pairs that match:').waitFor();
  await all.getByRole('button', { name: 'Try again' }).click();
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/^2 put back/).waitFor();
  await page.getByText('No pair matches the filter').waitFor();
});

test('A pair that was given up is put back from its page, and the next run takes it up', async () => {
  const { id, mapping } = await failedPair();
  await using _held = await holdMapping(mapping.name);
  await using visitor = await Visitor.open(`/couplings/${id}`);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('The next run tries it again.').waitFor();
  const state = page.getByRole('region', { name: 'State' });
  await state.locator('[data-status=PENDING]').waitFor();
  const tries = state.getByText('Tries in a row').locator('..');
  await tries.getByText('0', { exact: true }).waitFor();

  const { runJobQueueEntryOnce } = await ask(
    'mutation($id: ID!) { runJobQueueEntryOnce(input: { id: $id }) { run { id } userErrors { message } } }',
    { id: await idOfEntry(mapping.jobQueueEntry.code) },
  );
  // Nobody has mended the record meanwhile: the run tries it, and tells the reason again.
  await state.locator('[data-status=PENDING]').waitFor({ state: 'detached' });
  await tries.getByText('1', { exact: true }).waitFor();
  const { node } = await ask('query($id: ID!) { node(id: $id) { ... on Coupling { lastSynchJob { run { id } } } } }', {
    id,
  });
  expect(node.lastSynchJob.run.id).toBe(runJobQueueEntryOnce.run.id);
});
