import { expect, test } from 'vitest';
import { addressOf, listPages, newPages, objectPages } from './pages.js';
import { Visitor } from './visitor.js';

// All that can be pressed, chosen or filled in; of radio buttons of one name the chosen or the first one is reached.
const mark = `
  window.reached = new Map();
  window.unseen = [];
  const named = new Set();
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'))
    .filter((element) => element.type !== 'radio' || (!named.has(element.name) && named.add(element.name)));
  for (const element of all) window.reached.set(element, false);
  document.addEventListener('focusin', ({ target }) => {
    const group = target.type === 'radio' ? all.find(({ type, name }) => type === 'radio' && name === target.name) : target;
    if (window.reached.has(group)) window.reached.set(group, true);
    const { outlineStyle } = getComputedStyle(target.matches('input[type=file]') ? target.parentElement : target);
    if (outlineStyle === 'none') window.unseen.push(target.outerHTML.slice(0, 160));
  });
  all[0].focus();
  all.length
`;
const left = `[...window.reached].filter(([element, done]) => !done && element.isConnected)
  .map(([element]) => element.outerHTML.slice(0, 160))`;
const PRESSES_AT_ONCE = 25;

test('All that can be done on a page is reached with Tab, and where one is can be seen', {
  timeout: 400_000,
}, async () => {
  await using visitor = await Visitor.open('/nowhere');
  const { page } = visitor;
  for (const one of [...listPages, ...objectPages, ...newPages]) {
    await visitor.goTo(await addressOf(one));
    await visitor.settled();
    await page.waitForLoadState('networkidle');
    const count = await page.evaluate<number>(mark);
    expect(count, one.name).toBeGreaterThan(10);
    for (let presses = 0; presses < count * 2 + PRESSES_AT_ONCE; presses += PRESSES_AT_ONCE) {
      for (let press = 0; press < PRESSES_AT_ONCE; press += 1) await page.keyboard.press('Tab');
      if ((await page.evaluate<string[]>(left)).length === 0) break;
    }
    expect(await page.evaluate<string[]>(left), one.name).toEqual([]);
    expect(await page.evaluate<string[]>('window.unseen'), one.name).toEqual([]);
  }
});
