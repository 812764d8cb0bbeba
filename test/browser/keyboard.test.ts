import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { idOfEntry, makeIdleEntry } from './entries.js';
import { addressOf, listPages, newPages, objectPages } from './pages.js';
import { ask, Visitor } from './visitor.js';

// All that can be pressed, chosen or filled in; of radio buttons of one name the chosen or the first one is reached. What is
// pressed is noted and not carried out: the next one is to be reached on the same page.
const mark = (within: string): string => `
  window.left = new Set();
  window.unseen = [];
  window.dead = [];
  window.pressed = null;
  const named = new Set();
  const all = [...document.querySelectorAll('${within} :is(a[href], button, input, select, textarea, summary, [tabindex="0"])')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'))
    .filter((element) => element.type !== 'radio' || (!named.has(element.name) && named.add(element.name)));
  for (const element of all) window.left.add(element);
  window.groupOf = (element) =>
    element.type === 'radio' ? all.find(({ type, name }) => type === 'radio' && name === element.name) : element;
  document.addEventListener('focusin', ({ target }) => {
    const { outlineStyle } = getComputedStyle(target.matches('input[type=file]') ? target.parentElement : target);
    if (outlineStyle === 'none') window.unseen.push(target.outerHTML.slice(0, 160));
  });
  window.addEventListener('click', (event) => {
    window.pressed = event.target;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.querySelector('${within} a[href], ${within} button').focus();
  all.length
`;
/** Which key presses what has the focus, null for what is typed into or scrolled; and how many are left to be reached. */
const look = `(() => {
  const here = document.activeElement;
  window.left.delete(window.groupOf(here));
  const key = here.matches('a[href], button, summary') ? 'Enter'
    // Space chooses a radio button, and an arrow another one than the chosen.
    : here.matches('input[type=radio]:checked') ? 'ArrowDown'
    : here.matches('input[type=checkbox], input[type=radio], input[type=file]') ? 'Space' : null;
  return { key, left: [...window.left].filter((element) => element.isConnected).length };
})()`;
const wasPressed = `
  if (window.pressed === null || !document.activeElement.contains(window.pressed))
    window.dead.push(document.activeElement.outerHTML.slice(0, 160));
  window.pressed = null;
`;
const left = `[...window.left].filter((element) => element.isConnected).map((element) => element.outerHTML.slice(0, 160))`;

/** A field for a moment has its own stops for day, month, year, hour and minute. */
const STOPS_WITHIN_DATES = 30;

test('All that can be done on a page is reached with Tab and pressed with Enter or Space, and where one is can be seen', {
  timeout: 400_000,
}, async () => {
  await using visitor = await Visitor.open('/nowhere');
  const { page } = visitor;
  for (const [index, one] of [...listPages, ...objectPages, ...newPages].entries()) {
    await visitor.goTo(await addressOf(one));
    await visitor.settled();
    await page.waitForLoadState('networkidle');
    // What stands around the pages is the same on each.
    const count = await page.evaluate<number>(mark(index === 0 ? 'body' : 'main'));
    expect(count, one.name).toBeGreaterThan(0);
    for (let stops = 0; stops < count * 2 + STOPS_WITHIN_DATES; stops += 1) {
      if (stops > 0) await page.keyboard.press('Tab');
      const stop = await page.evaluate<{ readonly key: string | null; readonly left: number }>(look);
      if (stop.key !== null) {
        await page.keyboard.press(stop.key);
        await page.evaluate(wasPressed);
      }
      if (stop.left === 0) break;
    }
    expect(await page.evaluate<string[]>(left), `${one.name}: not reached`).toEqual([]);
    expect(await page.evaluate<string[]>('window.dead'), `${one.name}: not pressed`).toEqual([]);
    expect(await page.evaluate<string[]>('window.unseen'), `${one.name}: not seen`).toEqual([]);
  }
});

const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement?.textContent ?? ""');
const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

const places: readonly (readonly [key: string, title: string])[] = [
  ['o', 'Overview'],
  ['j', 'Job queue entries'],
  ['l', 'Job queue log'],
  ['c', 'Couplings'],
  ['e', 'Errors by cause'],
  ['m', 'Integration table mappings'],
  ['t', 'Transformation rules'],
  ['f', 'Full synchronization'],
  ['s', 'Connections'],
  ['a', 'API tokens'],
  ['u', 'Audit'],
];

interface KeyOfDashboard {
  /** As the overlay lists them. */
  readonly keys: string;
  readonly from: string;
  /** Presses it, and waits for what it does. */
  readonly press: (page: Page) => Promise<void>;
}

const FIRST = 'AA-FIRST-ROW';
const SECOND = 'AA-SECOND-ROW';
const row = (page: Page, code: string) => page.getByRole('row').filter({ hasText: code });

/** Stands on the only row of a list. */
async function standOnRow(page: Page): Promise<void> {
  await row(page, FIRST).getByRole('button').first().waitFor();
  await page.keyboard.press('j');
  expect(await focused(page)).toBe(FIRST);
}

/** A key that acts on the row that one stands on. */
const onRow = (key: string, happens: (page: Page) => Promise<void>): KeyOfDashboard => ({
  keys: key,
  from: `/entries?search=${FIRST}`,
  press: async (page) => {
    await standOnRow(page);
    await page.keyboard.press(key);
    await happens(page);
  },
});

const keys: readonly KeyOfDashboard[] = [
  ...places.map(([key, title]) => ({
    keys: `g ${key}`,
    from: '/nowhere',
    press: async (page: Page) => {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await heading(page, title);
    },
  })),
  {
    keys: 'j',
    from: '/entries',
    press: async (page) => {
      await row(page, SECOND).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      expect(await focused(page)).toBe(SECOND);
    },
  },
  {
    keys: 'k',
    from: '/entries',
    press: async (page) => {
      await row(page, SECOND).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('k');
      expect(await focused(page)).toBe(FIRST);
    },
  },
  {
    keys: 'Home End',
    from: '/couplings',
    press: async (page) => {
      const { couplings } = await ask('{ couplings(last: 1) { edges { node { title } } } }');
      await page.locator('[data-row]').first().waitFor();
      await page.keyboard.press('End');
      await page.locator('[data-row]').last().getByText(couplings.edges[0].node.title).waitFor();
      await page.keyboard.press('Home');
      await expect.poll(() => page.evaluate('window.scrollY')).toBe(0);
    },
  },
  onRow('Enter', (page) => heading(page, FIRST)),
  {
    keys: '/',
    from: '/entries',
    press: async (page) => {
      await row(page, FIRST).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(SECOND);
      await page.waitForURL(new RegExp(`search=${SECOND}`));
    },
  },
  onRow('h', (page) => row(page, FIRST).locator('[data-status=ON_HOLD]').waitFor()),
  onRow('r', (page) => row(page, FIRST).locator('[data-status=READY]').waitFor()),
  onRow('o', (page) => page.getByText(/RETENTION#\d+ was started/).waitFor()),
  {
    keys: 'p',
    from: '/entries',
    press: async (page) => {
      await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
      await page.keyboard.press('p');
      await page.getByRole('button', { name: 'Held still' }).waitFor();
      await page.keyboard.press('p');
      await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
    },
  },
  {
    keys: '?',
    from: '/',
    press: async (page) => {
      await heading(page, 'Overview');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    },
  },
  {
    keys: 'Esc',
    from: '/',
    press: async (page) => {
      await heading(page, 'Overview');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    },
  },
];

/** Chosen rows are those of a plan, whose own test presses it. */
const ELSEWHERE = ['x'];

test('Every key that the overlay lists does what it says', async () => {
  await using _first = await makeIdleEntry(FIRST);
  await using _second = await makeIdleEntry(SECOND);
  await using visitor = await Visitor.open('/nowhere');
  const { page } = visitor;
  await heading(page, 'Not found');
  await page.keyboard.press('?');
  const listed = await page.getByRole('dialog', { name: 'Keys' }).locator('dt').all();
  const words = await Promise.all(listed.map(async (one) => (await one.locator('kbd').allTextContents()).join(' ')));
  expect(words.toSorted()).toEqual([...keys.map((one) => one.keys), ...ELSEWHERE].toSorted());
  expect(await visitor.violations()).toEqual([]);
  await page.keyboard.press('Escape');
  for (const one of keys) {
    await visitor.walkTo('/nowhere');
    await heading(page, 'Not found');
    await visitor.walkTo(one.from);
    await one.press(page);
  }
});

test('A key for rows does nothing while nobody stands on a row', async () => {
  await using _first = await makeIdleEntry(FIRST);
  await using visitor = await Visitor.open(`/entries?search=${FIRST}`);
  const { page } = visitor;
  await row(page, FIRST).getByRole('button').first().waitFor();
  for (const key of ['h', 'o']) await page.keyboard.press(key);
  // What was pressed would be told before what is pressed next.
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await heading(page, FIRST);
  const { node } = await ask('query($id: ID!) { node(id: $id) { ... on JobQueueEntry { status lastRun { id } } } }', {
    id: await idOfEntry(FIRST),
  });
  expect(node).toEqual({ status: 'READY', lastRun: null });
});
