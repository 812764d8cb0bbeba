import type { Logger } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { interactiveOptions } from '../../../src/connection-setup/interactive-options.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { type Answered, type RunningApi, runningApi } from '../api/running-api.js';
import { SandboxControl } from '../connectors/sandbox-system.js';

export const SECRET = 'sandbox-secret';

const credentials = {
  authentication: 'OAUTH2_CLIENT_CREDENTIALS',
  tenantId: 'sandbox',
  clientId: 'tandem',
  secret: SECRET,
};

/** The API with a sandbox that its connections can reach, for the tests of one file. Usable from `beforeAll` on. */
export interface SandboxApi {
  readonly api: RunningApi;
  readonly url: string;
  readonly control: SandboxControl;
  readonly business: object;
  readonly sales: object;
  /** The payload of a mutation of connections; `selection` of its object. */
  mutate(name: string, input: object, selection?: string, token?: string): Promise<Answered>;
  /** Makes a connection to the sandbox, and answers its global id. */
  connection(name: string, parts?: object): Promise<string>;
}

export function sandboxApi({ settings = {}, logger }: { settings?: object; logger?: Logger } = {}): SandboxApi {
  const api = runningApi({
    open: (access, gates) => openConnector(access, { gates, ...interactiveOptions() }),
    ...(logger && { logger }),
  });
  const running = { api } as { -readonly [Key in keyof SandboxApi]: SandboxApi[Key] };
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, settings });
    Object.assign(running, {
      url: sandbox.url,
      control: new SandboxControl(sandbox.url),
      business: {
        kind: 'BUSINESS_CENTRAL',
        baseUrl: `${sandbox.url}/v2.0/sandbox/production`,
        company: 'CRONUS International Ltd.',
        ...credentials,
      },
      sales: { kind: 'DATAVERSE', baseUrl: sandbox.url, ...credentials },
    });
  });
  afterAll(() => sandbox.close());

  running.mutate = async (name, input, selection = 'connectionSetup { id name enabled revision }', token) => {
    const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const inputType = idInputs.has(name) ? 'ConnectionSetupIdInput' : typeName;
    const query = `mutation ($input: ${inputType}!) { ${name}(input: $input) { ${selection} userErrors { code message field } } }`;
    return (await api.data(query, { input }, token))[name];
  };
  running.connection = async (name, parts = {}) => {
    const { business, sales } = running;
    const { connectionSetup, userErrors } = await running.mutate('createConnectionSetup', {
      name,
      business,
      sales,
      ...parts,
    });
    if (connectionSetup === null) throw new Error(JSON.stringify(userErrors));
    return connectionSetup.id;
  };
  return running;
}

const idInputs = new Set(['enableConnectionSetup', 'disableConnectionSetup', 'useDefaultSynchronizationSetup']);
