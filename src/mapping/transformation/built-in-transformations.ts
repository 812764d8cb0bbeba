import type { FieldValue } from '../field-value.js';

/** A named change of a value on its way to the other side. Pure; blank stays blank unless it says otherwise. */
export interface Transformation {
  readonly code: string;
  readonly description: string;
  /** True when applying it again changes nothing, so that it may stand on a bidirectional field. */
  readonly isIdempotent: boolean;
  apply(value: FieldValue): FieldValue;
}

/** The transformations that the default setup uses. */
export const builtInTransformations: ReadonlyMap<string, Transformation> = new Map(
  [
    {
      code: 'UNITGROUPNAME',
      description: 'The name of the unit group that Dynamics NAV makes for a unit of measure: "NAV " before the code',
      isIdempotent: false,
      apply: (value: FieldValue) => (value === null ? null : `NAV ${value}`),
    },
    {
      code: 'NOTNEGATIVE',
      description: 'A negative number becomes 0',
      isIdempotent: true,
      apply: (value: FieldValue) => (value !== null && String(value).startsWith('-') ? '0' : value),
    },
  ].map((transformation) => [transformation.code, transformation]),
);
