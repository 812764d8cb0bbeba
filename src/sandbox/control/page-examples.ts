import { NAV_ACCESS_KEY, NAV_INSTANCE } from '../nav/service.js';
import { BUSINESS_SCOPE, SECRET, TENANT } from '../tokens.js';

/** A request that can be pasted into a shell as it is. */
export interface Example {
  readonly title: string;
  readonly about: string;
  readonly command: string;
}

const token = (base: string, scope: string): string =>
  [
    `TOKEN=$(curl -s ${base}/${TENANT}/oauth2/v2.0/token \\`,
    `  -d grant_type=client_credentials -d client_id=tandem -d client_secret=${SECRET} \\`,
    `  -d scope=${scope} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
  ].join('\n');

/** What a visitor tries first, in this order. */
export const examples = (base: string): readonly Example[] => [
  {
    title: 'Accounts of Dataverse',
    about: 'A token, then three accounts with the labels of their choices.',
    command: [
      token(base, `${base}/.default`),
      `curl -s "${base}/api/data/v9.2/accounts?\\$select=name,customertypecode&\\$top=3" \\`,
      '  -H "Authorization: Bearer $TOKEN" -H \'Prefer: odata.include-annotations="*"\'',
    ].join('\n'),
  },
  {
    title: 'Customers of Business Central',
    about: 'Without a company in the address the first one is meant.',
    command: [
      token(base, BUSINESS_SCOPE),
      `curl -s "${base}/v2.0/${TENANT}/production/api/v2.0/customers?\\$select=number,displayName&\\$top=3" \\`,
      '  -H "Authorization: Bearer $TOKEN"',
    ].join('\n'),
  },
  {
    title: 'The same customers by a page of Dynamics NAV 2018',
    about: 'A user name and its web service access key instead of a token.',
    command: [
      `curl -s -u sandbox:${NAV_ACCESS_KEY} \\`,
      `  "${base}/${NAV_INSTANCE}/ODataV4/Company('CRONUS%20International%20Ltd.')/Customer?\\$select=No,Name&\\$top=3"`,
    ].join('\n'),
  },
  {
    title: 'Somebody else changes a customer',
    about: 'What a connected product finds at its next look. Any row of either system can be changed like this.',
    command: [
      `ID=$(curl -s ${base}/control/cases | sed 's/.*"entitySet":"customers","id":"\\([^"]*\\)".*/\\1/')`,
      `curl -s ${base}/control/edit -d '{"system": "BUSINESS", "entitySet": "customers", "id": "'$ID'", "values": {"phoneNumber": "+49 555 1"}}'`,
    ].join('\n'),
  },
  {
    title: 'The next creation of an account is done, but nobody hears of it',
    about: 'The fault that finds doubled records. Faults are listed with what they struck by GET /control/faults.',
    command: `curl -s ${base}/control/faults -d '{"system": "SALES", "entitySet": "accounts", "operation": "create", "nth": 1, "effect": {"kind": "resetAfter"}}'`,
  },
];
