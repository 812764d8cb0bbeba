import { createHmac } from 'node:crypto';
import { textWithoutSecrets, valueWithoutSecrets } from '../observability/without-secrets.js';

// More is a document that its own history keeps, or a list that nobody reads in a log.
const LARGEST_INPUT = 20_000;

/** The input as JSON, with every secret hidden and without the key of the client; null when it is too long to be kept. */
export function inputWithoutSecrets(input: Readonly<Record<string, unknown>>): string | null {
  const { clientMutationId: _key, ...rest } = input;
  const text = JSON.stringify(rest, (name, value: unknown) => {
    const shown = valueWithoutSecrets(name, value);
    return typeof shown === 'number' && !Number.isSafeInteger(shown) ? String(shown) : shown;
  });
  return text.length > LARGEST_INPUT ? null : text;
}

/** Stands for a whole input, its secrets included; without the key nothing can be found out from it by trying. */
export const inputHash = (input: Readonly<Record<string, unknown>>, key: Buffer): string =>
  createHmac('sha256', key).update('mutation input').update(canonical(input)).digest('base64url');

// The same for inputs that differ only in the order of their names.
const canonical = (input: unknown): string =>
  JSON.stringify(input, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

// What other fields of an input name objects by; the mutation's own object comes first.
const targetNames = ['id', 'couplingId', 'mappingId', 'connectionSetupId'] as const;

/** Global id of the object that an input is about; null where it names none. */
export function targetOfInput(input: Readonly<Record<string, unknown>>): string | null {
  for (const name of targetNames) {
    const value = input[name];
    if (typeof value === 'string') return textWithoutSecrets(value);
  }
  return null;
}

// Told in a summary: what is chosen, not what is typed.
const toldNames = [
  'status',
  'role',
  'direction',
  'mode',
  'task',
  'keep',
  'synchronize',
  'dryRun',
  'full',
  'removeData',
];

/** A sentence for people, e.g. `Set job queue entry status: CUSTOMER (status READY)`. */
export function summaryOf(mutation: string, input: Readonly<Record<string, unknown>>, label: string | null): string {
  const words = mutation.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const told = toldNames.flatMap((name) => {
    const value = input[name];
    if (value === true) return [name];
    return typeof value === 'string' ? [`${name} ${value}`] : [];
  });
  const named = label === null ? '' : `: ${label}`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${named}${told.length > 0 ? ` (${told.join(', ')})` : ''}`;
}

/** What people call an object: its code, name or title. */
export function labelOf(object: unknown): string | null {
  if (typeof object !== 'object' || object === null) return null;
  const { code, name, title } = object as Readonly<Record<string, unknown>>;
  const label = [code, name, title].find((value) => typeof value === 'string' && value !== '');
  return typeof label === 'string' ? textWithoutSecrets(label).slice(0, 200) : null;
}
