import type { ConnectionSetup } from '../connection-setup/connection-setup.js';
import { type ConnectionSetupStore, DuplicateConnectionNameError } from '../connection-setup/connection-setup-store.js';
import {
  type ConnectionSetupDraft,
  type CreateConnectionSetupDeps,
  createConnectionSetup,
} from '../connection-setup/create-connection-setup.js';
import { enableConnectionSetup } from '../connection-setup/enable-connection-setup.js';
import { isPrepared, type PreparingDependencies, prepareConnection } from '../connection-setup/prepare-connection.js';

export const SANDBOX_CONNECTION = 'Sandbox';

/** Who did it, in logs and histories. */
const ACTOR = 'start-up';

/** The sandbox gives these to everybody who starts it: they protect nothing. */
const credentials = {
  authentication: 'OAUTH2_CLIENT_CREDENTIALS',
  userName: null,
  tenantId: 'sandbox',
  clientId: 'tandem',
  secret: 'sandbox-secret',
} as const;

const draftFor = (sandboxUrl: string): ConnectionSetupDraft => ({
  name: SANDBOX_CONNECTION,
  business: {
    kind: 'BUSINESS_CENTRAL',
    baseUrl: `${sandboxUrl}/v2.0/sandbox/production`,
    webUrl: null,
    company: 'CRONUS International Ltd.',
    ...credentials,
  },
  sales: { kind: 'DATAVERSE', baseUrl: sandboxUrl, webUrl: null, company: null, ...credentials },
});

export interface SandboxConnectionDependencies extends CreateConnectionSetupDeps {
  readonly connectionSetups: ConnectionSetupStore;
  readonly preparing: PreparingDependencies;
  readonly now: () => Promise<Date>;
  readonly report: (line: string) => void;
}

/**
 * Makes sure that the connection to the sandbox exists and was enabled once, with a first full synchronization. What is
 * finished is not repeated: a connection that somebody disabled later stays disabled.
 */
export async function ensureSandboxConnection(
  sandboxUrl: string,
  dependencies: SandboxConnectionDependencies,
): Promise<void> {
  const { connectionSetups, preparing, now, report } = dependencies;
  const setup = await ensureSetup(sandboxUrl, dependencies);
  if (await isPrepared(preparing, setup.id)) return;
  await enableConnectionSetup(setup.id, ACTOR, {
    connectionSetups,
    now,
    prepare: (enabled, actor) => prepareConnection(preparing, enabled, actor, { mode: 'MATCH_THEN_CREATE' }),
  });
  report(`Connection "${SANDBOX_CONNECTION}" enabled; its first full synchronization begins`);
}

async function ensureSetup(sandboxUrl: string, dependencies: SandboxConnectionDependencies): Promise<ConnectionSetup> {
  const { connectionSetups, now } = dependencies;
  const draft = draftFor(sandboxUrl);
  const known = await connectionSetups.byName(SANDBOX_CONNECTION);
  if (known === null) return createOrFind(draft, dependencies);
  if (known.business.baseUrl === draft.business.baseUrl && known.sales.baseUrl === draft.sales.baseUrl) return known;
  // The sandbox has moved to another port, with its data.
  const moved = {
    business: { ...known.business, baseUrl: draft.business.baseUrl },
    sales: { ...known.sales, baseUrl: draft.sales.baseUrl },
  };
  return (await connectionSetups.update(known.id, known.revision, moved, await now())) ?? known;
}

async function createOrFind(
  draft: ConnectionSetupDraft,
  dependencies: SandboxConnectionDependencies,
): Promise<ConnectionSetup> {
  try {
    return await createConnectionSetup(draft, dependencies);
  } catch (error) {
    // Another process made it at the same moment.
    const made =
      error instanceof DuplicateConnectionNameError ? await dependencies.connectionSetups.byName(draft.name) : null;
    if (made === null) throw error;
    return made;
  }
}

/** Whether a sandbox belongs to this start: always, never, or unless there are connections of somebody's own. */
export async function wantsSandbox(
  mode: 'auto' | 'on' | 'off',
  connectionSetups: Pick<ConnectionSetupStore, 'list'>,
): Promise<boolean> {
  if (mode !== 'auto') return mode === 'on';
  return (await connectionSetups.list()).every(({ name }) => name === SANDBOX_CONNECTION);
}
