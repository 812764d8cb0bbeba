import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumUrl, dashboard } from './world.js';

export interface VisitOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** Null: not signed in. */
  readonly token?: string | null;
  readonly url?: string;
  /** Where the visitor is, such as Asia/Kathmandu; where the tests run without it. */
  readonly timeZone?: string;
}

const HEIGHT = 900;
const WAIT_MS = 30_000;

let browser: Promise<Browser> | null = null;

/** A person with a browser window of their own. */
export class Visitor implements AsyncDisposable {
  /** What the browser complained about. */
  readonly complaints: string[] = [];
  /** Addresses of requests that went to anybody but the service. */
  readonly foreignRequests: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly url: string,
  ) {}

  static async open(path: string, options: VisitOptions = {}): Promise<Visitor> {
    const { theme = 'light', width = 1280, url = dashboard.url } = options;
    const token = options.token === undefined ? dashboard.token : options.token;
    browser ??= chromium.connect(chromiumUrl);
    const context = await (await browser).newContext({
      viewport: { width, height: HEIGHT },
      colorScheme: theme,
      ...(options.timeZone === undefined ? {} : { timezoneId: options.timeZone }),
    });
    if (token !== null) await context.addInitScript(`sessionStorage.setItem('tandem.token', ${JSON.stringify(token)})`);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const visitor = new Visitor(context, page, url);
    page.on('pageerror', (error) => visitor.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && visitor.complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) visitor.foreignRequests.push(request.url());
    });
    await visitor.goTo(path);
    return visitor;
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  /** Goes to another page without loading the dashboard anew, as a link does. */
  async walkTo(path: string): Promise<void> {
    await this.page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  }

  /** Waits until the page shows its answer instead of an outline. */
  async settled(): Promise<void> {
    await this.page.locator('main').waitFor();
    await this.page.waitForSelector('.outline', { state: 'detached' });
  }

  /** What axe-core finds against WCAG 2.2 A and AA and its best practices, or these rules alone, as readable lines. */
  async violations(rules?: readonly string[], within = 'html'): Promise<string[]> {
    if (!(await this.page.evaluate<boolean>(`'axe' in window`))) await this.page.evaluate(axe.source);
    const options = rules === undefined ? '' : `, { runOnly: ${JSON.stringify(rules)} }`;
    const { violations } = await this.page.evaluate<{ violations: Violation[] }>(
      `axe.run(${JSON.stringify(within)}${options})`,
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** The data of an operation that the shared product, or another process with its tokens, is asked beside any browser. */
export async function ask(
  query: string,
  variables: object = {},
  url: string = dashboard.url,
): Promise<Record<string, any>> {
  const { token } = dashboard;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, any>; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** A new token of a role. */
export async function tokenOf(role: string): Promise<string> {
  const { createApiToken } = await ask(
    'mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { message } } }',
    { input: { name: `${role} ${Date.now()}`, role } },
  );
  return createApiToken.secret;
}
