/** A JSON object as a system answered it; what is in it is checked where it is used. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A double keeps 15 significant decimal digits in every case; the 16th may come back as another one. */
const SAFE_DIGITS = 15;

/** A number beyond the range of a double. */
const largeExponent = /\d[eE]\+?\d{3,}(?:[\s,}\]]|$)/;

/**
 * Whether the text may hold a number that a double spoils: nearly no answer does, and a reviver makes parsing several times
 * slower. A run of so many digits covers one of every so many characters, so that most of them need not be looked at.
 */
function mayHaveLongNumber(json: string): boolean {
  const shortest = SAFE_DIGITS + 1;
  for (let at = shortest - 1; at < json.length; at += shortest) {
    if (isDigitOrPoint(json, at) && lengthOfRun(json, at) >= shortest) return true;
  }
  return largeExponent.test(json);
}

function isDigitOrPoint(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || code === 46;
}

function lengthOfRun(text: string, inside: number): number {
  let [start, end] = [inside, inside + 1];
  while (isDigitOrPoint(text, start - 1)) start -= 1;
  while (isDigitOrPoint(text, end)) end += 1;
  return end - start;
}

interface NumberSource {
  readonly source?: string;
}
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: NumberSource) => unknown,
) => unknown;
interface JsonWithSource {
  readonly rawJSON: (text: string) => unknown;
}
// The engine has had both since V8 11.4; TypeScript's library does not describe them yet.
const parseWithSource = JSON.parse as ParseWithSource;
const { rawJSON } = JSON as unknown as JsonWithSource;

/**
 * Parses JSON without losing digits: a number with more than 15 significant digits, or beyond the range of a double, comes
 * back as its text. Throws SyntaxError for what is no JSON. A byte order mark at the start is ignored.
 */
export function parseJson(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!mayHaveLongNumber(json)) return JSON.parse(json);
  return parseWithSource(json, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !fitsDouble(source, value) ? source : value,
  );
}

function fitsDouble(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const [mantissa = ''] = source.split(/[eE]/);
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').length <= SAFE_DIGITS;
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A value that JSON.stringify writes as this number, with all its digits. Throws RangeError for text that is no JSON number. */
export function exactNumber(digits: string): unknown {
  if (!jsonNumber.test(digits)) throw new RangeError('expected a decimal number without grouping, e.g. "12.5"');
  return rawJSON(digits);
}
