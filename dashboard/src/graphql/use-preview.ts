import { useMemo } from 'react';
import type { AnyVariables, TypedDocumentNode } from 'urql';
import { useSettled } from '../design/use-settled';
import type { Topic } from '../live/live-feed';
import type { UserError } from './use-action';
import { useLiveQuery } from './use-live-query';

const topics: readonly Topic[] = [];

/**
 * What the service would refuse of a form's input, asked while it is typed, a moment after the last key. Null before the
 * first answer, and where the input cannot even be read.
 */
export function usePreview<Data extends Readonly<Record<string, unknown>>, Input>(
  query: TypedDocumentNode<Data, { input: Input }>,
  input: Input,
): readonly UserError[] | null {
  const key = useSettled(JSON.stringify(input));
  const variables = useMemo(() => ({ input: JSON.parse(key) as Input }), [key]);
  const { data, error } = useLiveQuery<Data, { input: Input } & AnyVariables>({ query, variables, topics });
  if (error || !data) return null;
  return Object.values(data).flatMap((problems) => problems as readonly UserError[]);
}

/**
 * What a form shows: what the service would refuse of its input, and what it refused when this very input was sent, which
 * may be more than can be told beforehand.
 */
export const withRefusal = (
  preview: readonly UserError[] | null,
  refusal: readonly UserError[],
): readonly UserError[] => [
  ...(preview ?? []),
  ...refusal.filter(({ message }) => preview?.every((problem) => problem.message !== message) ?? true),
];
