import type { Scalar } from '../world/row.js';
import type { SalesContext } from './context.js';
import { badQuery } from './errors.js';

/** Where the next page begins. */
export type PagePlace =
  | { readonly kind: 'rows'; readonly after: readonly Scalar[]; readonly tracking?: TrackingStart }
  | { readonly kind: 'changes'; readonly row: number; readonly tombstone: number; readonly start: TrackingStart };

/** The moment at which a tracked read began: its change token will tell what came later. */
export interface TrackingStart {
  readonly version: number;
  readonly atMs: number;
}

interface Cookie {
  readonly page: number;
  readonly place: PagePlace;
}

/** The query without the token of the page, as the client wrote it; a token is only good together with it. */
export function queryWithoutToken(raw: string): string {
  return raw
    .split('&')
    .filter((part) => part !== '' && !/^(\$|%24)skiptoken=/i.test(part))
    .join('&');
}

/** The absolute address of the next page. */
export function nextLinkOf(
  context: SalesContext,
  entitySet: string,
  rawQuery: string,
  place: PagePlace,
  page: number,
): string {
  const query = queryWithoutToken(rawQuery);
  const sealed = context.seal.close({ page, place } satisfies Cookie, `${entitySet}?${query}`);
  const tracking = place.kind === 'changes' || place.tracking !== undefined ? 'True' : 'False';
  const cookie = `<cookie pagenumber="${page}" pagingcookie="${sealed}" istracking="${tracking}" />`;
  return `${context.base}${entitySet}?${query}${query === '' ? '' : '&'}$skiptoken=${encodeURIComponent(cookie)}`;
}

/** Reads a page token; an altered one, or one of another query, is refused. */
export function placeOf(context: SalesContext, entitySet: string, rawQuery: string, token: string): Cookie {
  const shape = /^<cookie pagenumber="(\d+)" pagingcookie="([^"]+)" istracking="(?:True|False)" \/>$/.exec(token);
  const opened =
    shape?.[2] === undefined ? undefined : context.seal.open(shape[2], `${entitySet}?${queryWithoutToken(rawQuery)}`);
  const cookie = opened as Cookie | undefined;
  if (cookie === undefined || String(cookie.page) !== shape?.[1])
    throw badQuery(
      'Invalid paging cookie: the $skiptoken does not belong to this query. Use the next link as it was given.',
    );
  return cookie;
}
