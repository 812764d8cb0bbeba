import type { Settings } from '../settings.js';

/** What each setting does, in the shape of the settings: none is without a word. */
type Described<T> = {
  readonly [Name in keyof T]: T[Name] extends readonly unknown[]
    ? string
    : T[Name] extends object
      ? Described<T[Name]>
      : string;
};

const latency = 'Every answer of this system waits so long first.';
const clock = 'How far the clock of this system is ahead of the machine’s; below 0: behind it.';
const pageSize = 'The most rows of a page.';
const batchSize = 'The most operations of a batch.';
const services = 'Off: every address of the service answers 405.';
const enforced = 'Limits are counted and refused; off, requests are only counted.';

export const settingDescriptions: Described<Settings> = {
  tokenLifetimeSeconds: 'How long an access token is good for, for tokens given from now on.',
  keepBodies: 'The log of requests holds what each write sent.',
  SALES: {
    latencyMs: latency,
    clockOffsetMs: clock,
    maxPageSize: pageSize,
    maxBatchOperations: batchSize,
    changeTrackingDays: 'How long a change token is good for.',
    readOnlyColumns: 'What a payload with a read-only column gets: ignored or refused.',
    alternateKeys: 'Alternate keys that are defined: table:column, or table:column+column.',
    missingPrivileges: 'Privileges that the role of the service lacks, such as Create account.',
    lockedRows: 'Ids of rows that the service may not change.',
    noBulkTables: 'Tables without CreateMultiple and its sisters.',
    refusedByPlugin: 'Rows that a plug-in refuses: table.column=value.',
    expiredDeltaStatus: 'Status of an expired change token: 400 or 410.',
    duplicateRules: 'Duplicate detection rules that are published: table:column, or table:column+column.',
    duplicateStatus: 'Status of a row that such a rule refuses: 412 or 500.',
    deadlocks: 'A write that meets another one of its row ends as the victim of a deadlock.',
    unitGroupIsFixed: 'The unit group of a product stays as it is once the product was published.',
    retiredProductsReturn: 'A retired product may be activated again.',
    limits: {
      enforced,
      requests: 'Requests in a window, above which 429 is answered.',
      windowSeconds: 'Length of the window.',
      executionMs: 'Execution time of all requests of a window together.',
      concurrency: 'Requests at once.',
      dopHint: 'Recommended parallelism, told in x-ms-dop-hint.',
    },
  },
  BUSINESS: {
    latencyMs: latency,
    clockOffsetMs: clock,
    maxPageSize: `${pageSize} A wish for more is answered with 413.`,
    maxBatchOperations: batchSize,
    servicesEnabled: services,
    companionApi: 'Off: the custom API is not there, as in a company that has not installed it.',
    staleEtagStatus: 'Status of a write with an old version: 409 or 412.',
    missingEtagStatus: 'Status of a write without If-Match: 400 or 412.',
    escapeEnums: 'Blank and special enum members as _x0020_; off: as plain text.',
    sqlRounding: 'Times of change are rounded to .000, .003 and .007 seconds, as SQL Server does.',
    noManualNumbers: 'Tables, such as customers, whose numbers clients may not give.',
    noNumberSeries: 'Tables whose number series is not set up.',
    deltaRequests: 'What a wish for delta links gets: ignored (version 24 and later), gone (410) or failed (500).',
    replicaLagMs: 'How far a read with Data-Access-Intent: ReadOnly lags behind; 0: it does not.',
    respectsReturnMinimal: 'Prefer: return=minimal leaves the row out of the answer to a write.',
    multipartBatch: 'A multipart batch is understood beside one in JSON.',
    changeSets: 'A change set of such a batch is done as one; off: it is refused.',
    companyContacts: 'A new customer gets a company contact at once, and edits of either are copied to the other.',
    lockTimeoutMs:
      'How long a write waits for another one of its row before it is refused; 0: there are no such locks.',
    gapsOnFailure: 'An insert that fails uses up its number.',
    snapshotIsolation: 'Isolation: snapshot is respected; parts of a batch that was rolled back still show success.',
    webhooks: {
      delayMs: 'From the first change to the notification of it and of what changed meanwhile.',
      collectionAbove: 'More changes than this in one go are told as one of the whole set.',
      lifetimeHours: 'How long a subscription lives unless it is renewed.',
      maximum: 'Subscriptions that there may be.',
      retryMs: 'Pause before a notification is repeated that the client could not take.',
      retryHours: 'A notification is given up after so long.',
    },
    limits: {
      enforced,
      parallel: 'Requests of a user that are worked on at once; further ones wait.',
      queue: 'Requests that may wait; above, 429 is answered.',
      queueTimeoutMs: 'A request that waited so long is answered with 503.',
      requests: 'Requests in a window, above which 429 is answered.',
      windowSeconds: 'Length of the window.',
      countsOperations: 'Each operation of a batch counts as a request; off: the batch as one.',
      operationTimeoutMs: 'A request that is worked on for longer is cancelled with 408, and nothing of it happens.',
      gatewayTimeoutMs: 'The gateway in front answers 504 after so long; the request goes on behind it.',
      retryAfterSeconds: 'Retry-After of a 429; 0 leaves the header out, as the real service may.',
    },
  },
  NAV: {
    maxPageSize: `${pageSize} (ODataServicesMaxPageSize)`,
    respectsMaxPageSize: 'A client may ask for smaller pages with odata.maxpagesize.',
    servicesEnabled: services,
    dateTimeColumns:
      'The pages of customers, currencies, units and items show the moment of a change, not the day alone.',
    integrationRecords: 'A page of the table Integration Record is published: it tells changes and deletions.',
    etagProperty: 'Rows also have the property ETag, which some builds send.',
    blankOption: 'How the blank member of an option is told: a blank, or _blank_.',
    multipartBatch: 'A multipart batch is understood.',
    serviceNames: 'Pages under other names, as Customer=Debitor.',
    unpublished: 'Pages that are not published.',
    asksAbout: 'Fields whose change makes the page ask a question, which a web service cannot answer: Page.Field.',
  },
};
