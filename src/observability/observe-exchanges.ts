import type { ExchangeObserver } from '../connectors/odata/http-client.js';
import type { Metrics } from './metrics.js';
import { beginRequestSpan } from './tracing.js';

/** Counts and traces the requests to one kind of system. Paths are told without what they ask: a query may quote records. */
export const observeExchanges =
  (system: string, metrics: Metrics): ExchangeObserver =>
  ({ method, origin }) => {
    const startedAtMs = performance.now();
    const endSpan = beginRequestSpan(`${method} ${system}`, {
      'http.request.method': method,
      'server.address': new URL(origin).hostname,
      'tandem.system': system,
    });
    return (outcome) => {
      const status = 'status' in outcome ? String(outcome.status) : outcome.code;
      metrics.requestEnded(system, status, performance.now() - startedAtMs);
      if ('status' in outcome) endSpan({ 'http.response.status_code': outcome.status }, outcome.status >= 400);
      else endSpan({ 'error.type': outcome.code }, true);
    };
  };
