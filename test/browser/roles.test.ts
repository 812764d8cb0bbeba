import { expect, test } from 'vitest';
import { ask, tokenOf, Visitor } from './visitor.js';

test('A monitor is offered no action', async () => {
  await using visitor = await Visitor.open('/entries', { token: await tokenOf('MONITOR') });
  const { page } = visitor;
  await page.getByRole('row').filter({ hasText: 'CUSTOMER' }).first().waitFor();
  expect(await page.getByRole('button', { name: /Put on hold|Set Ready|Run once/ }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'New entry' }).count()).toBe(0);
  expect(visitor.complaints).toEqual([]);
});

test('A viewer reads a pair and may not change it; an operator may', async () => {
  const { couplings } = await ask('{ couplings(first: 1, filter: { state: [CONFLICT] }) { edges { node { id } } } }');
  const path = `/couplings/${couplings.edges[0].node.id}`;
  await using viewer = await Visitor.open(path, { token: await tokenOf('VIEWER') });
  await viewer.page.getByText('An operator can choose which values stand.').waitFor();
  expect(await viewer.page.getByRole('button', { name: 'Synchronize' }).count()).toBe(0);
  await viewer.settled();
  expect(await viewer.violations()).toEqual([]);

  await using operator = await Visitor.open(path, { token: await tokenOf('OPERATOR') });
  await operator.page.getByRole('button', { name: 'Synchronize' }).waitFor();
  expect(await operator.page.getByRole('link', { name: 'API tokens' }).count()).toBe(0);
});

test('A token is made, seen once, opens the dashboard for its role, and no longer after it was revoked', async () => {
  await using admin = await Visitor.open('/tokens');
  await admin.page.getByLabel('Name').fill('wall display');
  await admin.page.getByLabel('Role').selectOption('MONITOR');
  await admin.page.getByRole('button', { name: 'Make the token' }).click();
  const shown = admin.page.getByRole('status').filter({ hasText: 'is shown this once' });
  const secret = await shown.locator('code').textContent();
  expect(await admin.violations()).toEqual([]);
  await shown.getByRole('button', { name: 'I have it' }).click();
  expect(await admin.page.getByText(secret ?? '').count()).toBe(0);

  await using display = await Visitor.open('/entries', { token: secret });
  await display.page.getByText('wall display').waitFor();
  await admin.page.getByRole('button', { name: 'Revoke wall display' }).click();
  await admin.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await admin.page.getByText('wall display no longer opens anything.').waitFor();
  await display.page.getByText('The token is no longer valid').waitFor();
  await admin.page.getByRole('link', { name: 'Audit' }).click();
  await admin.page.getByRole('row').filter({ hasText: 'revokeApiToken' }).first().waitFor();
});
