import { randomUUID } from 'node:crypto';
import type { Answer, Operation } from '../../http/operation.js';
import type { Settings } from '../../settings.js';
import type { Change } from '../../world/journal.js';
import type { World } from '../../world/world.js';
import { BusinessError, badRequest, recordNotFound } from '../errors.js';
import { addChange, type Notification, notificationsOf, type Pending } from './notifications.js';
import { etagOfSubscription, fromFact, readSubscription, type Subscription, shown } from './subscription.js';

const FACT = 'BUSINESS/subscriptions';
const HOUR_MS = 3_600_000;
const DELIVERY_MS = 10_000;

/** Statuses after which a notification is sent again; any other failure ends the subscription. */
const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** The subscriptions of clients, and what they are told. Kept over a restart; what was not told before it is lost, as in a failover. */
export class Webhooks {
  readonly #world: World;
  readonly #settings: Settings;
  readonly #pending = new Map<string, Pending>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopListening: () => void;
  #closed = false;

  constructor(world: World, settings: Settings) {
    this.#world = world;
    this.#settings = settings;
    this.#stopListening = world.listen((changes) => this.#notice(changes));
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Answers `subscriptions` and `subscriptions('id')`. */
  async answer(operation: Operation, user: string): Promise<Answer> {
    const id = /^subscriptions\('([^']+)'\)$/.exec(operation.path)?.[1];
    if (id === undefined) {
      if (operation.method === 'GET') return { status: 200, headers: {}, body: { value: this.#live().map(shown) } };
      if (operation.method === 'POST') return this.#subscribe(operation, user);
      throw notAllowed(operation);
    }
    const subscription = this.#live().find((one) => one.subscriptionId === id);
    if (subscription === undefined) throw recordNotFound('Webhook Subscription', id);
    if (operation.method === 'GET') return { status: 200, headers: {}, body: shown(subscription) };
    checkVersion(subscription, operation);
    if (operation.method === 'DELETE') {
      this.#keep(this.#live().filter((one) => one !== subscription));
      return { status: 204, headers: {} };
    }
    if (operation.method !== 'PATCH') throw notAllowed(operation);
    await this.#shakeHands(subscription.notificationUrl);
    const renewed = { ...subscription, ...this.#stamps(), version: subscription.version + 1 };
    this.#keep(this.#live().map((one) => (one.subscriptionId === id ? renewed : one)));
    return { status: 200, headers: {}, body: shown(renewed) };
  }

  async #subscribe(operation: Operation, user: string): Promise<Answer> {
    const wanted = readSubscription(parsed(operation.body));
    if (this.#live().length >= this.#settings.BUSINESS.webhooks.maximum)
      throw new BusinessError(400, 'BadRequest', 'The limit of webhook subscriptions is reached.');
    await this.#shakeHands(wanted.notificationUrl);
    const subscription: Subscription = {
      ...wanted,
      subscriptionId: randomUUID().replaceAll('-', ''),
      userId: user,
      ...this.#stamps(),
      version: 1,
    };
    this.#keep([...this.#live(), subscription]);
    return { status: 201, headers: {}, body: shown(subscription) };
  }

  #stamps(): Pick<Subscription, 'expiresAtMs' | 'modifiedAtMs'> {
    const now = this.#world.now('BUSINESS');
    return { modifiedAtMs: now, expiresAtMs: now + this.#settings.BUSINESS.webhooks.lifetimeHours * HOUR_MS };
  }

  /** The client has to answer with the token that it is sent. */
  async #shakeHands(notificationUrl: string): Promise<void> {
    const token = randomUUID();
    const url = new URL(notificationUrl);
    url.searchParams.set('validationToken', token);
    const answer = await post(url, '');
    if (answer?.status !== 200 || answer.text.trim() !== token)
      throw badRequest('The notification URL did not answer with the validation token.');
  }

  #live(): readonly Subscription[] {
    const now = this.#world.now('BUSINESS');
    return fromFact(this.#world.fact(FACT)).filter(({ expiresAtMs }) => expiresAtMs > now);
  }

  #keep(subscriptions: readonly Subscription[]): void {
    this.#world.transaction(() =>
      this.#world.setFact(
        FACT,
        subscriptions.map((one) => ({ ...one })),
      ),
    );
  }

  #notice(changes: readonly Change[]): void {
    const live = this.#live();
    if (live.length === 0) return;
    for (const change of changes) {
      if (!('table' in change) || 'quiet' in change) continue;
      for (const { subscriptionId, companyId, entitySet } of live) {
        if (change.table !== `BUSINESS/${companyId}/${entitySet}`) continue;
        const pending = this.#pending.get(subscriptionId) ?? this.#begin(subscriptionId);
        if ('gone' in change) addChange(pending, change.gone.id, 'deleted', change.gone.deletedAtMs);
        else addChange(pending, change.put.id, isNew(change.put) ? 'created' : 'updated', change.put.modifiedAtMs);
      }
    }
  }

  /** The first change after a silence: it is told a while later, with what comes meanwhile. */
  #begin(subscriptionId: string): Pending {
    const pending: Pending = new Map();
    if (this.#pending.size === 0) this.#later(this.#settings.BUSINESS.webhooks.delayMs, () => this.#tellAll());
    this.#pending.set(subscriptionId, pending);
    return pending;
  }

  #tellAll(): void {
    const due = new Map(this.#pending);
    this.#pending.clear();
    const { collectionAbove } = this.#settings.BUSINESS.webhooks;
    const told = this.#live().flatMap((subscription) => {
      const pending = due.get(subscription.subscriptionId);
      if (pending === undefined || pending.size === 0) return [];
      return [{ url: subscription.notificationUrl, value: notificationsOf(subscription, pending, collectionAbove) }];
    });
    // Several subscriptions of one address are told in one call.
    for (const [url, group] of Map.groupBy(told, (one) => one.url))
      void this.#deliver(
        url,
        group.flatMap(({ value }) => value),
        Date.now(),
      );
  }

  async #deliver(url: string, value: readonly Notification[], firstAtMs: number): Promise<void> {
    const answer = await post(new URL(url), JSON.stringify({ value }));
    if (this.#closed || (answer !== undefined && answer.status >= 200 && answer.status < 300)) return;
    const { retryMs, retryHours } = this.#settings.BUSINESS.webhooks;
    if (answer === undefined || isTransient(answer.status)) {
      if (Date.now() - firstAtMs < retryHours * HOUR_MS)
        this.#later(retryMs, () => void this.#deliver(url, value, firstAtMs));
      return;
    }
    const ended = new Set(value.map(({ subscriptionId }) => subscriptionId));
    this.#keep(this.#live().filter(({ subscriptionId }) => !ended.has(subscriptionId)));
  }

  #later(durationMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, durationMs);
    timer.unref();
    this.#timers.add(timer);
  }
}

const isNew = ({ createdAtMs, modifiedAtMs }: { createdAtMs: number; modifiedAtMs: number }): boolean =>
  createdAtMs === modifiedAtMs;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('Invalid Request Body');
  }
}

function checkVersion(subscription: Subscription, { headers }: Operation): void {
  const condition = headers.get('if-match');
  if (condition === undefined)
    throw new BusinessError(
      400,
      'BadRequest_InvalidToken',
      'Could not validate the client concurrency token required by the service. Please provide a valid token in the client request.',
    );
  if (condition !== '*' && condition !== etagOfSubscription(subscription))
    throw new BusinessError(409, 'Request_EntityChanged', 'Another user has already changed the record.');
}

const notAllowed = ({ method }: Operation): BusinessError =>
  new BusinessError(405, 'BadRequest_MethodNotAllowed', `The method ${method} is not allowed here.`);

/** The answer of a client; undefined when none came. */
async function post(url: URL, body: string): Promise<{ readonly status: number; readonly text: string } | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(DELIVERY_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}
