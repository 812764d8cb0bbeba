import type { BusinessContext, CompanyContext } from '../business-central/context.js';
import type { NavSettings } from '../settings.js';
import type { Row } from '../world/row.js';
import { integrationRecordRows, integrationRecords } from './integration-records.js';
import { keyOfRow } from './keys.js';
import type { Page } from './page.js';

/** What an operation of the web services needs to know beyond what it shares with the API. */
export interface NavContext extends BusinessContext {
  readonly nav: NavSettings;
  /** The pages that are published, under their names. */
  readonly published: readonly Page[];
}

/** Base64 of the record's key and version, between quotes of its own, as the web services write it. */
export function navEtag(row: Row): string {
  const version = Buffer.from(String(row.version).padStart(12, '0')).toString('base64');
  return `W/"'${encodeURIComponent(`${version.length};${version};${row.version};`)}'"`;
}

/** The context of one company: its rows are addressed by key. */
export function navContext(context: NavContext, companyId: string, name: string): CompanyContext & NavContext {
  const company = `Company('${encodeURIComponent(name.replaceAll("'", "''")).replaceAll("'", '%27').replaceAll('%27', "'")}')`;
  const inCompany: CompanyContext & NavContext = {
    ...context,
    companyId,
    etag: navEtag,
    derived: (own, table) => (table === integrationRecords.set.table ? integrationRecordRows(own) : undefined),
    addressOf: (set, row) => {
      const page = context.published.find((one) => one.set === set);
      const key = row === undefined || page === undefined ? '' : `(${keyOfRow(inCompany, page, row)})`;
      return `${company}/${set.entitySet}${key}`;
    },
  };
  return inCompany;
}
