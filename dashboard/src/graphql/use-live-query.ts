import { useCallback, useEffect } from 'react';
import { type AnyVariables, type TypedDocumentNode, type UseQueryState, useQuery } from 'urql';
import { useShownOperation } from '../layout/shown-operation';
import { useTopics } from '../live/live-context';
import type { Topic } from '../live/live-feed';

export interface LiveQueryOptions<Data, Variables extends AnyVariables> {
  readonly query: TypedDocumentNode<Data, Variables>;
  readonly variables: Variables;
  /** What the answer depends on: the query is asked again when one of them changed. A constant, not made anew in each rendering. */
  readonly topics: readonly Topic[];
  readonly pause?: boolean;
}

export type LiveQuery<Data> = Pick<UseQueryState<Data>, 'data' | 'error' | 'fetching'> & {
  readonly reload: () => void;
};

/** A query whose answer stays true: objects by subscription through the cache, lists by being asked again on a change. */
export function useLiveQuery<Data, Variables extends AnyVariables>(
  options: LiveQueryOptions<Data, Variables>,
): LiveQuery<Data> {
  const { query, variables, topics, pause } = options;
  const [{ data, error, fetching }, execute] = useQuery<Data, Variables>({
    query,
    variables,
    pause: pause ?? false,
    requestPolicy: 'cache-and-network',
  });
  const reload = useCallback(() => {
    if (!pause) execute({ requestPolicy: 'network-only' });
  }, [execute, pause]);
  useTopics(topics, reload);
  const show = useShownOperation();
  useEffect(() => (pause ? undefined : show(query, variables)), [show, query, variables, pause]);
  return { data, error, fetching, reload };
}
