import { expect, test } from 'vitest';
import { listPages } from './list-pages.js';
import { Visitor } from './visitor.js';

const MOST_PRESSES = 5;

test.each(listPages)(
  '%s says so while it loads and when it fails, and goes on when it is asked again',
  async (path) => {
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
    // A change of something else may have asked again meanwhile: then there is nothing left to press.
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    for (let presses = 0; presses < MOST_PRESSES && (await again.count()) > 0; presses += 1) {
      await again
        .last()
        .click({ timeout: 5_000 })
        .catch(() => undefined);
      await visitor.settled();
    }
    await visitor.settled();
    await page.getByText('The database does not answer.').waitFor({ state: 'detached' });
  },
);
