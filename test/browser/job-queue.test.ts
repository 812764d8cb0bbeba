import { expect, test } from 'vitest';
import { makeIdleEntry, setStatus, statusOf } from './entries.js';
import { Visitor } from './visitor.js';

test('An entry is put on hold and set Ready from the list, and its line tells', async () => {
  await using _entry = await makeIdleEntry('HELD-IN-LIST');
  await using visitor = await Visitor.open('/entries?search=HELD-IN-LIST');
  const { page } = visitor;
  const row = page.getByRole('row').filter({ hasText: 'HELD-IN-LIST' });
  await row.getByRole('button', { name: 'Put on hold: HELD-IN-LIST' }).click();
  await row.locator('[data-status=ON_HOLD]').waitFor();
  expect(await statusOf('HELD-IN-LIST')).toBe('ON_HOLD');

  await row.getByRole('button', { name: 'Set Ready: HELD-IN-LIST' }).click();
  await row.locator('[data-status=READY]').waitFor();
  expect(await statusOf('HELD-IN-LIST')).toBe('READY');
});

test('What others do is seen without a reload, and without asking again on a timer', async () => {
  await using _entry = await makeIdleEntry('HELD-BY-OTHERS');
  await using visitor = await Visitor.open('/entries?search=HELD-BY-OTHERS');
  const { page } = visitor;
  const row = page.getByRole('row').filter({ hasText: 'HELD-BY-OTHERS' });
  await row.locator('[data-status=READY]').waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await setStatus('HELD-BY-OTHERS', 'ON_HOLD');
  await row.locator('[data-status=ON_HOLD]').waitFor();

  let requests = 0;
  page.on('request', () => (requests += 1));
  const requestsWithin = async (ms: number): Promise<number> => {
    const before = requests;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return requests - before;
  };
  // What jobs change meanwhile is asked for; a page with a timer would never be quiet for so long.
  while ((await requestsWithin(3_000)) > 0);
  await setStatus('HELD-BY-OTHERS', 'READY');
  await row.locator('[data-status=READY]').waitFor();
});

test('Held still, a list shows what it showed, and afterwards what happened meanwhile', async () => {
  await using _entry = await makeIdleEntry('READ-IN-PEACE');
  await using reader = await Visitor.open('/entries?search=READ-IN-PEACE');
  await using other = await Visitor.open('/entries?search=READ-IN-PEACE');
  const rowOf = ({ page }: Visitor) => page.getByRole('row').filter({ hasText: 'READ-IN-PEACE' });
  for (const { page } of [reader, other]) await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await reader.page.getByRole('button', { name: 'Live', exact: true }).click();
  await reader.page.getByRole('button', { name: 'Held still' }).waitFor();
  await rowOf(other).getByRole('button', { name: 'Put on hold: READ-IN-PEACE' }).click();
  await using _another = await makeIdleEntry('READ-IN-PEACE-TOO');
  await other.page.getByText('2 entries', { exact: true }).waitFor();
  await rowOf(other).locator('[data-status=ON_HOLD]').waitFor();
  await rowOf(reader).locator('[data-status=READY]').waitFor();
  await reader.page.getByText('1 entry', { exact: true }).waitFor();
  expect(await reader.violations()).toEqual([]);
  await reader.page.getByRole('button', { name: 'Held still' }).click();
  await rowOf(reader).locator('[data-status=ON_HOLD]').waitFor();
  await reader.page.getByText('2 entries', { exact: true }).waitFor();
});

test('Rows are walked and entries held with keys alone, and ? lists the keys', async () => {
  await using _entry = await makeIdleEntry('ZZ-LAST-ROW');
  await using visitor = await Visitor.open('/');
  const { page } = visitor;
  await visitor.settled();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await page.getByRole('heading', { level: 1, name: 'Job queue entries' }).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'ZZ-LAST-ROW' });
  await row.waitFor();
  await page.keyboard.press('k');
  expect(await page.evaluate('document.activeElement?.textContent')).toBe('ZZ-LAST-ROW');
  await page.keyboard.press('h');
  await row.locator('[data-status=ON_HOLD]').waitFor();
  await row.locator('button[data-key=r]:enabled').waitFor();
  await page.keyboard.press('r');
  await row.locator('[data-status=READY]').waitFor();
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

test('What only saving finds wrong is told in the form, until what was refused is changed', async () => {
  await using visitor = await Visitor.open('/entries/new');
  const { page } = visitor;
  await page.getByLabel('Code', { exact: true }).waitFor();
  // As if somebody made an entry of that code between the look and the press.
  await page.route('**/graphql', async (route) => {
    const { query } = route.request().postDataJSON() as { query: string };
    if (!/query PreviewEntry\b/.test(query)) return route.continue();
    return route.fulfill({ json: { data: { previewJobQueueEntry: [] } } });
  });
  await page.getByLabel('Code', { exact: true }).fill('CUSTOMER');
  await page.getByLabel('Task', { exact: true }).selectOption('AUDIT');
  await page.getByLabel('Connection').selectOption('Sandbox');
  const told = page.getByText(/^code: .*CUSTOMER/);
  await page.waitForResponse((response) => /query PreviewEntry\b/.test(response.request().postData() ?? ''));
  expect(await told.count()).toBe(0);
  await page.getByRole('button', { name: 'Make the entry' }).click();
  await told.waitFor();
  expect(await page.getByLabel('Code', { exact: true }).getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Code', { exact: true }).fill('CUSTOMER-TOO');
  await told.waitFor({ state: 'detached' });
});

test('An entry is made, changed and deleted; the service’s word on the schedule and its next runs are seen while it is typed', async () => {
  await using visitor = await Visitor.open('/entries');
  const { page } = visitor;
  await page.getByRole('link', { name: 'New entry' }).click();
  await page.getByLabel('Code', { exact: true }).fill('NIGHTLY-AUDIT');
  await page.getByLabel('Task', { exact: true }).selectOption('AUDIT');
  await page.getByLabel('Connection').selectOption('Sandbox');
  await page.getByLabel('Minutes between runs').fill('0');
  await page.getByLabel('Time zone').fill('Europe/Copenhagen');

  await page.getByLabel('From (HH:MM:SS)').fill('25:00:00');
  await page.getByText('expected a time of day such as 08:30:00, got "25:00:00"').waitFor();
  await page.getByLabel('From (HH:MM:SS)').fill('02:30:00');
  const runs = page.getByRole('region', { name: 'Next runs' });
  await expect.poll(() => runs.getByRole('listitem').count()).toBe(10);
  const [first] = (await runs.locator('time').all()).slice(0, 1);
  expect(await first?.getAttribute('title')).toMatch(/ 0[01]:30:00 UTC$/);
  expect(await visitor.violations()).toEqual([]);

  // What is no part of the schedule is judged by the service as it is typed, too, and nothing moves.
  const button = page.getByRole('button', { name: 'Make the entry' });
  const before = await button.boundingBox();
  await page.getByLabel('Retries', { exact: true }).fill('11');
  await page.getByText('maximumRetries: expected 0 to 10, got 11').waitFor();
  await page.getByLabel('Seconds before a retry').fill('9999');
  await page.getByText('rerunDelaySeconds: expected 0 to 3600, got 9999').waitFor();
  expect(await button.boundingBox()).toEqual(before);
  await page.getByLabel('Retries', { exact: true }).fill('2');
  await page.getByLabel('Seconds before a retry').fill('30');
  await page.getByLabel('Code', { exact: true }).fill('CUSTOMER');
  await page.getByText(/^code: .*CUSTOMER/).waitFor();
  await page.getByLabel('Code', { exact: true }).fill('NIGHTLY-AUDIT');
  await page.getByRole('button', { name: 'Make the entry' }).click();
  await page.getByRole('heading', { level: 1, name: 'NIGHTLY-AUDIT' }).waitFor();
  await page.getByText('daily at 02:30 Europe/Copenhagen').waitFor();

  await page.getByRole('button', { name: 'Change' }).click();
  expect(await visitor.violations()).toEqual([]);
  await page.getByLabel('Time limit in seconds').fill('0');
  await page.getByText('timeoutSeconds: expected 1 to').waitFor();
  await page.getByLabel('Time limit in seconds').fill('');
  await page.getByRole('checkbox', { name: 'Sun' }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Mon–Sat at 02:30 Europe/Copenhagen').waitFor();
  expect(await statusOf('NIGHTLY-AUDIT')).toBe('ON_HOLD');

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { level: 1, name: 'Job queue entries' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'CUSTOMER' }).waitFor();
  expect(await page.getByRole('row').filter({ hasText: 'NIGHTLY-AUDIT' }).count()).toBe(0);
});
