import { afterAll, beforeAll } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/server.js';

/** What came back: the body is parsed when it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // The tests look into answers of many shapes.
  readonly body: Record<string, unknown>;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly client?: string;
}

const REQUEST_MS = 10_000;

/** A sandbox with the requests of a client of either system, and of the control endpoint. */
export class SandboxClient {
  readonly #tokens = new Map<string, Promise<string>>();
  #sandbox: Sandbox | undefined;

  async start(options: Partial<SandboxOptions> = {}): Promise<void> {
    this.#sandbox = await startSandbox({ port: 0, ...options });
  }

  async stop(): Promise<void> {
    await this.#sandbox?.close();
    this.#tokens.clear();
  }

  get url(): string {
    if (this.#sandbox === undefined) throw new Error('the sandbox was not started');
    return this.#sandbox.url;
  }

  get dataverse(): string {
    return `${this.url}/api/data/v9.2/`;
  }

  get standard(): string {
    return `${this.url}/v2.0/sandbox/production/api/v2.0/`;
  }

  get companion(): string {
    return `${this.url}/v2.0/sandbox/production/api/tandem/companion/v1.0/`;
  }

  /** Asks Dataverse; an address without host is below the service. */
  async sales(address: string, asking: Asking = {}): Promise<Reply> {
    const token = await this.token(`${this.url}/.default`, asking.client);
    return this.plain(absolute(this.dataverse, address), asking, token);
  }

  /** Asks the standard API of Business Central; an absolute address reaches the custom one as well. */
  async business(address: string, asking: Asking = {}): Promise<Reply> {
    const token = await this.token('https://api.businesscentral.dynamics.com/.default', asking.client);
    return this.plain(absolute(this.standard, address), asking, token);
  }

  async control(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.plain(`${this.url}/control${path}`, { method, body });
  }

  /** Sends a request as it is. A body that is no text is sent as JSON. */
  async plain(address: string, { method = 'GET', headers = {}, body }: Asking = {}, token?: string): Promise<Reply> {
    const response = await fetch(address, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  token(scope: string, client = 'tandem'): Promise<string> {
    const key = `${client} ${scope}`;
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const asked = this.askToken({ client_id: client, scope }).then((reply) => String(reply.body['access_token']));
    this.#tokens.set(key, asked);
    return asked;
  }

  /** Asks for a token with the right form, changed by `form`. */
  askToken(form: Record<string, string>, tenant = 'sandbox'): Promise<Reply> {
    const full = { grant_type: 'client_credentials', client_id: 'tandem', client_secret: 'sandbox-secret', ...form };
    return this.plain(`${this.url}/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(full).toString(),
    });
  }

  /** Address of the main company below either API. */
  async company(): Promise<string> {
    const { body } = await this.business('companies');
    const company = rowsOf(body).find((row) => row['name'] === 'CRONUS International Ltd.');
    return `companies(${String(company?.['id'])})`;
  }
}

const absolute = (base: string, address: string): string =>
  address.startsWith('http') ? address : `${base}${address}`;

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The rows of a list's answer. */
export const rowsOf = (body: Record<string, unknown>): Record<string, unknown>[] =>
  (body['value'] ?? []) as Record<string, unknown>[];

/** Code and text of an error's answer. */
export const errorOf = (reply: Reply): { code: string; message: string } =>
  reply.body['error'] as { code: string; message: string };

/** A sandbox for the tests of a file. */
export function sandboxForTests(options: Partial<SandboxOptions> = {}): SandboxClient {
  const client = new SandboxClient();
  beforeAll(() => client.start(options));
  afterAll(() => client.stop());
  return client;
}

/** Follows next links to the end and answers with every page. */
export async function allPages(ask: (address: string) => Promise<Reply>, address: string): Promise<Reply[]> {
  const pages: Reply[] = [];
  for (let next: unknown = address; typeof next === 'string'; ) {
    const page = await ask(next);
    pages.push(page);
    next = page.body['@odata.nextLink'];
  }
  return pages;
}
