import { expect, test } from 'vitest';
import { Visitor } from './visitor.js';
import { dashboard } from './world.js';

test.each([390, 768, 1024, 1280])(
  'The page of the sandbox fits a screen of %i pixels, with all of its lists open',
  async (width) => {
    await using visitor = await Visitor.open('/', { url: dashboard.sandboxUrl, token: null, width });
    const { page } = visitor;
    await page.getByRole('heading', { level: 1, name: 'Tandem sandbox' }).waitFor();
    await page.evaluate("for (const list of document.querySelectorAll('details')) list.open = true");
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
    expect(visitor.complaints).toEqual([]);
  },
);

test('The page of the sandbox can be used by everybody', async () => {
  await using visitor = await Visitor.open('/', { url: dashboard.sandboxUrl, token: null });
  expect(await visitor.violations()).toEqual([]);
});
