import { ConnectorError } from '../connector.js';

/**
 * The path with query of a link that the system gave us (next page, changes), exactly as it was written: its encoding
 * belongs to the system. Throws ConnectorError CONFIGURATION / FOREIGN_LINK unless it is on the origin of the base URL, so
 * that no answer can send our token elsewhere.
 */
export function pathOfLink(base: URL, link: string): string {
  const url = URL.canParse(link, base.href) ? new URL(link, base) : null;
  if (url === null || url.origin !== base.origin || url.username !== '' || url.password !== '') {
    throw new ConnectorError(
      `the system at ${base.origin} gave a link to another address (${url?.origin ?? 'not a URL'}), which is not followed; ` +
        'expected a link on its own address. Check the base URL of the connection and any proxy in between',
      { errorClass: 'CONFIGURATION', code: 'FOREIGN_LINK' },
    );
  }
  const prefix = `${base.origin}/`;
  const raw = link.startsWith(prefix) ? link.slice(prefix.length - 1) : null;
  return raw !== null && isSendable(raw) ? raw : url.pathname + url.search;
}

/** Visible ASCII without a fragment: what may stand in a request line unchanged. */
const isSendable = (path: string): boolean => /^[!"$-~]+$/.test(path);

/** The address with exactly one slash at its end, so that relative paths stay below it. Throws CONFIGURATION / BAD_ADDRESS. */
export function baseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ConnectorError(
      'the base URL of the connection cannot be used; expected an address like https://host/path without user name and password',
      { errorClass: 'CONFIGURATION', code: 'BAD_ADDRESS' },
    );
  }
  url.search = '';
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/`;
  return url;
}
