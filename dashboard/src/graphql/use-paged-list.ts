import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { type AnyVariables, useClient } from 'urql';
import { useShownOperation } from '../layout/shown-operation';
import { useTopics } from '../live/live-context';
import type { Topic } from '../live/live-feed';
import { PAGE_SIZE } from './page-chain';
import { type ListState, PagedList, type PagedListOptions } from './paged-list';

export type UsePagedListOptions<Data, Variables extends AnyVariables, Node> = Omit<
  PagedListOptions<Data, Variables, Node>,
  'client'
> & {
  readonly topics: readonly Topic[];
};

export type PagedRows<Node> = ListState<Node> & {
  readonly show: (firstRow: number, lastRow: number) => void;
  readonly reload: () => void;
};

/** A list that is read as it is scrolled and stays true by the live stream. */
export function usePagedList<Data, Variables extends AnyVariables, Node>(
  options: UsePagedListOptions<Data, Variables, Node>,
): PagedRows<Node> {
  const { query, variables, pick, topics } = options;
  const client = useClient();
  const key = JSON.stringify(variables);
  // oxlint-disable-next-line react/exhaustive-deps -- the variables are compared by value: they are made anew in each rendering
  const list = useMemo(() => new PagedList({ client, query, variables, pick }), [client, query, key, pick]);
  const subscribe = useCallback((listener: () => void) => list.subscribe(listener), [list]);
  const state = useSyncExternalStore(subscribe, () => list.state);
  const reload = useCallback(() => list.reload(), [list]);
  const show = useCallback((first: number, last: number) => list.show(first, last), [list]);
  useTopics(topics, reload);
  const showOperation = useShownOperation();
  useEffect(
    () => showOperation(query, { ...(JSON.parse(key) as object), first: PAGE_SIZE } as unknown as Variables),
    [showOperation, query, key],
  );
  return { ...state, show, reload };
}
