import type { Connector } from './connector.js';

/** Where a company tells its local currency: the setup itself, and where that is not offered, what repeats it. */
const sources = [
  // The API's name of the field, and that of a page web service.
  { table: 'generalLedgerSetup', fields: ['localCurrencyCode', 'LCY_Code'] },
  { table: 'companyInformation', fields: ['currencyCode'] },
] as const;

/** The ISO code of the local currency of a company, which a blank currency means there; null when it tells none. */
export async function localCurrencyCode(business: Connector, signal: AbortSignal): Promise<string | null> {
  const offered = new Map((await business.tables(signal)).map(({ name, standsFor }) => [standsFor ?? name, name]));
  for (const { table, fields } of sources) {
    const name = offered.get(table);
    if (name === undefined) continue;
    const metadata = await business.metadata(name, signal);
    const field = fields.find((one) => metadata.fields.has(one));
    if (field === undefined) continue;
    const [row] = await business.find({ table: name, fields: [field], equal: {} }, signal);
    const code = row?.values[field];
    if (typeof code === 'string' && code.trim() !== '') return code.trim().toUpperCase();
  }
  return null;
}
