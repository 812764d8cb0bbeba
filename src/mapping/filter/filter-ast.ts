/** The parsed form of a NAV filter expression on one field. */
export type FilterNode =
  | { readonly kind: 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'and'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'compare'; readonly operator: CompareOperator; readonly operand: FilterOperand }
  /** Inclusive on both ends; null is an open end. */
  | { readonly kind: 'range'; readonly from: FilterOperand | null; readonly to: FilterOperand | null };

export type CompareOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface FilterOperand {
  /** The text without quotes; in an unquoted one `*` and `?` are wildcards. */
  readonly text: string;
  readonly quoted: boolean;
  /** `@` before it: compared without regard to case. */
  readonly ignoreCase: boolean;
  /** Character of the expression where it begins, from 0. */
  readonly position: number;
}

/** A filter expression that cannot be understood; `position` counts from 0. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  constructor(
    readonly expression: string,
    readonly position: number,
    readonly expected: string,
  ) {
    const found = position < expression.length ? `"${expression.slice(position, position + 10)}"` : 'the end';
    super(`the filter is not valid at character ${position + 1}: expected ${expected}, found ${found}`);
  }
}
