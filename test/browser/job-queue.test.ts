import { expect, test } from 'vitest';
import { ask, Visitor } from './visitor.js';

const statusOf = async (code: string): Promise<string> =>
  (await ask('query($code: String!) { jobQueueEntry(code: $code) { status } }', { code })).jobQueueEntry.status;

test('An entry is put on hold and set Ready from the list, and its line tells', async () => {
  await using visitor = await Visitor.open('/entries?search=SALESPEOPLE');
  const { page } = visitor;
  const row = page.getByRole('row').filter({ hasText: 'SALESPEOPLE' });
  await row.getByRole('button', { name: 'Put on hold: SALESPEOPLE' }).click();
  await row.getByText('On hold').waitFor();
  expect(await statusOf('SALESPEOPLE')).toBe('ON_HOLD');

  await row.getByRole('button', { name: 'Set Ready: SALESPEOPLE' }).click();
  await row.locator('[data-status=ON_HOLD]').waitFor({ state: 'detached' });
  expect(await statusOf('SALESPEOPLE')).not.toBe('ON_HOLD');
});

test('What others do is seen without a reload, and without asking again on a timer', async () => {
  await using visitor = await Visitor.open('/entries?search=CURRENCY');
  const { page } = visitor;
  const row = page.getByRole('row').filter({ hasText: 'CURRENCY' });
  await row.getByText('Ready').waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  const { jobQueueEntry } = await ask('{ jobQueueEntry(code: "CURRENCY") { id } }');
  const set =
    'mutation($input: SetJobQueueEntryStatusInput!) { setJobQueueEntryStatus(input: $input) { userErrors { message } } }';
  await ask(set, { input: { id: jobQueueEntry.id, status: 'ON_HOLD' } });
  await row.getByText('On hold').waitFor();

  let requests = 0;
  page.on('request', () => (requests += 1));
  const requestsWithin = async (ms: number): Promise<number> => {
    const before = requests;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return requests - before;
  };
  while ((await requestsWithin(1_000)) > 0);
  expect(await requestsWithin(3_000)).toBe(0);
  await ask(set, { input: { id: jobQueueEntry.id, status: 'READY' } });
  await row.locator('[data-status=ON_HOLD]').waitFor({ state: 'detached' });
});

test('Rows are walked and entries held with keys alone, and ? lists the keys', async () => {
  await using visitor = await Visitor.open('/');
  const { page } = visitor;
  await visitor.settled();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await page.getByRole('heading', { level: 1, name: 'Job queue entries' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'UNITOFMEASURE' }).waitFor();
  await page.keyboard.press('k');
  expect(await page.evaluate('document.activeElement?.textContent')).toBe('UNITOFMEASURE');
  await page.keyboard.press('h');
  const row = page.getByRole('row').filter({ hasText: 'UNITOFMEASURE' });
  await row.getByText('On hold').waitFor();
  await row.locator('button[data-key=r]:enabled').waitFor();
  await page.keyboard.press('r');
  await row.locator('[data-status=ON_HOLD]').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Put the row on hold').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('A filter stands in the address, and an address opens with its filter', async () => {
  await using visitor = await Visitor.open('/entries');
  const { page } = visitor;
  await page.getByRole('button', { name: /^On hold/ }).click();
  await page.waitForURL(/status=ON_HOLD/);
  await page.reload();
  expect(await page.getByRole('button', { name: /^On hold/ }).getAttribute('aria-pressed')).toBe('true');
});
