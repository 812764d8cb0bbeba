import type { Row } from './tandem.js';

export type System = 'BUSINESS' | 'SALES';

const REQUEST_MS = 30_000;
const COMPANY = 'CRONUS International Ltd.';

/** What a system answered to a person whose request it did not take. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(
    request: string,
    readonly status: number,
    readonly answer: string,
  ) {
    super(`${request}: ${status} ${answer}`);
  }
}

/** A person who works with both systems of a sandbox by their own APIs, as another user than the product. */
export class Person {
  private readonly tokens = new Map<System, Promise<string>>();
  private company: Promise<string> | null = null;

  constructor(private readonly sandboxUrl: string) {}

  /** All rows of an entity set, in the system's own form. */
  async rows(system: System, path: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let next: string | undefined = await this.pathOf(system, path); next !== undefined; ) {
      const page: Record<string, any> = await this.send(system, 'GET', next);
      rows.push(...page.value);
      next = page['@odata.nextLink'];
    }
    return rows;
  }

  async create(system: System, entitySet: string, values: Row): Promise<Row> {
    return this.send(system, 'POST', await this.pathOf(system, entitySet), values, { prefer: 'return=representation' });
  }

  async update(system: System, entitySet: string, id: string, values: Row): Promise<void> {
    await this.send(system, 'PATCH', await this.pathOf(system, `${entitySet}(${id})`), values, { 'if-match': '*' });
  }

  async remove(system: System, entitySet: string, id: string): Promise<void> {
    await this.send(system, 'DELETE', await this.pathOf(system, `${entitySet}(${id})`), undefined, { 'if-match': '*' });
  }

  private async pathOf(system: System, path: string): Promise<string> {
    return system === 'SALES' ? path : `companies(${await this.companyId()})/${path}`;
  }

  private companyId(): Promise<string> {
    this.company ??= this.send('BUSINESS', 'GET', 'companies').then(({ value }) =>
      String((value as Row[]).find(({ name }) => name === COMPANY)?.id),
    );
    return this.company;
  }

  private async send(
    system: System,
    method: string,
    path: string,
    body?: Row,
    headers: Record<string, string> = {},
  ): Promise<Record<string, any>> {
    const base =
      system === 'SALES'
        ? `${this.sandboxUrl}/api/data/v9.2/`
        : `${this.sandboxUrl}/v2.0/sandbox/production/api/tandem/companion/v1.0/`;
    const response = await fetch(new URL(path, base), {
      method,
      headers: {
        authorization: `Bearer ${await this.token(system)}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new RefusedError(`${method} ${path} ${JSON.stringify(body ?? {})}`, response.status, text);
    return text === '' ? {} : JSON.parse(text);
  }

  private token(system: System): Promise<string> {
    const known = this.tokens.get(system);
    if (known !== undefined) return known;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'somebody-else',
      client_secret: 'sandbox-secret',
      scope: system === 'SALES' ? `${this.sandboxUrl}/.default` : 'https://api.businesscentral.dynamics.com/.default',
    });
    const token = fetch(`${this.sandboxUrl}/sandbox/oauth2/v2.0/token`, { method: 'POST', body: form })
      .then((response) => response.json())
      .then((answer) => (answer as { access_token: string }).access_token);
    this.tokens.set(system, token);
    return token;
  }
}
