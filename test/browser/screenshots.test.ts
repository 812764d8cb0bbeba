import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningService } from '../support/processes.js';
import { startEmpty } from './another-process.js';
import { addressOf, type DashboardPage, emptyPages, listPages, newPages, objectPages } from './pages.js';
import { tokenOf, type VisitOptions, Visitor } from './visitor.js';

// `npm run screenshots`: pictures of every page in every state, for people to look at. Nothing is compared.
const folder = process.env.SCREENSHOTS;
const looks = [
  { width: 1280, theme: 'light' },
  { width: 1280, theme: 'dark' },
  { width: 390, theme: 'light' },
  { width: 390, theme: 'dark' },
] as const;
const never = (): undefined => undefined;
const error = { message: 'The database does not answer.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };

let empty: RunningService;
let monitor: string;

beforeAll(async () => {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  empty = await startEmpty('pictures');
  monitor = await tokenOf('MONITOR');
});
afterAll(() => empty?.stop());

interface State {
  readonly name: string;
  readonly pages: readonly DashboardPage[];
  readonly options?: () => VisitOptions;
  /** What the service answers the page; absent: what it does. */
  readonly answer?: 'NEVER' | 'ERROR';
}

const states: readonly State[] = [
  { name: 'there', pages: [...listPages, ...objectPages, ...newPages, ...emptyPages] },
  { name: 'empty', pages: [...listPages, ...newPages], options: () => ({ url: empty.url }) },
  { name: 'loading', pages: [...listPages, ...objectPages], answer: 'NEVER' },
  { name: 'error', pages: [...listPages, ...objectPages], answer: 'ERROR' },
  { name: 'refused', pages: [...listPages, ...objectPages, ...newPages], options: () => ({ token: monitor }) },
];
const rounds = states.flatMap((state) =>
  looks.map((look) => ({ state, look, title: `${state.name} ${look.width} ${look.theme}` })),
);

test.runIf(folder).each(rounds)('pictures of $title', { timeout: 600_000 }, async ({ state, look }) => {
  await using visitor = await Visitor.open('/nowhere', { ...look, ...state.options?.() });
  await visitor.settled();
  const { page } = visitor;
  if (state.answer === 'NEVER') await page.route('**/graphql', never);
  if (state.answer === 'ERROR') await page.route('**/graphql', (route) => route.fulfill({ json: { errors: [error] } }));
  for (const one of state.pages) {
    await visitor.walkTo(await addressOf(one));
    if (state.answer === undefined) {
      await visitor.settled();
      await page.waitForLoadState('networkidle');
    } else await page.locator('main :is(.outline, [role=alert], form)').first().waitFor();
    const file = `${one.name.replaceAll(' ', '-')}.${state.name}.${look.width}.${look.theme}.png`;
    await page.screenshot({ path: join(folder ?? '', file), fullPage: true, animations: 'disabled' });
  }
  expect(visitor.complaints.filter((line) => !line.includes('Failed to load resource'))).toEqual([]);
});
