/** The parsed form of a NAV filter expression on one field. Lists are flat: no `or` directly in an `or`, no list of one. */
export type FilterNode =
  | { readonly kind: 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'and'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'compare'; readonly operator: CompareOperator; readonly operand: FilterOperand }
  /** Inclusive on both ends; null is an open end. */
  | { readonly kind: 'range'; readonly from: FilterOperand | null; readonly to: FilterOperand | null };

export type CompareOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A piece of an operand: text as it stands, or a wildcard: `*` any run of characters, `?` exactly one. */
export type PatternPart = { readonly text: string } | { readonly wildcard: '*' | '?' };

export interface FilterOperand {
  /** Texts and wildcards in turn; none for `''`. Quoted wildcards are text. */
  readonly parts: readonly PatternPart[];
  /** `@` before it: compared without regard to case. */
  readonly ignoreCase: boolean;
  /** Character of the expression where it begins, from 0. */
  readonly position: number;
}

/** The text of an operand; null for one with wildcards. */
export function plainText({ parts }: Pick<FilterOperand, 'parts'>): string | null {
  let text = '';
  for (const part of parts) {
    if ('wildcard' in part) return null;
    text += part.text;
  }
  return text;
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
