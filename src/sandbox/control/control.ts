import type { ServerResponse } from 'node:http';
import type { BusinessService } from '../business-central/service.js';
import { DELTA_FLOOR } from '../dataverse/delta.js';
import type { SalesService } from '../dataverse/service.js';
import { send } from '../http/exchange.js';
import type { Answer } from '../http/operation.js';
import { NAV_INSTANCE, type NavService, navUsers } from '../nav/service.js';
import { ControlInputError, changeSettings, defaultSettings, type Settings } from '../settings.js';
import { clients, TENANT } from '../tokens.js';
import type { ExpectedCase } from '../world/generator/expected-case.js';
import { mostOf } from '../world/generator/further-plan.js';
import { facts, generateWorld, textFact } from '../world/generator/generate.js';
import { defaultSizes, type Sizes } from '../world/generator/plan.js';
import { businessTable, textOf, type World } from '../world/world.js';
import { edit } from './edit.js';
import type { FaultPlan } from './faults.js';
import { type PageFacts, page } from './page.js';
import type { RequestLog } from './request-log.js';

export interface ControlParts {
  readonly world: World;
  readonly settings: Settings;
  readonly log: RequestLog;
  readonly faults: FaultPlan;
  readonly sales: SalesService;
  readonly business: BusinessService;
  readonly nav: NavService;
  readonly dataDir: string | undefined;
}

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly host: string;
}

type Handler = (request: ControlRequest) => object;

/** The control endpoint: what tests and people use to look at the sandbox and to make things happen in it. */
export class Control {
  readonly #parts: ControlParts;
  readonly #handlers: Readonly<Record<string, Handler>>;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    const { world, settings, log, faults } = parts;
    this.#handlers = {
      'GET /control': (request) => this.#overview(request),
      'GET /control/cases': () => world.fact(facts.cases) as object,
      'GET /control/settings': () => settings,
      'POST /control/settings': (request) => {
        changeSettings(settings, json(request));
        return settings;
      },
      'DELETE /control/settings': () => {
        changeSettings(settings, defaultSettings());
        return settings;
      },
      'POST /control/reset': (request) => this.#reset(json(request)),
      'POST /control/edit': (request) => edit(parts, json(request), request.host),
      'GET /control/faults': () => faults.list(),
      'POST /control/faults': (request) => ({ ids: faults.add(json(request)) }),
      'DELETE /control/faults': () => {
        faults.clear();
        return { faults: 0 };
      },
      'GET /control/requests': () => log.summary(),
      'DELETE /control/requests': () => {
        log.resetCounters();
        return log.summary();
      },
      'GET /control/requests/log': (request) => log.last(lastOf(request.query)),
      'POST /control/expire-deltas': () => this.#expireDeltas(),
    };
  }

  async handle(request: ControlRequest, response: ServerResponse): Promise<void> {
    const path = request.path.replace(/(?<=.)\/$/, '');
    if (path === '/' && request.method === 'GET') send(response, html(page(this.#pageFacts(request.host))));
    else if (path === '/control/events' && request.method === 'GET') this.#stream(response);
    else send(response, this.#answer(`${request.method} ${path}`, request));
  }

  #answer(route: string, request: ControlRequest): Answer {
    const handler = this.#handlers[route];
    if (handler === undefined)
      return problem(
        404,
        `${route}: no such control; there are ${Object.keys(this.#handlers).join(', ')}, GET /control/events`,
      );
    try {
      return { status: 200, headers: jsonHeaders, body: handler(request) };
    } catch (error) {
      if (error instanceof ControlInputError) return problem(400, error.message);
      throw error;
    }
  }

  #overview({ host }: ControlRequest): object {
    const { world, settings, dataDir } = this.#parts;
    const base = `http://${host}`;
    return {
      service: 'tandem-sandbox',
      pid: process.pid,
      dataDir: dataDir ?? null,
      seed: world.fact(facts.seed),
      sizes: world.fact(facts.sizes),
      addresses: {
        businessCentral: `${base}/v2.0/${TENANT}/production/api/v2.0/`,
        businessCentralCompanion: settings.BUSINESS.companionApi
          ? `${base}/v2.0/${TENANT}/production/api/tandem/companion/v1.0/`
          : null,
        nav: `${base}/${NAV_INSTANCE}/ODataV4/`,
        dataverse: `${base}/api/data/v9.2/`,
        token: `${base}/${TENANT}/oauth2/v2.0/token`,
      },
      clients: clients.map(({ id, about }) => ({ id, about })),
      navUsers,
      tables: tablesOf(world),
      controls: [...Object.keys(this.#handlers), 'GET /control/events'],
    };
  }

  #pageFacts(host: string): PageFacts {
    const { world, settings, dataDir } = this.#parts;
    return {
      host,
      dataDir,
      settings,
      seed: textFact(world, facts.seed),
      companies: Array.from(world.table(businessTable('', 'companies')).inOrder(), ({ values }) =>
        textOf(values['name']),
      ),
      tables: tablesOf(world),
      cases: (world.fact(facts.cases) ?? []) as unknown as readonly ExpectedCase[],
    };
  }

  /** Fresh data; counters, faults and what limits have counted are forgotten, settings stay. */
  #reset(input: unknown): object {
    const { world, log, faults, sales, business, nav } = this.#parts;
    const { seed, sizes } = resetInput(input, textFact(world, facts.seed));
    const secret = world.fact(facts.secret);
    world.clear();
    generateWorld(world, seed, sizes);
    world.transaction(() => {
      // Access tokens stay good; change tokens of before end, as after the restore of a database.
      if (secret !== undefined) world.setFact(facts.secret, secret);
      world.setFact(DELTA_FLOOR, world.version('SALES'));
    });
    log.resetCounters();
    faults.clear();
    sales.protection.reset();
    business.limits.reset();
    nav.limits.reset();
    return { seed, sizes };
  }

  #expireDeltas(): object {
    const { world } = this.#parts;
    // A write of its own, so that a token of this very moment is below the floor too.
    const floor = world.version('SALES') + 1;
    world.transaction(() => {
      world.skipVersion('SALES');
      world.setFact(DELTA_FLOOR, floor);
    });
    return { expiredBelow: floor };
  }

  /** A line of JSON whenever a request begins or ends, from now until the reader goes away. */
  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    const stop = this.#parts.log.listen((event) => response.write(`${JSON.stringify(event)}\n`));
    response.once('close', stop);
  }
}

const jsonHeaders = { 'Content-Type': 'application/json; charset=utf-8' };
const html = (text: string): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: text,
});
const problem = (status: number, message: string): Answer => ({
  status,
  headers: jsonHeaders,
  body: { error: message },
});

function json(request: ControlRequest): unknown {
  if (request.body.trim() === '') return {};
  try {
    return JSON.parse(request.body);
  } catch {
    throw new ControlInputError(`${request.method} ${request.path}: expected a JSON body`);
  }
}

const tablesOf = (world: World): PageFacts['tables'] =>
  world.tableNames().map((name) => ({ name, rows: world.table(name).size }));

function lastOf(query: string): number {
  const text = new URLSearchParams(query).get('last') ?? '100';
  if (!/^\d+$/.test(text)) throw new ControlInputError(`last: expected a whole number, got "${text}"`);
  return Number(text);
}

function resetInput(input: unknown, seedOfNow: string): { readonly seed: string; readonly sizes: Sizes } {
  const { seed = seedOfNow, sizes = {}, ...others } = (input ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw new ControlInputError(`reset.${unknown}: no such field; there are seed, sizes`);
  if (typeof seed !== 'string') throw new ControlInputError(`reset.seed: expected a text, got ${JSON.stringify(seed)}`);
  const merged: Record<string, unknown> = { ...defaultSizes, ...(sizes as object) };
  for (const [name, value] of Object.entries(merged)) {
    if (!(name in defaultSizes))
      throw new ControlInputError(
        `reset.sizes.${name}: no such size; there are ${Object.keys(defaultSizes).join(', ')}`,
      );
    if (!Number.isInteger(value) || Number(value) < 0)
      throw new ControlInputError(
        `reset.sizes.${name}: expected a whole number of at least 0, got ${JSON.stringify(value)}`,
      );
    const most = mostOf(name as keyof Sizes);
    if (Number(value) > most)
      throw new ControlInputError(`reset.sizes.${name}: expected at most ${most}, got ${Number(value)}`);
  }
  return { seed, sizes: merged as unknown as Sizes };
}
