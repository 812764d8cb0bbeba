/** What stands for a value that nobody may read. */
const HIDDEN = '[hidden]';

const SECRET_PART = /secret|passw|passphrase|credential|authori[sz]ation|token/i;
// Words of their own: "key" is a part of "monkey", too.
const SECRET_WORDS: ReadonlySet<string> = new Set(['key', 'keys', 'apikey', 'pwd']);
const ADDRESS_NAME = /ur[il]$/i;

// Deeper is nothing that we write; a log line may hold anything, though, also what holds itself.
const DEEPEST = 32;

/** Whether a field of this name holds a secret: one word of it is secret, password, token, key, authorization or credential. */
export const isSecretName = (name: string): boolean =>
  SECRET_PART.test(name) || wordsOf(name).some((word) => SECRET_WORDS.has(word));

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);

/**
 * The one rule of what is hidden in audit entries, messages and logs, for one named value: all of a secret; of an address,
 * also within a longer text, its user info and the values of its query. A replacer for JSON.stringify, too.
 */
export function valueWithoutSecrets(name: string, value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (isSecretName(name)) return HIDDEN;
  if (typeof value !== 'string') return value;
  // The field is an address as a whole, also one that no program could read: the slip is what its secret would show in.
  return ADDRESS_NAME.test(name) ? fieldWithoutSecrets(value) : textWithoutSecrets(value);
}

/** A copy without secrets, as JSON would show it. Errors, dates, and others that have a form of their own, stay what they are. */
export function withoutSecrets<T>(value: T, name = '', depth = 0): T {
  const shown = valueWithoutSecrets(name, value);
  if (typeof shown !== 'object' || shown === null) return shown as T;
  if (depth > DEEPEST) return HIDDEN as T;
  if (Array.isArray(shown)) return shown.map((part: unknown) => withoutSecrets(part, name, depth + 1)) as T;
  if (shown instanceof URL) return textWithoutSecrets(shown.href) as T;
  if (shown instanceof Error || 'toJSON' in shown) return shown as T;
  return Object.fromEntries(
    Object.entries(shown).map(([key, part]: [string, unknown]) => [key, withoutSecrets(part, key, depth + 1)]),
  ) as T;
}

/** A text in which each address has lost its user info and the values of its query. */
export const textWithoutSecrets = (text: string): string =>
  text.includes('://') ? text.replace(/\S+/g, wordWithoutSecrets) : text;

function wordWithoutSecrets(word: string): string {
  const sign = word.indexOf('://');
  if (sign < 1 || word.slice(0, sign).endsWith('file')) return word;
  return hidingFrom(word, sign + 3);
}

const fieldWithoutSecrets = (text: string): string =>
  hidingFrom(text, /^\s*(?:https?:|[a-z][a-z\d+.-]*:(?=[\\/]))?[\\/]*/i.exec(text)?.[0].length ?? 0);

// A password may hold any sign unescaped, so that only the last "@" surely ends it: rather too much is hidden than a part.
function hidingFrom(text: string, start: number): string {
  const at = text.lastIndexOf('@');
  const user = at < start ? '' : `${HIDDEN}@`;
  const [address = '', ...fragment] = text.slice(Math.max(start, at + 1)).split('#');
  const [path = '', ...query] = address.split('?');
  const shownQuery = query.length === 0 ? '' : `?${query.join('?').split('&').map(parameterWithoutValue).join('&')}`;
  const shownFragment = fragment.length === 0 ? '' : `#${fragmentWithoutValue(fragment.join('#'))}`;
  return `${text.slice(0, start)}${user}${path}${shownQuery}${shownFragment}`;
}

function parameterWithoutValue(parameter: string): string {
  if (parameter === '') return '';
  const sign = parameter.indexOf('=');
  return sign < 0 ? HIDDEN : `${parameter.slice(0, sign)}=${HIDDEN}`;
}

// The place on a page, or what a sign-in page answered.
const fragmentWithoutValue = (fragment: string): string => (fragment.includes('=') ? HIDDEN : fragment);
