import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { AUDIENCE, CLIENT_ID, OpenIdProvider } from '../support/openid-provider.js';
import type { RunningService } from '../support/processes.js';
import { startAnother } from './another-process.js';
import { makeIdleEntry, setStatus } from './entries.js';
import { Visitor } from './visitor.js';
import { dashboard } from './world.js';

let provider: OpenIdProvider;
let service: RunningService;

beforeAll(async () => {
  const PORT = String(await freePort());
  provider = await OpenIdProvider.open({
    redirectAddresses: [`http://127.0.0.1:${PORT}/sign-in`],
    rolesOf: { ada: ['ADMIN'], olga: ['OPERATOR'], vera: ['viewer', 'something.else'], nobody: [] },
  });
  // Another process of the same installation, which knows the provider.
  service = await startAnother({
    PORT,
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: AUDIENCE,
    OIDC_CLIENT_ID: CLIENT_ID,
  });
});
afterAll(async () => {
  await service?.stop();
  await provider?.[Symbol.asyncDispose]();
});

const open = async (path: string): Promise<Visitor> => Visitor.open(path, { url: service.url, token: null });

async function signInAs(name: string, page: Page): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(name);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

const toProvider = (page: Page): Promise<void> => page.getByRole('button', { name: /^Sign in with 127/ }).click();

test('Whoever signs in at the provider sees the page that was asked for, with what their role may do, and signs out there too', async () => {
  await using visitor = await open('/entries?search=CUSTOMER');
  const { page } = visitor;
  await page.getByRole('button', { name: /^Sign in with 127/ }).waitFor();
  expect(await visitor.violations()).toEqual([]);
  // The pages may send to the provider besides the service, and to nobody else.
  const policy = (await fetch(service.url)).headers.get('content-security-policy');
  expect(policy).toContain(`connect-src 'self' ${provider.issuer};`);
  await toProvider(page);
  await signInAs('olga', page);
  await page.getByRole('row').filter({ hasText: 'CUSTOMER' }).first().waitFor();
  expect(new URL(page.url()).search).toBe('?search=CUSTOMER');
  await page.getByText('olga operator').waitFor();
  await page.getByRole('button', { name: 'Run once: CUSTOMER', exact: true }).waitFor();
  expect(await page.getByRole('link', { name: 'API tokens' }).count()).toBe(0);
  // The provider's own pages want a font from elsewhere.
  expect(visitor.complaints.filter((line) => !line.includes('ERR_NAME_NOT_RESOLVED'))).toEqual([]);
  // Kept for this tab: a reload asks nobody anew.
  await page.reload();
  await page.getByText('olga operator').waitFor();

  await page.getByRole('button', { name: 'Out' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await toProvider(page);
  // The provider asks again who it is: its own session has ended as well.
  await signInAs('vera', page);
  await page.getByText('vera viewer').waitFor();
  await page.goto(`${service.url}/entries`);
  await page.getByRole('row').filter({ hasText: 'CUSTOMER' }).first().waitFor();
  expect(await page.getByRole('button', { name: /Put on hold|Set Ready|Run once/ }).count()).toBe(0);
});

test('Somebody without a role, a sign-in that was given up, and an answer that belongs to no sign-in are refused in words', async () => {
  await using visitor = await open('/couplings');
  const { page } = visitor;
  await toProvider(page);
  await signInAs('nobody', page);
  await page.getByText('The provider knows you as nobody, but that account has no role here').waitFor();
  expect(await visitor.violations()).toEqual([]);
  expect(await page.evaluate("sessionStorage.getItem('tandem.openid')")).toBeNull();

  await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByText('The sign-in was given up').waitFor();

  await using other = await open('/');
  await toProvider(other.page);
  await other.page.getByPlaceholder('Enter any login').waitFor();
  await other.page.goto(
    `${service.url}/sign-in?code=stolen&state=of-somebody-else&iss=${encodeURIComponent(provider.issuer)}`,
  );
  await other.page.getByText('The answer does not belong to this sign-in').waitFor();
  await other.page.goto(`${service.url}/sign-in?code=stolen&state=of-somebody-else`);
  await other.page.getByText('was not begun in this tab').waitFor();
});

test('A sign-in is renewed before it ends, over a new socket with nothing missed; when the provider ends it, the page says so', async () => {
  provider.accessTokenSeconds = 3;
  await using _entry = await makeIdleEntry('HELD-AT-RENEWAL');
  await using visitor = await open('/entries?search=HELD-AT-RENEWAL');
  const { page } = visitor;
  await toProvider(page);
  await signInAs('olga', page);
  const row = page.getByRole('row').filter({ hasText: 'HELD-AT-RENEWAL' });
  await row.waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await page.evaluate('window.wasNotReloaded = true');
  const first = provider.renewals;
  // By the second renewal the token of the sign-in is over.
  await expect.poll(() => provider.renewals - first).toBeGreaterThan(1);
  await setStatus('HELD-AT-RENEWAL', 'ON_HOLD');
  await row.locator('[data-status=ON_HOLD]').waitFor();
  await row.getByRole('button', { name: 'Set Ready: HELD-AT-RENEWAL' }).click();
  await row.locator('[data-status=READY]').waitFor();
  expect(await page.evaluate('window.wasNotReloaded')).toBe(true);

  provider.renews = false;
  await page.getByText('Your sign-in has ended').waitFor();
  expect(await page.evaluate("sessionStorage.getItem('tandem.openid')")).toBeNull();
  provider.renews = true;
  provider.accessTokenSeconds = 3_600;
  // The provider still knows who it is, and its window closes by itself.
  await toProvider(page);
  await row.waitFor();
  expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
});

describe('A sign-in that ends without a refresh token', () => {
  /** Long enough to fill in a form on a busy machine. */
  const SECONDS = 12;

  async function formOfAda(): Promise<Visitor> {
    provider.givesRefreshTokens = false;
    provider.accessTokenSeconds = SECONDS;
    const visitor = await open('/entries/new');
    const { page } = visitor;
    await toProvider(page);
    await signInAs('ada', page);
    await page.getByLabel('Code', { exact: true }).fill('TYPED-BEFORE');
    await page.getByLabel('Task', { exact: true }).selectOption('RETENTION');
    await page.getByLabel('Minutes between runs').fill('45');
    provider.accessTokenSeconds = 3_600;
    await page.getByText('Your sign-in has ended').waitFor();
    await page.getByText('The page is kept as you left it').waitFor();
    return visitor;
  }

  test('is begun again beside the page, on which stands what was typed', async () => {
    await using visitor = await formOfAda();
    const { page } = visitor;
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.getByLabel('Code', { exact: true }).isVisible()).toBe(false);
    expect(await visitor.violations()).toEqual([]);
    const [beside] = await Promise.all([page.waitForEvent('popup'), toProvider(page)]);
    // The provider still knows who it is.
    if (!beside.isClosed()) await beside.waitForEvent('close');
    expect(await page.getByLabel('Code', { exact: true }).inputValue()).toBe('TYPED-BEFORE');
    expect(await page.getByLabel('Minutes between runs').inputValue()).toBe('45');
    await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make the entry' }).click();
    await page.getByRole('heading', { level: 1, name: 'TYPED-BEFORE' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('TYPED-BEFORE was deleted.').waitFor();
  });

  test('leaves nothing of its pages to somebody else', async () => {
    await using visitor = await formOfAda();
    const { page } = visitor;
    await page.getByLabel('Token').fill(dashboard.token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    // Until the token is known the form of the one before stays, hidden.
    await page.getByLabel('Code', { exact: true }).waitFor();
    expect(await page.getByLabel('Code', { exact: true }).inputValue()).toBe('');
  });
});
