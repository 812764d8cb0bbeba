import type { Fact } from '../../world/row.js';
import { BusinessError, badRequest } from '../errors.js';

/** A client that wants to be told of changes of one entity set. */
export interface Subscription {
  readonly subscriptionId: string;
  readonly notificationUrl: string;
  /** Address of the set below the server, without a slash at its beginning. */
  readonly resource: string;
  readonly clientState: string;
  readonly userId: string;
  readonly companyId: string;
  readonly entitySet: string;
  readonly expiresAtMs: number;
  readonly modifiedAtMs: number;
  readonly version: number;
}

/** Entity sets that Business Central tells changes of; contacts, salespeople and variants are not among them. */
const supported = new Set([
  'accounts',
  'companyInformation',
  'countriesRegions',
  'currencies',
  'customerPaymentJournals',
  'customers',
  'dimensions',
  'employees',
  'generalLedgerEntries',
  'itemCategories',
  'items',
  'journals',
  'paymentMethods',
  'paymentTerms',
  'purchaseInvoices',
  'salesCreditMemos',
  'salesInvoices',
  'salesOrders',
  'salesQuotes',
  'shipmentMethods',
  'unitsOfMeasure',
  'vendors',
]);

const LONGEST_CLIENT_STATE = 2_048;

/** What a client asks for, checked. */
export function readSubscription(
  body: unknown,
): Pick<Subscription, 'notificationUrl' | 'resource' | 'clientState' | 'companyId' | 'entitySet'> {
  const { notificationUrl, resource, clientState = '' } = (body ?? {}) as Record<string, unknown>;
  if (typeof notificationUrl !== 'string' || !isLoopback(notificationUrl))
    throw badRequest('The notification URL must be an address on this machine.');
  if (typeof clientState !== 'string' || clientState.length > LONGEST_CLIENT_STATE)
    throw badRequest(`The client state must be a text of at most ${LONGEST_CLIENT_STATE} characters.`);
  const [, companyId, entitySet] =
    /^\/?api\/v2\.0\/companies\(([\da-f-]{36})\)\/(\w+)$/i.exec(typeof resource === 'string' ? resource : '') ?? [];
  if (companyId === undefined || entitySet === undefined) throw badRequest('The resource is not valid.');
  if (!supported.has(entitySet))
    throw new BusinessError(400, 'BadRequest', `The entity '${entitySet}' does not support webhooks.`);
  return {
    notificationUrl,
    resource: String(resource).replace(/^\//, ''),
    clientState,
    companyId: companyId.toLowerCase(),
    entitySet,
  };
}

/** A sandbox tells nobody but programs of its own machine. */
const isLoopback = (url: string): boolean =>
  URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

export const etagOfSubscription = ({ version }: Subscription): string =>
  `W/"${Buffer.from(`1;${version};00;`).toString('base64')}"`;

/** A subscription as clients see it. */
export const shown = (subscription: Subscription): Record<string, unknown> => ({
  '@odata.etag': etagOfSubscription(subscription),
  subscriptionId: subscription.subscriptionId,
  notificationUrl: subscription.notificationUrl,
  resource: `/${subscription.resource}`,
  timestamp: subscription.version,
  userId: subscription.userId,
  lastModifiedDateTime: new Date(subscription.modifiedAtMs).toISOString(),
  clientState: subscription.clientState,
  expirationDateTime: new Date(subscription.expiresAtMs).toISOString(),
});

export const fromFact = (fact: Fact | undefined): readonly Subscription[] =>
  Array.isArray(fact) ? (fact as readonly Subscription[]) : [];
