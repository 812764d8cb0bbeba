import { expect, test } from 'vitest';
import { Person } from '../support/person.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

const runOnce = 'mutation($id: ID!) { runJobQueueEntryOnce(input: { id: $id }) { run { id } userErrors { message } } }';

// What moves without anybody having pressed anything, as the browser measures it.
const observe = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput)
        window.shifts.push({ value, what: sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? 'gone') });
  }).observe({ type: 'layout-shift' });
`;

test.each(['/', '/entries', '/runs', '/mappings', '/couplings?mapping=CUSTOMER'])(
  'Nothing moves on %s while runs begin and end',
  async (path) => {
    const person = new Person(dashboard.sandboxUrl);
    const { jobQueueEntry, couplings } = await ask(
      '{ jobQueueEntry(code: "CUSTOMER") { id } couplings(first: 1, filter: { mapping: ["CUSTOMER"], state: [COUPLED] }) { edges { node { businessId } } } }',
    );
    await using visitor = await Visitor.open(path);
    const { page } = visitor;
    await visitor.settled();
    await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
    await page.evaluate(observe);
    const told = page.waitForResponse((response) => response.url().endsWith('/graphql'));
    await person.update('BUSINESS', 'customers', couplings.edges[0].node.businessId, {
      website: `https://${Date.now()}.example`,
    });
    const { runJobQueueEntryOnce } = await ask(runOnce, { id: jobQueueEntry.id });
    const isOver = async (): Promise<boolean> =>
      (
        await ask('query($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { endedAt } } }', {
          id: runJobQueueEntryOnce.run.id,
        })
      ).node.endedAt !== null;
    await expect.poll(isOver, { timeout: 20_000 }).toBe(true);
    await told;
    await page.waitForLoadState('networkidle');
    const shifts = await page.evaluate<{ readonly value: number; readonly what: string[] }[]>('window.shifts');
    // A word that grows within its line may push the next one by some pixels: 0.1 is where the Web Vitals begin to mind.
    expect(shifts.filter(({ value }) => value > 0.0005)).toEqual([]);
  },
);
