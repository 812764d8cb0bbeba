import type { HttpOptions } from '../connectors/odata/http-client.js';
import type { ConnectorOptions } from '../connectors/odata/options.js';

/**
 * For requests whose answer a person waits for: a system that does not answer is told so within seconds. Runs, which nobody
 * waits for, are patient.
 */
export const interactiveOptions = (http: Pick<HttpOptions, 'ca' | 'observe'> = {}): ConnectorOptions => ({
  retry: { maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 1_000, budgetMs: 5_000 },
  http: { connectMs: 5_000, headersMs: 20_000, bodyMs: 20_000, requestMs: 20_000, ...http },
});
