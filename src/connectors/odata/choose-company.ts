import { ConnectorError } from '../connector.js';

/**
 * The one company that a connection means: the one that was asked for, or the only one where none was. Throws ConnectorError
 * COMPANY_NOT_FOUND with the names of those that the user may see.
 */
export function chooseCompany<T extends { readonly name: string }>(
  companies: readonly T[],
  wanted: string | null,
  isMeant: (company: T, wanted: string) => boolean,
): T {
  const matching = wanted === null ? companies : companies.filter((company) => isMeant(company, wanted));
  const [company] = matching;
  if (company !== undefined && matching.length === 1) return company;
  const names = companies.map(({ name }) => `"${name}"`).join(', ');
  const asked =
    wanted === null
      ? 'no company was given and there is not exactly one'
      : `the company "${wanted}" was not found once`;
  throw new ConnectorError(
    `${asked}; there ${names === '' ? 'is none that this user may see' : `are ${names}`}. Give the name or the id of one of them`,
    { errorClass: 'CONFIGURATION', code: 'COMPANY_NOT_FOUND' },
  );
}
