import { expect, test } from 'vitest';
import { Visitor } from './visitor.js';

const paths = [
  '/',
  '/entries',
  '/runs',
  '/couplings',
  '/errors',
  '/mappings',
  '/rules',
  '/full',
  '/connections',
  '/tokens',
  '/audit',
];

test.each(paths)('%s says so while it loads and when it fails, and goes on when it is asked again', async (path) => {
  await using visitor = await Visitor.open('/nowhere');
  const { page } = visitor;
  await visitor.settled();
  let answer: 'never' | 'error' | 'real' = 'never';
  await page.route('**/graphql', async (route) => {
    if (answer === 'never') return undefined;
    if (answer === 'real') return route.continue();
    return route.fulfill({
      json: { errors: [{ message: 'The database does not answer.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    });
  });
  // Without a reload, so that the page is signed in and nothing but its own questions meets the trouble.
  const open = (): Promise<void> => page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  await open();
  await page.getByRole('status', { name: 'Loading' }).first().waitFor();
  if (path === '/') expect(await visitor.violations(undefined, 'main')).toEqual([]);

  answer = 'error';
  await page.evaluate(`history.pushState(null, '', '/nowhere')`);
  await open();
  await page.getByRole('alert').getByText('The database does not answer.').first().waitFor();
  expect(await visitor.violations(undefined, 'main')).toEqual([]);

  answer = 'real';
  const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
  for (let left = await again.count(); left > 0; left -= 1) {
    await again.last().click();
    await expect.poll(() => again.count()).toBeLessThan(left);
  }
  await visitor.settled();
  await page.getByText('The database does not answer.').waitFor({ state: 'detached' });
});
