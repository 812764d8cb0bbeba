import { type Batch, type BatchDialect, describeBatch, parseBatch, performBatch } from '../business-central/batch.js';
import type { BusinessContext, NumberTaken } from '../business-central/context.js';
import { BusinessError, errorAnswer, invalidCredentials } from '../business-central/errors.js';
import { OperationalLimits } from '../business-central/limits.js';
import { keepNumbers } from '../business-central/number-series.js';
import { refusal } from '../business-central/operations.js';
import { underFaultsAndLocks } from '../business-central/record-locks.js';
import type { BusinessService } from '../business-central/service.js';
import { type Answer, type Description, type Headers, kindOf, type Meet, type Operation } from '../http/operation.js';
import type { Received, SystemService } from '../http/system-service.js';
import { parsePath } from '../odata/query-options.js';
import type { Settings } from '../settings.js';
import type { World } from '../world/world.js';
import { integrationRecords } from './integration-records.js';
import type { NavContext } from './nav-context.js';
import { performOrThrow } from './operations.js';
import type { Page } from './page.js';
import { pages, withDateTime } from './pages.js';

export const NAV_INSTANCE = 'DynamicsNAV110';
const ROOT = `/${NAV_INSTANCE}/ODataV4`;

/** Who may sign in, with the web service access key of all of them. */
export const navUsers = ['sandbox', 'somebody-else'] as const;
export const NAV_ACCESS_KEY = 'sandbox-key';

export interface NavServiceParts {
  readonly world: World;
  readonly settings: Settings;
  /** The other dialect of the same companies. */
  readonly business: BusinessService;
}

/** Dynamics NAV 2018's page web services, on the data that Business Central's API shows too. */
export class NavService implements SystemService {
  readonly system = 'BUSINESS';
  readonly limits: OperationalLimits;
  readonly #parts: NavServiceParts;

  constructor(parts: NavServiceParts) {
    this.#parts = parts;
    this.limits = new OperationalLimits(parts.settings);
  }

  matches(path: string): boolean {
    return path === ROOT || path.startsWith(`${ROOT}/`);
  }

  receive(method: string, path: string, query: string, headers: Headers, body: string, host: string): Received {
    const rest = path.slice(ROOT.length).replace(/^\//, '');
    const operation: Operation = { method, path: rest, query, headers, body };
    const description = describeOperation(operation);
    if (description.kind === 'batch' && this.#parts.settings.NAV.multipartBatch)
      return this.#receiveBatch(operation, description, host);
    return {
      description,
      operations: [description],
      answer: (meet) => this.#answer(operation, description, host, meet),
    };
  }

  #receiveBatch(operation: Operation, description: Description, host: string): Received {
    const batch = this.#parse(this.#context('', host), operation);
    return {
      description,
      operations: batch instanceof BusinessError ? [] : describeBatch(batch, dialect),
      answer: (meet) =>
        this.#admitted(operation, host, async (context) => {
          const encounter = await meet(description);
          if (encounter.instead !== undefined) return encounter.instead;
          if (batch instanceof BusinessError) throw batch;
          return encounter.after(await performBatch(context, batch, operation, meet, dialect));
        }),
    };
  }

  #parse(context: NavContext, operation: Operation): Batch | BusinessError {
    try {
      return parseBatch(context, operation);
    } catch (error) {
      if (error instanceof BusinessError) return error;
      throw error;
    }
  }

  #answer(operation: Operation, description: Description, host: string, meet: Meet): Promise<Answer> {
    return this.#admitted(operation, host, (context) =>
      underFaultsAndLocks(context, meet, description, operation, () => perform(context, operation)),
    );
  }

  async #admitted(operation: Operation, host: string, work: (context: NavContext) => Promise<Answer>): Promise<Answer> {
    const { servicesEnabled } = this.#parts.settings.NAV;
    if (!servicesEnabled)
      return errorAnswer(
        new BusinessError(405, 'BadRequest_MethodNotAllowed', 'OData services are not enabled on this server.'),
        operation.headers,
      );
    const user = userOf(operation.headers);
    if (user === undefined) return unauthorized(operation.headers);
    const context = this.#context(user, host);
    try {
      const leave = await this.limits.enter(user);
      try {
        return await work(context);
      } finally {
        leave();
      }
    } catch (error) {
      return refusal(error, operation);
    }
  }

  #context(user: string, host: string): NavContext {
    const { settings, business } = this.#parts;
    const nav = settings.NAV;
    const shared: BusinessContext = business.actAs(user, host);
    return {
      ...shared,
      base: `http://${host}${ROOT}/`,
      // Options are told by their captions, without the escaping of the API.
      settings: {
        ...settings,
        BUSINESS: { ...settings.BUSINESS, escapeEnums: false, maxPageSize: nav.maxPageSize, multipartBatch: true },
      },
      nav,
      published: publishedPages(settings),
    };
  }
}

/** A batch of the web services is done like one of the API, by their own operations. */
const dialect: BatchDialect = {
  perform: (context, operation) => perform(context as NavContext, operation),
  performOrThrow: (context, operation) =>
    shownAs(context as NavContext, performOrThrow(context as NavContext, operation)),
  describe: describeOperation,
};

function describeOperation({ method, path, headers, body }: Operation): Description {
  const kind = path === '$batch' ? 'batch' : kindOf(method, headers);
  return { system: 'BUSINESS', method, path, entitySet: serviceOf(path), kind, body };
}

function perform(context: NavContext, operation: Operation): Answer {
  const taken: NumberTaken[] = [];
  try {
    const answer = context.world.transaction(() =>
      performOrThrow({ ...context, onNumberTaken: (number) => taken.push(number) }, operation),
    );
    return shownAs(context, answer);
  } catch (error) {
    if (context.settings.BUSINESS.gapsOnFailure) keepNumbers(context, taken);
    return refusal(error, operation);
  }
}

/** The pages under the names that they are published with. */
function publishedPages({ NAV: nav }: Settings): readonly Page[] {
  const names = new Map(nav.serviceNames.map((pair) => pair.split('=') as [string, string]));
  const offered = nav.integrationRecords ? [...pages, integrationRecords] : pages;
  return offered
    .filter(({ set }) => !nav.unpublished.includes(set.entitySet))
    .map((page) => {
      const set = nav.dateTimeColumns ? withDateTime(page) : page.set;
      const name = names.get(set.entitySet) ?? set.entitySet;
      return { ...page, set: { ...set, entitySet: name, entityType: name } };
    });
}

/** What builds and settings of the server change in every row that is shown. */
function shownAs({ nav }: NavContext, answer: Answer): Answer {
  if (typeof answer.body !== 'object' || (!nav.etagProperty && nav.blankOption === ' ')) return answer;
  const shown = (row: Record<string, unknown>): Record<string, unknown> => {
    const etag = row['@odata.etag'];
    const cells = Object.entries(row).map(([name, value]) => [name, value === ' ' ? nav.blankOption : value]);
    return {
      ...Object.fromEntries(cells),
      ...(nav.etagProperty && typeof etag === 'string'
        ? { ETag: decodeURIComponent(etag.replace(/^W\/"'|'"$/g, '')) }
        : {}),
    };
  };
  const body = answer.body as Record<string, unknown>;
  const rows = body['value'];
  return { ...answer, body: Array.isArray(rows) ? { ...body, value: rows.map(shown) } : shown(body) };
}

function userOf(headers: Headers): string | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '';
  const [user = '', key = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s);
  return key === NAV_ACCESS_KEY ? navUsers.find((one) => one === user) : undefined;
}

function unauthorized(headers: Headers): Answer {
  const answer = errorAnswer(invalidCredentials(), headers);
  return { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': 'Basic realm=""' } };
}

/** The service that an address names; the company is not part of it. */
function serviceOf(path: string): string {
  try {
    const [first, second] = parsePath(path);
    return (first?.name === 'Company' && first.key !== undefined ? second?.name : undefined) ?? first?.name ?? '';
  } catch {
    return '';
  }
}
