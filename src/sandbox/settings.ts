import type { Side } from './world/row.js';

/** Limits of the Dataverse service protection; the defaults are the real values, but they are only enforced when switched on. */
export interface SalesLimits {
  enforced: boolean;
  requests: number;
  windowSeconds: number;
  executionMs: number;
  concurrency: number;
  /** Recommended parallelism, sent as `x-ms-dop-hint`. */
  dopHint: number;
}

/** Limits of Business Central online, a user; only enforced when switched on. */
export interface BusinessLimits {
  enforced: boolean;
  parallel: number;
  queue: number;
  queueTimeoutMs: number;
  requests: number;
  windowSeconds: number;
  /** Whether each operation of a batch counts as a request, or the batch as one. */
  countsOperations: boolean;
  /** A request that is worked on for longer is cancelled with 408, and nothing of it happens. */
  operationTimeoutMs: number;
  /** The gateway in front answers 504 after so long; the request goes on behind it. */
  gatewayTimeoutMs: number;
  /** Seconds for `Retry-After` of a 429; 0 leaves the header out, as the real service may. */
  retryAfterSeconds: number;
}

/** How Business Central tells clients of changes. */
export interface WebhookSettings {
  /** From the first change to the notification of it and of what changed meanwhile. */
  delayMs: number;
  /** More changes than this in one go are told as one of the whole set. */
  collectionAbove: number;
  lifetimeHours: number;
  /** Subscriptions that there may be. */
  maximum: number;
  /** Pause before a notification is repeated that the client could not take. */
  retryMs: number;
  /** A notification is given up after so long. */
  retryHours: number;
}

/** What NAV servers, and the pages that are published on them, do differently. */
export interface NavSettings {
  /** `ODataServicesMaxPageSize` of the server. */
  maxPageSize: number;
  /** Whether a client may ask for smaller pages with `odata.maxpagesize`. */
  respectsMaxPageSize: boolean;
  /** Off: every address of the web services answers 405. */
  servicesEnabled: boolean;
  /** Whether the pages of customers, currencies, units and items show when a row was changed to the millisecond. */
  dateTimeColumns: boolean;
  /** Whether a page of the table Integration Record is published. */
  integrationRecords: boolean;
  /** Rows also have the property `ETag`, which some builds send. */
  etagProperty: boolean;
  /** How the blank member of an option is told: as a blank, or as `_blank_`. */
  blankOption: string;
  /** Whether the server understands a multipart batch. */
  multipartBatch: boolean;
  /** Services under other names, as `Customer=Debitor`. */
  serviceNames: string[];
  /** Services that are not published. */
  unpublished: string[];
  /** `Service.Field` whose change makes the page ask a question, which a web service cannot answer. */
  asksAbout: string[];
}

/** Everything of the sandbox that can be set while it runs. It is back at its defaults after a restart. */
export interface Settings {
  tokenLifetimeSeconds: number;
  /** Whether the log of requests holds what each write sent. */
  keepBodies: boolean;
  SALES: {
    latencyMs: number;
    clockOffsetMs: number;
    maxPageSize: number;
    maxBatchOperations: number;
    /** How long a delta token is good for. */
    changeTrackingDays: number;
    /** What a payload with a read-only column gets: `ignored` or `refused`. */
    readOnlyColumns: string;
    /** Alternate keys: `table:column` or `table:column+column`. */
    alternateKeys: string[];
    /** Privileges that the role of the service lacks: `Read account`, `Create account`, `Write account`, `Delete account`. */
    missingPrivileges: string[];
    /** Ids of rows that the service may not change. */
    lockedRows: string[];
    /** Tables without CreateMultiple and its sisters. */
    noBulkTables: string[];
    /** `table.column=value` of rows that a plug-in refuses. */
    refusedByPlugin: string[];
    /** Status of an expired delta token: 400 or 410. */
    expiredDeltaStatus: number;
    /** Duplicate detection rules that are published: `table:column` or `table:column+column`. */
    duplicateRules: string[];
    /** Status of a row that such a rule refuses: 412 or 500. */
    duplicateStatus: number;
    /** Whether a write of a row that meets another one under way ends as the victim of a deadlock. */
    deadlocks: boolean;
    /** Whether the unit group of a product stays as it is once the product was published. */
    unitGroupIsFixed: boolean;
    /** Whether a retired product may be activated again. */
    retiredProductsReturn: boolean;
    limits: SalesLimits;
  };
  BUSINESS: {
    latencyMs: number;
    clockOffsetMs: number;
    maxPageSize: number;
    maxBatchOperations: number;
    /** Off: every address of the service answers 405. */
    servicesEnabled: boolean;
    /** Off: the custom API is not there, as in a company that has not installed it. */
    companionApi: boolean;
    /** Status of a stale etag: 409 or 412. */
    staleEtagStatus: number;
    /** Status of a missing If-Match: 400 or 412. */
    missingEtagStatus: number;
    /** Blank and special enum members as `_x0020_` (true) or as plain text (false). */
    escapeEnums: boolean;
    /** Instants rounded to .000, .003 and .007 seconds, as SQL Server's datetime does. */
    sqlRounding: boolean;
    /** Tables, such as `customers`, whose numbers clients may not give. */
    noManualNumbers: string[];
    /** Tables whose number series is not set up. */
    noNumberSeries: string[];
    /** What a wish for delta links gets: `ignored` (version 24 and later), `gone` (410), or `failed` (500). */
    deltaRequests: string;
    /** How far a read with `Data-Access-Intent: ReadOnly` lags behind; 0: it does not. */
    replicaLagMs: number;
    /** Whether `Prefer: return=minimal` leaves out the row in the answer of a write. */
    respectsReturnMinimal: boolean;
    /** Whether a multipart batch is understood beside one in JSON. */
    multipartBatch: boolean;
    /** Whether a change set of such a batch is done as one; else it is refused. */
    changeSets: boolean;
    /** Whether a new customer gets a company contact at once, and edits of either are copied to the other. */
    companyContacts: boolean;
    /** How long a write waits for another one of the same row before it is refused; 0 switches such locks off. */
    lockTimeoutMs: number;
    /** A failed insert uses up its number. */
    gapsOnFailure: boolean;
    /** `Isolation: snapshot` is respected; parts of a batch that was rolled back still show success. */
    snapshotIsolation: boolean;
    webhooks: WebhookSettings;
    limits: BusinessLimits;
  };
  NAV: NavSettings;
}

/** A fresh copy of the defaults. */
export const defaultSettings = (): Settings => ({
  tokenLifetimeSeconds: 3_599,
  keepBodies: false,
  SALES: {
    latencyMs: 0,
    clockOffsetMs: 0,
    maxPageSize: 5_000,
    maxBatchOperations: 1_000,
    changeTrackingDays: 7,
    readOnlyColumns: 'ignored',
    alternateKeys: [],
    missingPrivileges: [],
    lockedRows: [],
    noBulkTables: ['systemuser', 'team', 'organization', 'businessunit'],
    refusedByPlugin: [],
    expiredDeltaStatus: 400,
    duplicateRules: ['account:name', 'contact:emailaddress1'],
    duplicateStatus: 412,
    deadlocks: false,
    unitGroupIsFixed: true,
    retiredProductsReturn: false,
    limits: {
      enforced: false,
      requests: 6_000,
      windowSeconds: 300,
      executionMs: 1_200_000,
      concurrency: 52,
      dopHint: 4,
    },
  },
  BUSINESS: {
    latencyMs: 0,
    clockOffsetMs: 0,
    maxPageSize: 20_000,
    maxBatchOperations: 100,
    servicesEnabled: true,
    companionApi: true,
    staleEtagStatus: 409,
    missingEtagStatus: 400,
    escapeEnums: true,
    sqlRounding: true,
    noManualNumbers: [],
    noNumberSeries: [],
    deltaRequests: 'ignored',
    replicaLagMs: 0,
    respectsReturnMinimal: false,
    multipartBatch: true,
    changeSets: false,
    companyContacts: false,
    lockTimeoutMs: 0,
    gapsOnFailure: false,
    snapshotIsolation: true,
    webhooks: {
      delayMs: 30_000,
      collectionAbove: 1_000,
      lifetimeHours: 72,
      maximum: 200,
      retryMs: 60_000,
      retryHours: 36,
    },
    limits: {
      enforced: false,
      parallel: 5,
      queue: 95,
      queueTimeoutMs: 480_000,
      requests: 6_000,
      windowSeconds: 300,
      countsOperations: false,
      operationTimeoutMs: 480_000,
      gatewayTimeoutMs: 600_000,
      retryAfterSeconds: 0,
    },
  },
  NAV: {
    maxPageSize: 1_000,
    respectsMaxPageSize: true,
    servicesEnabled: true,
    dateTimeColumns: false,
    integrationRecords: false,
    etagProperty: false,
    blankOption: ' ',
    multipartBatch: false,
    serviceNames: [],
    unpublished: [],
    asksAbout: [],
  },
});

const allowed: Readonly<Record<string, readonly unknown[]>> = {
  'SALES.readOnlyColumns': ['ignored', 'refused'],
  'SALES.expiredDeltaStatus': [400, 410],
  'SALES.duplicateStatus': [412, 500],
  'BUSINESS.staleEtagStatus': [409, 412],
  'BUSINESS.missingEtagStatus': [400, 412],
  'BUSINESS.deltaRequests': ['ignored', 'gone', 'failed'],
  'NAV.blankOption': [' ', '_blank_'],
};

type Group = Record<string, unknown>;
const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Thrown for input of the control endpoint that is not understood; names the thing, what was expected and what came. */
export class ControlInputError extends Error {
  override readonly name = 'ControlInputError';
}

/** Changes the given settings and leaves the others. All or nothing; a wrong one is named in a `ControlInputError`. */
export function changeSettings(settings: Settings, changes: unknown): void {
  const problems: string[] = [];
  const next = merged(settings as unknown as Group, changes, '', problems);
  if (problems.length > 0) throw new ControlInputError(problems.join('; '));
  Object.assign(settings, next);
}

function merged(current: Group, changes: unknown, path: string, problems: string[]): Group {
  if (!isGroup(changes)) {
    problems.push(`${path || 'settings'}: expected an object, got ${JSON.stringify(changes)}`);
    return current;
  }
  const next: Group = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    const at = path === '' ? name : `${path}.${name}`;
    const before = current[name];
    if (before === undefined) problems.push(`${at}: no such setting; there are ${Object.keys(current).join(', ')}`);
    else if (isGroup(before)) next[name] = merged(before, value, at, problems);
    else {
      const problem = problemOf(at, before, value);
      if (problem === undefined) next[name] = value;
      else problems.push(problem);
    }
  }
  return next;
}

function problemOf(at: string, before: unknown, value: unknown): string | undefined {
  const got = `got ${JSON.stringify(value)}`;
  const choices = allowed[at];
  if (choices !== undefined)
    return choices.includes(value) ? undefined : `${at}: expected one of ${choices.join(', ')}, ${got}`;
  if (Array.isArray(before)) {
    const isTexts = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    return isTexts ? undefined : `${at}: expected a list of texts, ${got}`;
  }
  if (typeof value !== typeof before) return `${at}: expected a ${typeof before}, ${got}`;
  const mayBeNegative = at.endsWith('clockOffsetMs');
  if (typeof value === 'number' && (!Number.isFinite(value) || (value < 0 && !mayBeNegative)))
    return `${at}: expected a number of at least 0, ${got}`;
  return undefined;
}

/** The time of one side: the machine's, moved by the side's clock offset. */
export const clockOf =
  (settings: Settings) =>
  (side: Side): number =>
    Date.now() + settings[side].clockOffsetMs;
