import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { resolve } from 'node:path';
import { BusinessService } from './business-central/service.js';
import { Control } from './control/control.js';
import { FaultPlan } from './control/faults.js';
import { RequestLog } from './control/request-log.js';
import { SalesService } from './dataverse/service.js';
import { ConnectionCutError } from './http/connection.js';
import { addressOf, BodyTooLargeError, headersOf, readBody, send } from './http/exchange.js';
import type { Answer, Description, Encounter, Headers } from './http/operation.js';
import type { Received, SystemService } from './http/system-service.js';
import { NavService } from './nav/service.js';
import { Seal } from './odata/seal.js';
import { changeSettings, clockOf, defaultSettings, type Settings } from './settings.js';
import { TokenIssuer } from './tokens.js';
import { facts, furtherRows, generateWorld, textFact } from './world/generator/generate.js';
import { defaultSizes, type Sizes } from './world/generator/plan.js';
import { World } from './world/world.js';

export interface SandboxOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where the data is kept over a restart; without it the data lives as long as the sandbox. */
  readonly dataDir?: string;
  /** What the data is made from when there is none yet. */
  readonly seed?: string;
  readonly sizes?: Partial<Sizes>;
  /** Changes of the default settings, in the form that `POST /control/settings` takes. */
  readonly settings?: object;
}

/** A running sandbox. */
export interface Sandbox {
  /** Address without a slash at its end, for example `http://127.0.0.1:4010`. */
  readonly url: string;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 120_000;

const DEFAULT_SEED = 'tandem';

/**
 * Starts both systems as one HTTP service on 127.0.0.1. The port is taken before the data are read, so that a second
 * sandbox with the same settings ends before it touches them.
 * Throws the error of the operating system when the port is taken, and `JournalDamagedError` for unreadable data.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const settings = defaultSettings();
  if (options.settings !== undefined) changeSettings(settings, options.settings);
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir);
  const opening = Promise.withResolvers<SandboxServer>();
  const door = new Door(opening.promise);
  const url = await door.listen(options.port);
  try {
    const world = await World.open({
      now: clockOf(settings),
      madeRows: furtherRows,
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    if (world.isEmpty) generateWorld(world, options.seed ?? DEFAULT_SEED, { ...defaultSizes, ...options.sizes });
    const server = new SandboxServer(world, settings, dataDir);
    opening.resolve(server);
    return {
      url,
      close: async () => {
        await door.close();
        server.close();
        world.close();
      },
    };
  } catch (error) {
    await door.close();
    throw error;
  }
}

/** The listening socket. Requests that come before the data are read wait. */
class Door {
  readonly #http: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Promise<SandboxServer>) {
    this.#http = createServer((request, response) => {
      server.then((opened) => opened.handle(request, response)).catch((error: unknown) => failed(response, error));
    });
    // Longer than clients keep idle connections: resets are made by faults, not by chance.
    this.#http.keepAliveTimeout = KEEP_ALIVE_MS;
    // Closing ends idle and busy connections alike, also those of event streams.
    this.#http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(port: number): Promise<string> {
    await new Promise<void>((listening, refused) => {
      this.#http.once('error', refused);
      this.#http.listen(port, '127.0.0.1', () => listening());
    });
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#http.close(() => done()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

class SandboxServer {
  readonly #world: World;
  readonly #settings: Settings;
  readonly #log = new RequestLog();
  readonly #faults = new FaultPlan();
  readonly #tokens: TokenIssuer;
  readonly #services: readonly SystemService[];
  readonly #control: Control;
  readonly #business: BusinessService;

  constructor(world: World, settings: Settings, dataDir: string | undefined) {
    this.#world = world;
    this.#settings = settings;
    const seal = new Seal(textFact(world, facts.secret));
    this.#tokens = new TokenIssuer(seal, settings);
    const parts = { world, settings, tokens: this.#tokens, seal };
    const sales = new SalesService(parts);
    const business = new BusinessService(parts);
    this.#business = business;
    const nav = new NavService({ world, settings, business });
    this.#services = [sales, business, nav];
    const systems = { sales, business, nav };
    this.#control = new Control({ world, settings, log: this.#log, faults: this.#faults, ...systems, dataDir });
  }

  close(): void {
    this.#business.close();
  }

  /** Answers one request of either system, or of the control endpoint. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, query } = addressOf(request);
    const method = request.method ?? 'GET';
    const headers = headersOf(request);
    const host = headers.get('host') ?? '127.0.0.1';
    const body = await readBody(request);
    if (path === '/' || path.startsWith('/control')) {
      await this.#control.handle({ method, path, query, body, host }, response);
      return;
    }
    const received = this.#receive(method, path, query, headers, body, host);
    if (received === undefined) send(response, notFound(path));
    else await this.#answer(received, headers, response);
  }

  #receive(
    method: string,
    path: string,
    query: string,
    headers: Headers,
    body: string,
    host: string,
  ): Received | undefined {
    const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path)?.[1];
    if (tenant !== undefined && method === 'POST') return this.#receiveToken(tenant, path, body, host);
    return this.#services.find((service) => service.matches(path))?.receive(method, path, query, headers, body, host);
  }

  #receiveToken(tenant: string, path: string, body: string, host: string): Received {
    const scope = new URLSearchParams(body).get('scope') ?? '';
    const system = scope.includes('businesscentral') ? 'BUSINESS' : 'SALES';
    const description: Description = { system, method: 'POST', path, entitySet: 'token', kind: 'token' };
    return {
      description,
      operations: [],
      answer: async (meet) => {
        const encounter = await meet(description);
        return encounter.instead ?? encounter.after(this.#tokens.issue(tenant, body, host));
      },
    };
  }

  /** Answers a request to one of the systems: counted, delayed, struck by faults, and told to listeners. */
  async #answer(received: Received, headers: Headers, response: ServerResponse): Promise<void> {
    const { system } = received.description;
    const record = this.#log.begin(received.description, received.operations, {
      runId: headers.get('x-tandem-run-id'),
      keepBodies: this.#settings.keepBodies,
    });
    const closed = new Promise<void>((gone) => response.once('close', gone));
    try {
      const { latencyMs } = this.#settings[system];
      if (latencyMs > 0) await new Promise((done) => setTimeout(done, latencyMs));
      const answer = await received.answer(async (description) => {
        const encounter = await this.#faults.meet(description, closed);
        const after: Encounter['after'] = (given) => {
          this.#log.done(record, description, given.status);
          return encounter.after(given);
        };
        return { ...encounter, after };
      });
      const isOpen = !response.destroyed;
      send(response, answer, { Date: new Date(this.#world.now(system)).toUTCString(), 'OData-Version': '4.0' });
      this.#log.end(record, isOpen ? 'answered' : 'abandoned', answer.status);
    } catch (error) {
      if (error instanceof ConnectionCutError) {
        response.socket?.resetAndDestroy();
        this.#log.end(record, 'cut');
        return;
      }
      this.#log.end(record, 'answered', 500);
      throw error;
    }
  }
}

function notFound(path: string): Answer {
  return {
    status: 404,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: `Nothing answers at ${path}. The page at / lists the addresses of the sandbox.\n`,
  };
}

/** A bug of the sandbox, or a body that it cannot take: said plainly, so that nobody takes it for an answer of a system. */
function failed(response: ServerResponse, error: unknown): void {
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof BodyTooLargeError ? 413 : 500;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (status === 500) process.stderr.write(`sandbox: ${text}\n`);
  send(response, {
    status,
    headers: { 'Content-Type': 'application/json' },
    body: { error: { code: 'SandboxFailure', message: error instanceof Error ? error.message : 'unknown' } },
  });
}
