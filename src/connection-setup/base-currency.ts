import { type Connector, ConnectorError } from '../connectors/connector.js';
import { localCurrencyCode } from '../connectors/local-currency.js';
import type { FieldValue } from '../mapping/field-value.js';
import type { Side } from '../synch/synch-error.js';

/** ISO codes: Dataverse's base currency, and the company's local currency. */
export type BaseCurrencies = Readonly<Record<Side, string>>;

/** Code of the error that tells that both currencies are known and differ. */
export const BASE_CURRENCY_DIFFERS = 'BASE_CURRENCY_DIFFERS';

/**
 * Reads the currency that amounts without a currency of their own have in each system. Throws ConnectorError for what a
 * system refuses, and CONFIGURATION where it tells no such currency.
 */
export async function readBaseCurrencies(
  connectors: Readonly<Record<Side, Connector>>,
  signal: AbortSignal,
): Promise<BaseCurrencies> {
  const [business, sales] = await Promise.all([
    localCurrency(connectors.BUSINESS, signal),
    baseCurrency(connectors.SALES, signal),
  ]);
  return { BUSINESS: business, SALES: sales };
}

/** Throws ConnectorError CONFIGURATION {@link BASE_CURRENCY_DIFFERS} naming both codes, since every amount would mean another value. */
export function requireSameCurrency({ BUSINESS, SALES }: BaseCurrencies): void {
  if (BUSINESS === SALES) return;
  throw new ConnectorError(
    `the base currency of Dataverse is ${SALES} and the local currency of the company is ${BUSINESS}: they have to be the same; connect an organisation with the base currency ${BUSINESS}, or a company with the local currency ${SALES}`,
    { errorClass: 'CONFIGURATION', code: BASE_CURRENCY_DIFFERS },
  );
}

async function localCurrency(business: Connector, signal: AbortSignal): Promise<string> {
  const code = await localCurrencyCode(business, signal);
  return code ?? untold('the company tells no local currency: fill in LCY Code in its General Ledger Setup');
}

async function baseCurrency(sales: Connector, signal: AbortSignal): Promise<string> {
  const [organization] = await sales.find({ table: 'organizations', fields: ['basecurrencyid'], equal: {} }, signal);
  const id = organization?.values['basecurrencyid'];
  if (typeof id !== 'string') return untold('the organisation of Dataverse tells no base currency');
  const [currency] = await sales.readByIds(
    { table: 'transactioncurrencies', fields: ['isocurrencycode'], ids: [id] },
    signal,
  );
  return currencyCode(currency?.values['isocurrencycode']) ?? untold('the base currency of Dataverse has no ISO code');
}

const currencyCode = (value: FieldValue | undefined): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().toUpperCase() : null;

function untold(message: string): never {
  throw new ConnectorError(message, { errorClass: 'CONFIGURATION', code: 'BASE_CURRENCY_UNKNOWN' });
}
