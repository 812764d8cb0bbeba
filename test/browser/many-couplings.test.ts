import { expect, test } from 'vitest';
import { ask, Visitor } from './visitor.js';

const TOTAL = 100_000;
const PAGE = 100;
const pageOf = (from: number) => ({
  data: {
    couplings: {
      __typename: 'CouplingConnection',
      edges: Array.from({ length: Math.min(PAGE, TOTAL - from) }, (_, index) => ({
        __typename: 'CouplingEdge',
        node: {
          __typename: 'Coupling',
          id: `c${from + index}`,
          title: `Record ${from + index}`,
          state: 'COUPLED',
          stateSince: '2026-01-05T10:00:00.000Z',
          businessId: `b${from + index}`,
          salesId: `s${from + index}`,
          lastSynchedAt: '2026-01-05T10:00:00.000Z',
          lastResult: 'UNCHANGED',
          attempts: 0,
          nextAttemptAt: null,
          revision: 1,
          mapping: { __typename: 'IntegrationTableMapping', id: 'm', name: 'CUSTOMER' },
          error: null,
        },
      })),
      pageInfo: {
        __typename: 'PageInfo',
        hasNextPage: from + PAGE < TOTAL,
        endCursor: String(from + PAGE),
        hasPreviousPage: from > 0,
        startCursor: String(from),
      },
      totalCount: TOTAL,
      totalCountPrecision: 'EXACT',
    },
  },
});

test('A hundred thousand couplings are scrolled from end to end with some dozens of rows in the page', async () => {
  await using visitor = await Visitor.open('/nowhere');
  const { page } = visitor;
  // The service's part is tested with real records; this is about the page: its answers come at once.
  let pagesAsked = 0;
  await page.route('**/graphql', async (route) => {
    const { query, variables } = route.request().postDataJSON() as {
      query: string;
      variables: { after?: string | null; last?: number; before?: string | null };
    };
    if (!/query Couplings\b/.test(query)) return route.continue();
    pagesAsked += 1;
    const from = variables.last === undefined ? Number(variables.after ?? 0) : Number(variables.before ?? TOTAL) - PAGE;
    return route.fulfill({ json: pageOf(from) });
  });
  await page.getByRole('link', { name: 'Couplings' }).click();
  await page.getByText('100,000 pairs of records').waitFor();
  const rows = page.locator('[data-row]');
  await page.getByRole('link', { name: 'Record 0', exact: true }).waitFor();
  expect(await rows.count()).toBeLessThan(80);

  const scrolled = await page.evaluate<{ readonly medianMs: number; readonly rows: number }>(`
    new Promise((resolve) => {
      const frames = [];
      let rows = 0, before = performance.now();
      const step = (now) => {
        frames.push(now - before);
        before = now;
        rows = Math.max(rows, document.querySelectorAll('[data-row]').length);
        window.scrollBy(0, 400);
        if (frames.length < 120) requestAnimationFrame(step);
        else resolve({ medianMs: frames.sort((one, other) => one - other)[60], rows });
      };
      requestAnimationFrame(step);
    })
  `);
  expect(scrolled.rows).toBeLessThan(80);
  // Without a graphics card, beside other tests: on an idle machine it is about 17 ms.
  expect(scrolled.medianMs).toBeLessThan(70);
  // The end is one key and few pages of a thousand away, and what is before it is read from there.
  const before = pagesAsked;
  await page.keyboard.press('End');
  await page.getByRole('link', { name: 'Record 99999', exact: true }).waitFor();
  expect(pagesAsked - before).toBeLessThan(20);
  await page.mouse.move(600, 400);
  for (let turns = 0; turns < 5; turns += 1) await page.mouse.wheel(0, -2_000);
  await page.getByRole('link', { name: 'Record 99740', exact: true }).waitFor();
  // So is any other place: what is nearest to it is read on.
  await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight * 0.98)');
  await page
    .getByRole('link', { name: /^Record 98\d\d\d$/ })
    .first()
    .waitFor();
  expect(await rows.count()).toBeLessThan(80);
  await page.keyboard.press('Home');
  await page.getByRole('link', { name: 'Record 0', exact: true }).waitFor();
});

test('The last pair of all is one key away from the first', async () => {
  const { couplings } = await ask('{ couplings(last: 1) { edges { node { title } } } }');
  await using visitor = await Visitor.open('/couplings');
  const { page } = visitor;
  await visitor.settled();
  let asked = 0;
  page.on('request', (request) => (asked += /query Couplings\b/.test(request.postData() ?? '') ? 1 : 0));
  await page.keyboard.press('End');
  const last = page.locator('[data-row]').last();
  await last.getByRole('link', { name: couplings.edges[0].node.title, exact: true }).waitFor();
  // From the front it would be all eight.
  expect(asked).toBeLessThan(6);
  await page.keyboard.press('k');
  expect(await page.evaluate('document.activeElement?.textContent')).toBe(couplings.edges[0].node.title);
});
