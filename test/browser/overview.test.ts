import { expect, test } from 'vitest';
import { holdMapping } from './entries.js';
import { ask, Visitor } from './visitor.js';

const standing = `{
  connectionSetups(first: 1) { edges { node { name drift { couplings inStep pending waiting conflicts failed skipped broken } } } }
  workers(first: 1) { edges { node { host processId } } }
  jobQueueEntryCounts { status count }
}`;

const number = (count: number): string => count.toLocaleString('en-US');

test('The overview tells how both systems agree, what their limits leave, who works and what runs next', async () => {
  await using visitor = await Visitor.open('/');
  const { page } = visitor;
  const agreement = page.getByRole('region', { name: 'Agreement of both systems' });
  // Jobs run meanwhile: what the page shows is compared with what the service says at that moment.
  await expect
    .poll(async () => {
      const { drift } = (await ask(standing)).connectionSetups.edges[0].node;
      const words = [
        `${number(drift.inStep)} of ${number(drift.couplings)} pairs in step`,
        ...['pending', 'waiting', 'failed', 'skipped', 'broken'].map((state) => `${number(drift[state])} ${state}`),
        `${number(drift.conflicts)} in conflict`,
      ];
      const shown = (await agreement.innerText()).replace(/\s+/g, ' ');
      return words.filter((part) => !shown.includes(part));
    })
    .toEqual([]);
  const limits = page.getByRole('region', { name: 'Limits and workers' });
  for (const system of ['Business Central', 'Dataverse'])
    await limits
      .getByRole('listitem')
      .filter({ hasText: system })
      .getByText(/\d+ of 6,000 requests in 5 min/)
      .waitFor();
  const { host, processId } = (await ask(standing)).workers.edges[0].node;
  await limits.getByText(`${host}:${processId}`).locator('..').getByText('alive').waitFor();
  const next = page.getByRole('list', { name: 'Next runs' });
  await next.getByRole('link', { name: 'CUSTOMER', exact: true }).waitFor();
  for (const chart of [/^Runs by result: /, /^Records per minute: /, /^Longest lag of a change: /])
    await page.getByRole('img', { name: chart }).waitFor();
  // The runs of the first synchronization are on the timeline, each leading to its page.
  await page.getByRole('link', { name: /^FULL_SYNCH#1: Success in/ }).click();
  await page.getByRole('heading', { level: 1, name: 'FULL_SYNCH#1' }).waitFor();
});

const tooLong =
  '{ couplings(first: 1, filter: { mapping: ["CUSTOMER"], state: [FAILED, SKIPPED], errorCode: ["TOO_LONG"] }) { edges { node { id } } } }';

test('A pair that somebody puts back is pending on the overview at once, and its mapping is behind', async () => {
  const failed = async (): Promise<string | undefined> => (await ask(tooLong)).couplings.edges[0]?.node.id;
  // Another test may have put it back: its next run fails again.
  await expect.poll(failed).toBeDefined();
  await using _held = await holdMapping('CUSTOMER');
  await using visitor = await Visitor.open('/');
  const { page } = visitor;
  const pending = page
    .getByRole('region', { name: 'Agreement of both systems' })
    .getByRole('link', { name: /^\d+ pending$/ });
  await pending.waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  const { restoreCouplings } = await ask(
    'mutation($ids: [ID!]) { restoreCouplings(input: { ids: $ids }) { changedCount userErrors { message } } }',
    { ids: [await failed()] },
  );
  expect(restoreCouplings).toEqual({ changedCount: 1, userErrors: [] });
  await expect.poll(() => pending.textContent()).toMatch(/^[1-9]/);
  const lag = page.getByRole('figure', { name: 'Lag by mapping now' });
  await lag.getByRole('link', { name: 'CUSTOMER', exact: true }).waitFor();
  await pending.click();
  await page.getByRole('row').filter({ hasText: 'CUSTOMER' }).locator('[data-status=PENDING]').first().waitFor();
});
