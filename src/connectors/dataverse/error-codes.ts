import type { ErrorDialect, Meaning } from '../odata/classify.js';

const validation: Meaning = { errorClass: 'VALIDATION', situation: 'REFUSED' };
const duplicate: Meaning = { errorClass: 'DUPLICATE', situation: 'REFUSED' };
const configuration: Meaning = { errorClass: 'CONFIGURATION', situation: 'REFUSED' };
const permission: Meaning = { errorClass: 'PERMISSION', situation: 'REFUSED' };
const notFound: Meaning = { errorClass: 'NOT_FOUND', situation: 'REFUSED' };
const throttled: Meaning = { errorClass: 'THROTTLED', situation: 'THROTTLED' };
const rolledBack: Meaning = { errorClass: 'TRANSIENT', situation: 'ROLLED_BACK' };

/** Codes that the outcome of a write depends on. */
export const dataverseCodes = {
  objectDoesNotExist: '0x80040217',
  duplicateRecord: '0x80040237',
  duplicateEntityKey: '0x80060892',
  versionMismatch: '0x80060882',
  expiredVersionStamp: '0x80044352',
} as const;

/** Error codes as Dataverse documentation names them; product rules (0x8004f9xx) are data errors like the rest of status 400. */
const codes: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [dataverseCodes.objectDoesNotExist, notFound],
  ['0x80060891', notFound],
  ['0x8006088a', configuration],
  ['0x80060888', configuration],
  ['0x80060890', configuration],
  ['0x80048d19', configuration],
  [dataverseCodes.duplicateRecord, duplicate],
  [dataverseCodes.duplicateEntityKey, duplicate],
  // Duplicate detection may come with status 500, and is a final answer all the same.
  ['0x80040333', duplicate],
  ['0x80048cf3', duplicate],
  ['0x80043b06', duplicate],
  ['0x80043b08', duplicate],
  [dataverseCodes.versionMismatch, { errorClass: 'CONFLICT', situation: 'REFUSED' }],
  ['0x80044331', validation],
  ['0x8004431a', validation],
  ['0x80044330', validation],
  ['0x80040203', validation],
  ['0x80040265', validation],
  ['0x80048408', validation],
  ['0x80040220', permission],
  ['0x80048306', permission],
  ['0x80072560', permission],
  [dataverseCodes.expiredVersionStamp, { errorClass: 'TRANSIENT', situation: 'REFUSED' }],
  ['0x80044151', rolledBack],
  ['0x80044150', rolledBack],
  ['0x80040216', { errorClass: 'TRANSIENT', situation: 'FAULT' }],
  ['0x80072322', throttled],
  ['0x80072321', throttled],
  ['0x80072326', throttled],
  ['0x8005f103', throttled],
  ['0x80048d04', throttled],
  ['0x80048d03', { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' }],
  ['0x80048d07', { errorClass: 'TRANSIENT', situation: 'UNAVAILABLE' }],
]);

export const dataverseErrors: ErrorDialect = {
  system: 'Dataverse',
  codes,
  texts: [{ pattern: /^Could not find a property named '/, meaning: configuration }],
  generalCodes: new Map(),
  statuses: new Map(),
  fieldPatterns: [
    /\bof the '([^']+)' attribute\b/,
    /^Could not find a property named '([^']+)'/,
    /\binvalid property '([^']+)'/i,
    /\bfor attribute '?([a-z_]\w*)'?/i,
  ],
  normalCode: asHexadecimal,
};

/** Some answers carry the code as a signed number; tables and people use the hexadecimal form. */
function asHexadecimal(code: string): string {
  const text = code.trim();
  if (!/^-\d{1,10}$/.test(text)) return text.toLowerCase();
  return `0x${(Number(text) >>> 0).toString(16).padStart(8, '0')}`;
}
