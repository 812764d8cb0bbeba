import { QuerySyntaxError } from './filter-syntax.js';

/** The query part of an address: system options `$x`, parameter aliases `@x`, and others. */
export interface QueryOptions {
  readonly options: ReadonlyMap<string, string>;
  readonly aliases: ReadonlyMap<string, string>;
}

export interface OrderBy {
  readonly path: string;
  readonly descending: boolean;
}

export interface Expand {
  readonly property: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Splits a raw query string. A plus sign is a blank, as in forms. */
export function parseQuery(raw: string): QueryOptions {
  const options = new Map<string, string>();
  const aliases = new Map<string, string>();
  for (const part of raw.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    (name.startsWith('@') ? aliases : options).set(name, value);
  }
  return { options, aliases };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new QuerySyntaxError(`The request URI has a malformed percent encoding in '${text}'.`, { cause: error });
  }
}

/** The names of a `$select`; undefined when everything is wanted. */
export function parseSelect(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text.trim() === '*') return undefined;
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

export function parseOrderBy(text: string | undefined): readonly OrderBy[] {
  if (text === undefined || text.trim() === '') return [];
  return text.split(',').map((part) => {
    const [path, direction = 'asc', ...rest] = part.trim().split(/\s+/);
    if (path === undefined || path === '' || rest.length > 0 || !/^(asc|desc)$/.test(direction))
      throw new QuerySyntaxError(`Syntax error in $orderby '${text}'.`);
    return { path, descending: direction === 'desc' };
  });
}

/** A whole number of at least 0, such as `$top`. */
export function parseCount(options: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text.trim()))
    throw new QuerySyntaxError(
      `Invalid value '${text}' for ${name} query option found. The ${name} query option requires a non-negative integer value.`,
    );
  return Number(text);
}

/** `a,b($select=x,y;$filter=..)`. */
export function parseExpand(text: string | undefined): readonly Expand[] {
  if (text === undefined || text.trim() === '') return [];
  return splitOutside(text, ',').map((part) => {
    const match = /^\s*([^\s()]+)\s*(?:\((.*)\))?\s*$/s.exec(part);
    if (match?.[1] === undefined) throw new QuerySyntaxError(`Syntax error in $expand '${text}'.`);
    const options = new Map<string, string>();
    for (const option of splitOutside(match[2] ?? '', ';')) {
      const equals = option.indexOf('=');
      if (equals > 0) options.set(option.slice(0, equals).trim(), option.slice(equals + 1));
    }
    return { property: match[1], options };
  });
}

/** Splits at `separator` where it stands outside parentheses and quotes. */
export function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "'") quoted = !quoted;
    if (quoted) continue;
    if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if (sign === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** One part of an address: a name, and what stands in parentheses behind it. */
export interface Segment {
  readonly name: string;
  readonly key?: string;
}

/** Splits the path of an address into its parts, decoded. */
export function parsePath(raw: string): readonly Segment[] {
  return raw
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      const text = decodePart(part);
      const match = /^([^(]*)\((.*)\)$/s.exec(text);
      return match === null ? { name: text } : { name: match[1] ?? '', key: match[2] ?? '' };
    });
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new QuerySyntaxError(`The request URI has a malformed percent encoding in '${part}'.`, { cause: error });
  }
}
