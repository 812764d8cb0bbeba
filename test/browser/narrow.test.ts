import { expect, test } from 'vitest';
import { makeIdleEntry, statusOf } from './entries.js';
import { addressOf, listPages, newPages, objectPages } from './pages.js';
import { Visitor } from './visitor.js';

test.each([390, 1280])('No page is wider than a screen of %d pixels', async (width) => {
  await using visitor = await Visitor.open('/', { width });
  const { page } = visitor;
  for (const one of [...listPages, ...objectPages, ...newPages]) {
    const path = await addressOf(one);
    await visitor.goTo(path);
    await visitor.settled();
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), path).toBeLessThanOrEqual(
      0,
    );
  }
});

test('On a telephone an entry is put on hold from its row', async () => {
  await using _entry = await makeIdleEntry('HELD-ON-A-PHONE');
  await using visitor = await Visitor.open('/entries?search=HELD-ON-A-PHONE', { width: 390 });
  const { page } = visitor;
  const row = page.getByRole('row').filter({ hasText: 'HELD-ON-A-PHONE' });
  await row.getByRole('button', { name: 'Put on hold: HELD-ON-A-PHONE' }).click();
  await row.locator('[data-status=ON_HOLD]').waitFor();
  await row.getByRole('button', { name: 'Set Ready: HELD-ON-A-PHONE' }).click();
  await row.locator('[data-status=READY]').waitFor();
});

test('All entries that match a filter are put on hold with the keyboard alone', async () => {
  await using _one = await makeIdleEntry('BULK-ONE');
  await using _other = await makeIdleEntry('BULK-OTHER');
  await using visitor = await Visitor.open('/entries?search=BULK');
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
  await page.getByText('2 changed.').waitFor();
  await page.locator('[data-row] [data-status=ON_HOLD]').nth(1).waitFor();
  expect([await statusOf('BULK-ONE'), await statusOf('BULK-OTHER')]).toEqual(['ON_HOLD', 'ON_HOLD']);
});
