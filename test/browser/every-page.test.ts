import { expect, test } from 'vitest';
import { makeIdleEntry } from './entries.js';
import { addressOf, listPages, objectPages } from './pages.js';
import { ask, Visitor } from './visitor.js';

/** What a page put into the clipboard: each operation, after its variables in a comment. */
function operationsIn(text: string): { readonly query: string; readonly variables: object }[] {
  return text
    .split(/\n\n(?=# variables: |query )/)
    .map((query) => ({ query, variables: JSON.parse(/^# variables: (.*)$/m.exec(query)?.[1] ?? '{}') as object }));
}

test('What a page asks is copied as GraphQL that anybody can ask, with the variables beside it', async () => {
  await using visitor = await Visitor.open('/nowhere');
  const { page } = visitor;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const one of [...listPages, ...objectPages]) {
    await visitor.walkTo(await addressOf(one));
    await visitor.settled();
    await page.getByRole('button', { name: 'GraphQL', exact: true }).click();
    await page.getByText('The operations of this page are in the clipboard.').first().waitFor();
    const operations = operationsIn(await page.evaluate<string>('navigator.clipboard.readText()'));
    expect(operations.length, one.name).toBeGreaterThan(0);
    // ask() throws where the service does not understand what was copied.
    for (const { query, variables } of operations) expect(await ask(query, variables), one.name).toBeTruthy();
  }
});

test('Dark, light or as the system has it is chosen on any page, and stays chosen', async () => {
  await using visitor = await Visitor.open('/', { theme: 'light' });
  const { page } = visitor;
  const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await ground();
  await page.getByRole('button', { name: 'system', exact: true }).click();
  await page.getByRole('button', { name: 'light', exact: true }).click();
  await page.getByRole('button', { name: 'dark', exact: true }).waitFor();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.getByRole('button', { name: 'dark', exact: true }).waitFor();
  expect(await ground()).toBe(dark);
});

test('Times are those of the viewer, with UTC on hover', async () => {
  await using _entry = await makeIdleEntry('OF-NEXT-CENTURY');
  await using visitor = await Visitor.open('/entries?search=OF-NEXT-CENTURY', { timeZone: 'Asia/Kathmandu' });
  const { page } = visitor;
  await page.getByRole('link', { name: 'OF-NEXT-CENTURY' }).click();
  const notBefore = page.getByText('Not before', { exact: true }).locator('..').locator('time');
  // Five hours and three quarters ahead of UTC.
  expect(await notBefore.textContent()).toMatch(/05:45/);
  expect(await notBefore.getAttribute('title')).toBe('2099-01-01 00:00:00 UTC');
});
