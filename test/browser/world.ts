import { inject } from 'vitest';
import type { BrowserWorld } from '../support/dashboard.js';

/** The product and the Chromium that all browser tests share, started by whoever comes first. */
export const { dashboard, chromiumUrl } = await world();

async function world(): Promise<BrowserWorld> {
  const response = await fetch(inject('browserWorldUrl'));
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as BrowserWorld;
}
