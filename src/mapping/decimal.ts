/** Decimals are text (see FieldValue), because amounts have more digits than a double holds. */

const decimalPattern = /^(-?)(\d*)\.?(\d*)$/;

interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

function parse(text: string): Scaled {
  const match = decimalPattern.exec(text);
  if (match === null || text === '' || text === '-' || text === '.')
    throw new RangeError(`"${text}" is not a decimal number`);
  const [, sign, whole, fraction = ''] = match;
  return { digits: BigInt(`${sign}${whole}${fraction}` || '0'), scale: fraction.length };
}

const print = ({ digits, scale }: Scaled): string => {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  const unsigned = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative && unsigned !== '0' ? `-${unsigned}` : unsigned;
};

/** True for text that the functions here understand: an optional sign, digits, at most one point. */
export const isDecimal = (text: string): boolean => decimalPattern.test(text) && /\d/.test(text);

/** The one normal form: no trailing zeros, no leading ones, no exponent. Throws RangeError for other text. */
export const normalDecimal = (text: string): string => print(parse(text));

/** Below 0, 0 or above 0, as a sort function wants it. */
export function compareDecimals(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  const scale = Math.max(left.scale, right.scale);
  const difference = rescale(left, scale) - rescale(right, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The exact sum, in normal form. */
export function addDecimals(...texts: readonly string[]): string {
  const values = texts.map(parse);
  const scale = Math.max(0, ...values.map((value) => value.scale));
  return print({ digits: values.reduce((sum, value) => sum + rescale(value, scale), 0n), scale });
}

/** The number with the other sign. */
export const negateDecimal = (text: string): string => {
  const { digits, scale } = parse(text);
  return print({ digits: -digits, scale });
};

/** Rounded half away from zero to so many decimals. */
export function roundDecimal(text: string, scale: number): string {
  const value = parse(text);
  if (value.scale <= scale) return print(value);
  const divisor = 10n ** BigInt(value.scale - scale);
  const half = value.digits < 0n ? -divisor / 2n : divisor / 2n;
  return print({ digits: (value.digits + half) / divisor, scale });
}

const rescale = (value: Scaled, scale: number): bigint => value.digits * 10n ** BigInt(scale - value.scale);

/**
 * Rounded to a multiple of a step, e.g. 0.05 or 10: NEAREST half away from zero, UP away from zero, DOWN towards it.
 * The step is above 0.
 */
export function roundDecimalTo(text: string, step: string, direction: 'NEAREST' | 'UP' | 'DOWN'): string {
  const [value, unit] = [parse(text), parse(step)];
  const scale = Math.max(value.scale, unit.scale);
  const [digits, size] = [rescale(value, scale), rescale(unit, scale)];
  const [amount, negative] = digits < 0n ? [-digits, true] : [digits, false];
  const raise = { NEAREST: size / 2n + (size % 2n), UP: size - 1n, DOWN: 0n }[direction];
  const rounded = ((amount + raise) / size) * size;
  return print({ digits: negative ? -rounded : rounded, scale });
}
