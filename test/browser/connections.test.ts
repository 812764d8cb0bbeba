import { text } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startEmpty } from './another-process.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

test('A connection is made, tested step by step until its secret is right, and deleted', async () => {
  const { sandboxUrl } = dashboard;
  await using visitor = await Visitor.open('/connections');
  const { page } = visitor;
  await page.getByRole('link', { name: 'New connection' }).click();
  await page.getByRole('button', { name: 'Make the connection' }).click();
  await page
    .getByRole('alert')
    .or(page.locator('.problem'))
    .getByText(/name|expected/i)
    .first()
    .waitFor();

  await page.getByLabel('Name', { exact: true }).fill('Second company');
  const business = page.getByRole('group', { name: 'Business system' });
  const sales = page.getByRole('group', { name: 'Dataverse' });
  await business.getByLabel('Address', { exact: true }).fill('https://erp.example.org');
  // Told while it is typed, by the service, which knows the hosts that it may send secrets to.
  await business.getByText('listed in ALLOWED_HOSTS, got erp.example.org').waitFor();
  await business.getByLabel('Address', { exact: true }).fill(`${sandboxUrl}/v2.0/sandbox/production`);
  await business.getByLabel('Company').fill('CRONUS International Ltd.');
  await sales.getByLabel('Address', { exact: true }).fill(sandboxUrl);
  await fillInCredentials(page, 'not-the-secret');
  await nothingIsWrong(page);
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Make the connection' }).click();
  await page.getByRole('heading', { level: 1, name: 'Second company' }).waitFor();

  await page.getByRole('button', { name: 'Test both' }).click();
  const results = page.getByRole('region', { name: '2. Whether both answer' });
  await results.locator('.step-bad').filter({ hasText: 'Sign in' }).first().waitFor();
  for (const side of ['business', 'sales']) {
    await page.getByRole('button', { name: `Change the ${side} end point` }).click();
    await page.getByLabel('Secret (stored; type to replace)').fill('sandbox-secret');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: `Change the ${side} end point` }).waitFor();
  }
  await page.getByRole('button', { name: 'Test both' }).click();
  await results.locator('.step-bad').first().waitFor({ state: 'detached' });
  await expect.poll(() => results.locator('.step-ok').count()).toBeGreaterThan(8);
  await page.getByRole('cell', { name: 'is made' }).first().waitFor();

  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Second company was deleted.').waitFor();
});

test('A first connection: both systems named, tested step by step, what enabling makes listed, and made', async () => {
  const { sandboxUrl } = dashboard;
  await using service = await startEmpty('first_connection');
  await using visitor = await Visitor.open('/', { url: service.url });
  const { page } = visitor;
  await page.getByRole('link', { name: 'Make one, test it and enable it' }).click();
  await page.getByRole('link', { name: 'New connection' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Production');
  const business = page.getByRole('group', { name: 'Business system' });
  await business.getByLabel('Address', { exact: true }).fill(`${sandboxUrl}/v2.0/sandbox/production`);
  await business.getByLabel('Company').fill('CRONUS International Ltd.');
  await page.getByRole('group', { name: 'Dataverse' }).getByLabel('Address', { exact: true }).fill(sandboxUrl);
  await fillInCredentials(page, 'sandbox-secret');
  await nothingIsWrong(page);
  await page.getByRole('button', { name: 'Make the connection' }).click();
  await page.getByRole('heading', { level: 1, name: 'Production' }).waitFor();
  await page.getByText('Not enabled: nothing of it runs').waitFor();

  await page.getByRole('button', { name: 'Test both' }).click();
  const results = page.getByRole('region', { name: '2. Whether both answer' });
  for (const step of ['Address', 'Sign in', 'Company', 'Metadata', 'Read', 'Base currency'])
    await results.locator('.step-ok').filter({ hasText: step }).first().waitFor();
  expect(await results.locator('.step-bad').count()).toBe(0);

  const setup = page.getByRole('region', { name: '3. What enabling makes' });
  const made = setup.getByRole('row').filter({ hasText: 'is made' });
  const names = await made.getByRole('rowheader').allTextContents();
  const jobs = await Promise.all((await made.all()).map((row) => row.getByRole('cell').nth(3).textContent()));
  expect(names).toContain('CUSTOMER');
  expect(names.length).toBeGreaterThan(10);
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Enable' }).click();
  const question = page.getByRole('dialog').getByText(/mappings are made, with their jobs/);
  expect(await question.textContent()).toContain(`${names.length} mappings are made`);
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await page.getByText('Enabled: its jobs are Ready.').waitFor();
  await page.getByText('Enabled: its jobs run by schedule').waitFor();
  const brought = page.getByRole('region', { name: '3. What it brought' });
  await brought
    .getByRole('row')
    .filter({ hasText: 'as it was made' })
    .nth(names.length - 1)
    .waitFor();
  expect(await visitor.violations()).toEqual([]);

  expect(jobs).toContain('CUSTOMER');
  await page.getByRole('link', { name: 'Mappings', exact: true }).click();
  await page.getByText(`${names.length} mappings`).waitFor();
  await page.getByRole('link', { name: 'Job queue', exact: true }).click();
  for (const code of jobs.filter((one) => one !== '–'))
    await page
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name: code ?? '', exact: true }) })
      .locator('[data-status=READY]')
      .waitFor();
  expect(visitor.complaints).toEqual([]);
});

test('Mappings and jobs are exported as a file, and an import tells what it would change before it does', async () => {
  await using visitor = await Visitor.open('/connections');
  const { page } = visitor;
  await page.getByRole('link', { name: 'Set up' }).first().click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export mappings, rules and jobs' }).click(),
  ]);
  const document = JSON.parse(await text(await file.createReadStream()));
  const mapping = document.mappings.find(({ name }: { name: string }) => name === 'OPPORTUNITY');
  mapping.description = 'Carried over from the test system';
  await page.getByLabel('Import a file …').setInputFiles({
    name: 'test-setup.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(document)),
  });
  const plan = page.getByRole('region', { name: 'What the import would change' });
  await plan.getByRole('listitem').filter({ hasText: 'OPPORTUNITY' }).getByText('is changed').waitFor();
  expect(await visitor.violations()).toEqual([]);
  await plan.getByRole('button', { name: 'Import' }).click();
  await page.getByText('Imported.').waitFor();
  const { integrationTableMapping } = await ask('{ integrationTableMapping(name: "OPPORTUNITY") { description } }');
  expect(integrationTableMapping.description).toBe('Carried over from the test system');
});

test('A connection is disabled and enabled from its page, which tells what differs from the default setup, and puts that back', async () => {
  const { connectionSetup: setup, integrationTableMapping: vendor } = await connectionWith('VENDOR');
  await ask(
    'mutation($input: DeleteInput!) { deleteIntegrationTableMapping(input: $input) { userErrors { message } } }',
    { input: { id: vendor.id } },
  );
  await using visitor = await Visitor.open(`/connections/${setup.id}`);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await page.getByText('Disabled: nothing of it runs any more.').waitFor();
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  await row('VENDOR').getByText('is not there').waitFor();
  await row('CURRENCY').getByText('as it was made').waitFor();
  expect(await visitor.violations()).toEqual([]);

  await page.getByRole('button', { name: 'Enable' }).click();
  await page.getByRole('dialog').getByText('Its jobs become Ready.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
  await page.getByText('Enabled: its jobs are Ready.').waitFor();
  // What somebody deleted comes back when it is asked for, and not before.
  await row('VENDOR').getByText('is not there').waitFor();
  await page.getByRole('button', { name: 'Use the default setup' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click();
  await page.getByText('All is as the default setup makes it.').waitFor();
  await row('VENDOR').getByText('as it was made').waitFor();
  const { integrationTableMapping: back } = await connectionWith('VENDOR');
  expect(back.direction).toBe('BIDIRECTIONAL');
});

/** Once the service has looked at all that was typed. */
const nothingIsWrong = (page: Page): Promise<void> =>
  expect
    .poll(async () => (await page.locator('.problem').allTextContents()).filter((problem) => problem !== ''))
    .toEqual([]);

async function fillInCredentials(page: Page, secret: string): Promise<void> {
  for (const name of ['Business system', 'Dataverse']) {
    const side = page.getByRole('group', { name });
    await side.getByLabel('Tenant').fill('sandbox');
    await side.getByLabel('Client').fill('tandem');
    await side.getByLabel('Secret').fill(secret);
  }
}

const connectionWith = async (mapping: string): Promise<Record<string, any>> =>
  ask(
    'query($name: String!) { connectionSetup(name: "Sandbox") { id } integrationTableMapping(name: $name) { id direction } }',
    { name: mapping },
  );
