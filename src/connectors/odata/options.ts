import { type Gates, LocalGates } from './gate.js';
import { defaultHttpOptions, type HttpOptions } from './http-client.js';
import { defaultRetryPolicy, type RetryPolicy } from './retry.js';

/** What can be set of a connection; everything has a default that respects the limits of the real systems. */
export interface ConnectorOptions {
  readonly http?: Partial<HttpOptions>;
  readonly retry?: Partial<RetryPolicy>;
  /** Where requests of one user and system are counted together: give the same one to all connectors of a process. */
  readonly gates?: Gates;
  /** For the jitter of waits; 0 up to 1. */
  readonly random?: () => number;
  /** A clock that only goes forward, in ms. */
  readonly monotonicMs?: () => number;
  /** Rows a page that is asked for; the system may give less. */
  readonly pageSize?: number;
  /** Operations in one batch request. */
  readonly batchSize?: number;
  /** How far a read by time of change looks back behind the last one, for rows that were committed late. */
  readonly overlapMs?: number;
  /** See Connector.applyMs. */
  readonly applyMs?: number;
  readonly metadataLifetimeMs?: number;
}

export interface ResolvedOptions {
  readonly http: HttpOptions;
  readonly retry: RetryPolicy;
  readonly gates: Gates;
  readonly random: () => number;
  readonly monotonicMs: () => number;
  readonly pageSize: number;
  readonly batchSize: number;
  readonly overlapMs: number;
  readonly applyMs: number;
  readonly metadataLifetimeMs: number;
}

/** The settings in which the systems differ. */
export type SystemDefaults = Pick<ResolvedOptions, 'pageSize' | 'batchSize' | 'applyMs'>;

const METADATA_LIFETIME_MS = 60 * 60_000;

/** Business Central stamps a row when it is changed, not when the change is committed; long postings commit minutes later. */
const OVERLAP_MS = 5 * 60_000;

/** Fills in what was not set. */
export function resolveOptions(options: ConnectorOptions, defaults: SystemDefaults): ResolvedOptions {
  return {
    http: { ...defaultHttpOptions, ...options.http },
    retry: { ...defaultRetryPolicy, ...options.retry },
    gates: options.gates ?? new LocalGates(),
    random: options.random ?? Math.random,
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
    pageSize: options.pageSize ?? defaults.pageSize,
    batchSize: options.batchSize ?? defaults.batchSize,
    overlapMs: options.overlapMs ?? OVERLAP_MS,
    applyMs: options.applyMs ?? defaults.applyMs,
    metadataLifetimeMs: options.metadataLifetimeMs ?? METADATA_LIFETIME_MS,
  };
}
