import { expect, test } from 'vitest';
import { addressOf, listPages, newPages, objectPages } from './pages.js';
import { ask, Visitor } from './visitor.js';

test('On a telephone no page is wider than the screen, and an entry is put on hold from its row', async () => {
  await using visitor = await Visitor.open('/', { width: 390 });
  const { page } = visitor;
  for (const one of [...listPages, ...objectPages, ...newPages]) {
    const path = await addressOf(one);
    await visitor.goTo(path);
    await visitor.settled();
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), path).toBeLessThanOrEqual(
      0,
    );
  }
  await visitor.goTo('/entries?search=UNITOFMEASURE');
  const row = page.getByRole('row').filter({ hasText: 'UNITOFMEASURE' });
  await row.getByRole('button', { name: 'Put on hold: UNITOFMEASURE' }).click();
  await row.locator('[data-status=ON_HOLD]').waitFor();
  await row.getByRole('button', { name: 'Set Ready: UNITOFMEASURE' }).click();
  await row.locator('[data-status=ON_HOLD]').waitFor({ state: 'detached' });
});

test('All entries that match a filter are put on hold with the keyboard alone', async () => {
  await using visitor = await Visitor.open('/entries?search=SALESPEOPLE');
  const { page } = visitor;
  await page.getByRole('group', { name: 'All matches' }).waitFor();
  const press = async (name: string): Promise<void> => {
    for (let presses = 0; presses < 60; presses += 1) {
      if ((await page.evaluate('document.activeElement?.textContent')) === name) return page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
    }
    throw new Error(`${name} is not reached with Tab`);
  };
  await press('Put on hold');
  await page.getByRole('dialog').waitFor();
  await press('Put on hold');
  await page.locator('[data-row] [data-status=ON_HOLD]').waitFor();
  const { jobQueueEntry } = await ask('{ jobQueueEntry(code: "SALESPEOPLE") { id } }');
  await ask(
    'mutation($id: ID!) { setJobQueueEntryStatus(input: { id: $id, status: READY }) { userErrors { message } } }',
    { id: jobQueueEntry.id },
  );
});
