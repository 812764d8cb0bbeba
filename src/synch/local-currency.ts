import type { Connector } from '../connectors/connector.js';
import { localCurrencyCode } from '../connectors/local-currency.js';
import type { CompiledMapping } from './compiled-mapping.js';
import { makeError, RunFailedError } from './describe-error.js';
import type { Side } from './synch-error.js';

/**
 * The transaction currency that a blank currency of the business system means: the one with the ISO code of its local
 * currency. Null when no field of the mapping refers to currencies. Throws RunFailedError when Dataverse has no such one.
 */
export async function localCurrencyOf(
  compiled: Pick<CompiledMapping, 'fields'>,
  connectors: Readonly<Record<Side, Connector>>,
  signal: AbortSignal,
): Promise<string | null> {
  if (!compiled.fields.some(({ lookup }) => lookup?.blankIsLocalCurrency === true)) return null;
  const code = await localCurrencyCode(connectors.BUSINESS, signal);
  if (code === null) {
    const missing = 'the company tells no local currency: fill in LCY Code in its General Ledger Setup';
    throw new RunFailedError(makeError('CONFIGURATION', 'NO_LOCAL_CURRENCY', missing, { side: 'BUSINESS' }));
  }
  const [currency] = await connectors.SALES.find(
    { table: 'transactioncurrencies', fields: ['isocurrencycode'], equal: { isocurrencycode: code } },
    signal,
  );
  if (currency !== undefined) return currency.id;
  const message = `Dataverse has no currency ${code}, the local currency of the company: create it there`;
  throw new RunFailedError(makeError('CONFIGURATION', 'NO_LOCAL_CURRENCY', message, { side: 'SALES' }));
}
