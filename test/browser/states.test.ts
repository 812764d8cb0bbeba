import { describe, expect, test } from 'vitest';
import { startEmpty } from './another-process.js';
import { addressOf, emptyPages, listPages, newPages, objectPages } from './pages.js';
import { tokenOf, Visitor } from './visitor.js';

/** What a page without anything says. */
const emptyWords: Readonly<Record<string, string>> = {
  overview: 'No connection is enabled yet',
  'job queue entries': 'The job queue is empty',
  'the log': 'Nothing has run yet',
  couplings: 'No record is coupled yet',
  'errors by cause': 'No record failed',
  mappings: 'There is no mapping',
  'full synchronizations': 'None has run yet',
  connections: 'There is no connection yet',
  'API tokens': 'There is no token',
  'the audit': 'Nobody has changed anything yet',
  'a new entry': 'There is no connection yet',
  'a new mapping': 'There is no connection yet',
};

const allPages = [...listPages, ...objectPages, ...newPages, ...emptyPages];

/** axe finds nothing, in both themes: only colours differ in the dark. */
async function expectAccessible(visitor: Visitor, state: string, within = 'html'): Promise<void> {
  await visitor.page.emulateMedia({ colorScheme: 'light' });
  expect(await visitor.violations(undefined, within), state).toEqual([]);
  await visitor.page.emulateMedia({ colorScheme: 'dark' });
  expect(await visitor.violations(['color-contrast'], within), `${state}, dark`).toEqual([]);
}

describe('While nothing comes, when something fails, and when it is there', () => {
  const MOST_PRESSES = 5;

  test.concurrent.each([...listPages, ...objectPages])('$name tells so, and is accessible', async (dashboardPage) => {
    const path = await addressOf(dashboardPage);
    await using visitor = await Visitor.open('/nowhere');
    const { page } = visitor;
    await visitor.settled();
    let answer: 'never' | 'error' | 'real' = 'never';
    await page.route('**/graphql', async (route) => {
      if (answer === 'never') return undefined;
      if (answer === 'real') return route.continue();
      const error = { message: 'The database does not answer.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
      return route.fulfill({ json: { errors: [error] } });
    });
    // Without a reload, so that the page is signed in and nothing but its own questions meets the trouble.
    await visitor.walkTo(path);
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    await expectAccessible(visitor, 'loading', 'main');

    answer = 'error';
    await visitor.walkTo('/nowhere');
    await visitor.walkTo(path);
    await page.getByRole('alert').getByText('The database does not answer.').first().waitFor();
    await expectAccessible(visitor, 'error', 'main');

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
    await expectAccessible(visitor, 'there');
    expect(visitor.complaints).toEqual([]);
  });
});

test.concurrent.each([...newPages, ...emptyPages])('$name is accessible', async (page) => {
  await using visitor = await Visitor.open(await addressOf(page));
  await visitor.settled();
  await expectAccessible(visitor, page.name);
  expect(visitor.complaints).toEqual([]);
});

test('The sign-in page is accessible', async () => {
  await using visitor = await Visitor.open('/', { token: null });
  await visitor.page.getByLabel('Token').waitFor();
  await expectAccessible(visitor, 'sign-in');
});

test('Before there is anything every page says so, and what would bring something', async () => {
  await using service = await startEmpty('states');
  await using visitor = await Visitor.open('/nowhere', { url: service.url });
  for (const page of [...listPages, ...newPages]) {
    await visitor.walkTo(await addressOf(page));
    await visitor.settled();
    await expectAccessible(visitor, page.name, 'main');
    const failures = visitor.page.getByRole('alert').filter({ hasText: /./ });
    expect(await failures.count(), page.name).toBe(0);
    const hint = emptyWords[page.name];
    if (hint) await visitor.page.getByText(hint).first().waitFor();
  }
  expect(visitor.complaints).toEqual([]);
});

test('Whoever may not see a page is told so there, and nothing asks for more than the role', async () => {
  await using visitor = await Visitor.open('/', { token: await tokenOf('MONITOR') });
  for (const page of allPages) {
    await visitor.walkTo(await addressOf(page));
    await visitor.settled();
    const told = visitor.page.getByText('Not for this role');
    expect(await told.count(), page.name).toBe(page.role === 'MONITOR' ? 0 : 1);
    expect(await visitor.page.getByText('That did not work').count(), page.name).toBe(0);
    if (page.role !== 'MONITOR') await expectAccessible(visitor, page.name, 'main');
  }
  expect(visitor.complaints).toEqual([]);
});
