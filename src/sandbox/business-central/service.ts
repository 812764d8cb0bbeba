import { OpenWrites } from '../http/open-writes.js';
import { type Answer, type Description, type Headers, type Meet, type Operation } from '../http/operation.js';
import type { Received, SystemService } from '../http/system-service.js';
import type { Seal } from '../odata/seal.js';
import type { Settings } from '../settings.js';
import { TENANT, type TokenIssuer } from '../tokens.js';
import type { World } from '../world/world.js';
import { type Batch, describeBatch, describeOperation, parseBatch, performBatch } from './batch.js';
import type { BusinessContext } from './context.js';
import { type Api, companionApi, standardApi } from './entity-sets.js';
import { BusinessError, errorAnswer, invalidCredentials, unknownSegment } from './errors.js';
import { OperationalLimits } from './limits.js';
import { perform, refusal } from './operations.js';
import { underFaultsAndLocks } from './record-locks.js';
import { cancelledInTime, throughGateway } from './time-outs.js';
import { Webhooks } from './webhooks/webhooks.js';

export interface BusinessServiceParts {
  readonly world: World;
  readonly settings: Settings;
  readonly tokens: TokenIssuer;
  readonly seal: Seal;
}

/** The tenant may be left out of the address: the token decides about it. */
const address = /^\/v2\.0\/(?:[^/]+\/)?([^/]+)\/api\/(v2\.0|[^/]+\/[^/]+\/v\d+\.\d+)(?:\/(.*))?$/;
const ENVIRONMENT = 'production';

/** The Business Central side as a service: both APIs on the same companies. */
export class BusinessService implements SystemService {
  readonly system = 'BUSINESS';
  readonly limits: OperationalLimits;
  readonly #parts: BusinessServiceParts;
  readonly #openWrites = new OpenWrites();
  readonly #webhooks: Webhooks;

  constructor(parts: BusinessServiceParts) {
    this.#parts = parts;
    this.limits = new OperationalLimits(parts.settings);
    this.#webhooks = new Webhooks(parts.world, parts.settings);
  }

  close(): void {
    this.#webhooks.close();
  }

  matches(path: string): boolean {
    return path.startsWith('/v2.0/');
  }

  receive(method: string, path: string, query: string, headers: Headers, body: string, host: string): Received {
    const [, environment = '', route = '', rest = ''] = address.exec(path) ?? [];
    const operation: Operation = { method, path: rest, query, headers, body };
    const description = describeOperation(operation);
    const api = [standardApi, companionApi].find((one) => one.route === route) ?? standardApi;
    const base = `http://${host}${path.slice(0, path.length - rest.length).replace(/\/?$/, '/')}`;
    const early = this.#early(environment, route, operation);
    if (early !== undefined) return { description, operations: [], answer: async () => early };
    if (description.kind !== 'batch')
      return {
        description,
        operations: [description],
        answer: (meet) => this.#single(operation, api, base, description, meet),
      };
    const batch = this.#parse(operation, api, base);
    return {
      description,
      operations: batch instanceof BusinessError ? [] : describeBatch(batch),
      answer: (meet) => this.#batch(operation, api, base, description, batch, meet),
    };
  }

  /** What is answered before anybody looks at the token. */
  #early(environment: string, route: string, operation: Operation): Answer | undefined {
    const { servicesEnabled, companionApi: hasCompanion } = this.#parts.settings.BUSINESS;
    if (environment.toLowerCase() !== ENVIRONMENT)
      return {
        status: 404,
        headers: { 'Content-Type': 'text/plain' },
        body: `The environment '${environment}' of tenant '${TENANT}' does not exist.`,
      };
    if (!servicesEnabled)
      return errorAnswer(
        new BusinessError(405, 'BadRequest_MethodNotAllowed', 'API services are not enabled on this server.'),
        operation.headers,
      );
    const known = route === standardApi.route || (route === companionApi.route && hasCompanion);
    return known ? undefined : errorAnswer(unknownSegment(route.split('/')[0] ?? route), operation.headers);
  }

  #single(operation: Operation, api: Api, base: string, description: Description, meet: Meet): Promise<Answer> {
    if (description.entitySet === 'subscriptions')
      return this.#admitted(operation, api, base, async ({ user }) => {
        const encounter = await meet(description);
        return encounter.instead ?? encounter.after(await this.#webhooks.answer(operation, user));
      });
    return this.#admitted(operation, api, base, (context) =>
      underFaultsAndLocks(context, cancelledInTime(meet, this.#parts.settings), description, operation, () =>
        perform(context, operation),
      ),
    );
  }

  #batch(
    operation: Operation,
    api: Api,
    base: string,
    description: Description,
    batch: Batch | BusinessError,
    meet: Meet,
  ): Promise<Answer> {
    const operations = batch instanceof BusinessError ? 1 : batch.operations.length;
    const inTime = cancelledInTime(meet, this.#parts.settings);
    const work = async (context: BusinessContext) => {
      const encounter = await inTime(description);
      if (encounter.instead !== undefined) return encounter.instead;
      if (batch instanceof BusinessError) throw batch;
      return encounter.after(await performBatch(context, batch, operation, inTime));
    };
    return this.#admitted(operation, api, base, work, operations);
  }

  #parse(operation: Operation, api: Api, base: string): Batch | BusinessError {
    try {
      return parseBatch(this.#context(api, base, ''), operation);
    } catch (error) {
      if (error instanceof BusinessError) return error;
      throw error;
    }
  }

  #admitted(
    operation: Operation,
    api: Api,
    base: string,
    work: (context: BusinessContext) => Promise<Answer>,
    operations = 1,
  ): Promise<Answer> {
    return throughGateway(this.#worked(operation, api, base, work, operations), this.#parts.settings);
  }

  async #worked(
    operation: Operation,
    api: Api,
    base: string,
    work: (context: BusinessContext) => Promise<Answer>,
    operations: number,
  ): Promise<Answer> {
    const caller = this.#parts.tokens.callerOf(operation.headers, 'BUSINESS');
    if ('refused' in caller || !caller.client.isMember) return errorAnswer(invalidCredentials(), operation.headers);
    try {
      const leave = await this.limits.enter(caller.client.id, operations);
      try {
        return await work(this.#context(api, base, caller.client.id));
      } finally {
        leave();
      }
    } catch (error) {
      return refusal(error, operation);
    }
  }

  #context(api: Api, base: string, user: string): BusinessContext {
    const { world, settings, seal } = this.#parts;
    return { world, settings, seal, api, base, user, openWrites: this.#openWrites };
  }

  /** What a person does through the control endpoint: the same rules, without token and limits. */
  actAs(user: string, host: string): BusinessContext {
    return this.#context(companionApi, `http://${host}/v2.0/${TENANT}/${ENVIRONMENT}/api/${companionApi.route}/`, user);
  }
}
