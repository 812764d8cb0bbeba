import type { Connector } from './connector.js';

/** Where a company tells its local currency: the setup itself, and where that is not offered, what repeats it. */
const sources = [
  { table: 'generalLedgerSetup', field: 'localCurrencyCode' },
  { table: 'companyInformation', field: 'currencyCode' },
] as const;

/** The ISO code of the local currency of a company, which a blank currency means there; null when it tells none. */
export async function localCurrencyCode(business: Connector, signal: AbortSignal): Promise<string | null> {
  const offered = new Set((await business.tables(signal)).map(({ name }) => name));
  for (const { table, field } of sources) {
    if (!offered.has(table)) continue;
    const [row] = await business.find({ table, fields: [field], equal: {} }, signal);
    const code = row?.values[field];
    if (typeof code === 'string' && code.trim() !== '') return code.trim().toUpperCase();
  }
  return null;
}
