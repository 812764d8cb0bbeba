import { createHash } from 'node:crypto';

/**
 * The id of a record that we make as part of another one: the same for the same parts, so that making it again, after a crash
 * or by a second worker, finds it made.
 */
export function ourId(...parts: readonly string[]): string {
  const digits = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  // A GUID of version 8, whose other bits are free (RFC 9562).
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) % 4];
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}
