import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../test/support/chromium.ts';
import { freePort, machine, percentile, print, startBenchedService } from './api-service.ts';

/**
 * How soon the dashboard shows something, and its whole first page, in a real headless Chromium on the loopback: with nothing
 * of it known to the browser, and when it is opened again. The product holds the sandbox's companies.
 *
 * `npm run bench:first-content`; with `-- --visits=5` fewer.
 */
const VISITS = Number(process.argv.find((given) => given.startsWith('--visits='))?.slice(9) ?? 20);

interface Visit {
  /** When the browser painted the first text or picture, in ms since it was told the address. */
  readonly firstContentMs: number;
  /** When the figures of the overview stood there. */
  readonly overviewMs: number;
}

await using service = await startBenchedService(async () => undefined, {
  ROLE: 'all',
  SANDBOX: 'on',
  SANDBOX_PORT: String(await freePort()),
});
await untilSynchronized();
const program = await findChromium();
const browser = await chromium.launch({
  executablePath: program.path,
  env: { ...process.env, ...program.env },
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  print(`Dashboard on ${machine()}`);
  const visits = { first: [] as Visit[], again: [] as Visit[] };
  for (let visit = 0; visit < VISITS; visit += 1) {
    const { first, again } = await twoVisits(browser);
    visits.first.push(first);
    visits.again.push(again);
  }
  tell('opened for the first time', visits.first);
  tell('opened again', visits.again);
} finally {
  await browser.close();
}

async function twoVisits(open: Browser): Promise<{ readonly first: Visit; readonly again: Visit }> {
  const context = await open.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    await context.addInitScript(`sessionStorage.setItem('tandem.token', ${JSON.stringify(service.token)})`);
    const page = await context.newPage();
    const visit = async (): Promise<Visit> => {
      await page.goto(service.url);
      await page.getByText(/of [1-9][\d,]* pairs in step/).waitFor();
      return page.evaluate(`({
        overviewMs: performance.now(),
        firstContentMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
      })`);
    };
    return { first: await visit(), again: await visit() };
  } finally {
    await context.close();
  }
}

function tell(words: string, visits: readonly Visit[]): void {
  const ms = (values: readonly number[], share: number): string => `${percentile(values, share).toFixed(0)} ms`;
  const of = (values: readonly number[]): string => `p50 ${ms(values, 0.5)}, p95 ${ms(values, 0.95)}`;
  print(
    `${words}, ${visits.length} times: first content ${of(visits.map((one) => one.firstContentMs))}; overview ${of(visits.map((one) => one.overviewMs))}`,
  );
}

async function untilSynchronized(): Promise<void> {
  for (let waited = 0; waited < 600; waited += 1) {
    const { fullSynchronizations } = await service.ask(
      '{ fullSynchronizations(first: 1) { edges { node { status } } } }',
    );
    if (fullSynchronizations.edges[0]?.node.status === 'SUCCESS') return;
    await delay(500);
  }
  throw new Error('the first full synchronization did not end in five minutes');
}
