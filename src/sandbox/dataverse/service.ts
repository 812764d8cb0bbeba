import { OpenWrites } from '../http/open-writes.js';
import type { Answer, Description, Meet, Operation } from '../http/operation.js';
import type { Received, SystemService } from '../http/system-service.js';
import type { Seal } from '../odata/seal.js';
import { ControlInputError, type Settings } from '../settings.js';
import { type Client, clients, TENANT, type TokenIssuer } from '../tokens.js';
import { salesTable, type World } from '../world/world.js';
import { type Batch, describeBatch, describeOperation, parseBatch, performBatch } from './batch.js';
import { type SalesContext, SERVICE_PATH } from './context.js';
import { underFaultsAndDeadlocks } from './deadlocks.js';
import { DataverseError, errorAnswer } from './errors.js';
import { ServiceProtection } from './limits.js';
import { perform, refusal } from './operations.js';

export interface SalesServiceParts {
  readonly world: World;
  readonly settings: Settings;
  readonly tokens: TokenIssuer;
  readonly seal: Seal;
}

/** The Dataverse side as a service: who calls, whether it may, and one operation or a batch of them. */
export class SalesService implements SystemService {
  readonly system = 'SALES';
  readonly protection: ServiceProtection;
  readonly #parts: SalesServiceParts;
  readonly #openWrites = new OpenWrites();

  constructor(parts: SalesServiceParts) {
    this.#parts = parts;
    this.protection = new ServiceProtection(parts.settings);
  }

  matches(path: string): boolean {
    return path.startsWith('/api/');
  }

  receive(
    method: string,
    path: string,
    query: string,
    headers: Operation['headers'],
    body: string,
    host: string,
  ): Received {
    const operation: Operation = { method, path: path.slice(SERVICE_PATH.length), query, headers, body };
    const base = `http://${host}${SERVICE_PATH}`;
    if (!path.startsWith(SERVICE_PATH))
      return { description: this.#outside(method, path), operations: [], answer: async () => wrongPath(path) };
    const description = describeOperation(operation);
    if (description.kind !== 'batch')
      return {
        description,
        operations: [description],
        answer: (meet) => this.#single(operation, base, description, meet),
      };
    const batch = this.#parse(operation, base);
    return {
      description,
      operations: batch instanceof DataverseError ? [] : describeBatch(batch),
      answer: (meet) => this.#batch(operation, base, description, batch, meet),
    };
  }

  #outside(method: string, path: string): Description {
    return { system: this.system, method, path, entitySet: '', kind: 'read' };
  }

  #single(operation: Operation, base: string, description: Description, meet: Meet): Promise<Answer> {
    return this.#admitted(operation, base, (context) =>
      underFaultsAndDeadlocks(context, meet, description, () => perform(context, operation)),
    );
  }

  #batch(
    operation: Operation,
    base: string,
    description: Description,
    batch: Batch | DataverseError,
    meet: Meet,
  ): Promise<Answer> {
    return this.#admitted(operation, base, async (context) => {
      const encounter = await meet(description);
      if (encounter.instead !== undefined) return encounter.instead;
      if (batch instanceof DataverseError) throw batch;
      return encounter.after(await performBatch(context, batch, operation, meet));
    });
  }

  /** Reads a batch before it is admitted, so that events can tell of its operations; its faults are answered later. */
  #parse(operation: Operation, base: string): Batch | DataverseError {
    try {
      return parseBatch(this.#context(base, ''), operation);
    } catch (error) {
      if (error instanceof DataverseError) return error;
      throw error;
    }
  }

  /** Checks the caller and the limits around `work`, and puts the headers of every answer on it. */
  async #admitted(
    operation: Operation,
    base: string,
    work: (context: SalesContext) => Promise<Answer>,
  ): Promise<Answer> {
    const caller = this.#parts.tokens.callerOf(operation.headers, 'SALES');
    if ('refused' in caller) return unauthorized(base, caller.refused);
    const userId = this.#userIdOf(caller.client);
    if (userId === undefined)
      return errorAnswer(new DataverseError(403, '0x80072560', 'The user is not a member of the organization.'), false);
    const actingId = this.#impersonated(operation) ?? userId;
    if (actingId === '')
      return errorAnswer(new DataverseError(403, '0x80072560', 'The user is not a member of the organization.'), false);
    try {
      const slot = this.protection.enter(userId);
      try {
        return this.#dressed(await work(this.#context(base, actingId)), userId);
      } finally {
        slot.leave();
      }
    } catch (error) {
      return this.#dressed(refusal(error, operation), userId);
    }
  }

  /** Whom the caller acts for; blank for somebody unknown, undefined where nobody is named. */
  #impersonated({ headers }: Operation): string | undefined {
    const named = headers.get('callerobjectid') ?? headers.get('mscrmcallerid');
    if (named === undefined) return undefined;
    // In the sandbox a user has the same id in the directory and in Dataverse.
    return this.#parts.world.table(salesTable('systemuser')).get(named.toLowerCase())?.id ?? '';
  }

  #dressed(answer: Answer, userId: string): Answer {
    return { ...answer, headers: { ...this.protection.headers(userId), ...answer.headers } };
  }

  #userIdOf(client: Client): string | undefined {
    if (!client.isMember) return undefined;
    return this.#parts.world
      .table(salesTable('systemuser'))
      .find((row) => row.values['domainname'] === `${client.id}@sandbox.example`)?.id;
  }

  #context(base: string, userId: string): SalesContext {
    return {
      world: this.#parts.world,
      settings: this.#parts.settings,
      seal: this.#parts.seal,
      base,
      userId,
      isAdministrator: false,
      openWrites: this.#openWrites,
    };
  }

  /** What a person does through the control endpoint: the same rules, without token and limits. */
  actAs(clientId: string, host: string): SalesContext {
    const client = clients.find((one) => one.id === clientId);
    if (client === undefined)
      throw new ControlInputError(
        `client: expected one of ${clients.map(({ id }) => id).join(', ')}, got "${clientId}"`,
      );
    return { ...this.#context(`http://${host}${SERVICE_PATH}`, this.#userIdOf(client) ?? ''), isAdministrator: true };
  }
}

function unauthorized(base: string, reason: string): Answer {
  const origin = new URL(base).origin;
  const text =
    { missing: 'BadAuthTicket', invalid: 'BadAuthTicket', expired: 'ExpiredAuthTicket', otherSystem: 'BadAuthTicket' }[
      reason
    ] ?? 'BadAuthTicket';
  return {
    status: 401,
    headers: {
      'WWW-Authenticate': `Bearer authorization_uri=${origin}/${TENANT}/oauth2/authorize, resource_id=${origin}/`,
      'Content-Type': 'text/html',
    },
    body: `<html><head><title>401</title></head><body>HTTP Error 401 - Unauthorized: ${text}</body></html>`,
  };
}

function wrongPath(path: string): Answer {
  const version = path.split('/')[3] ?? '';
  return errorAnswer(
    new DataverseError(
      400,
      '0x80060888',
      `Requested API Version '${version}' was not understood. Please use the version v9.2 in the address.`,
    ),
    false,
  );
}
