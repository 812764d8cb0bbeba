import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react';
import type { PagedRows } from '../graphql/use-paged-list';
import { Failure, Outline } from './page';
import { useIsNarrow } from './use-is-narrow';

export interface Column<Node> {
  readonly title: string;
  /** A track of a CSS grid, such as 120px or minmax(200px, 2fr). */
  readonly width: string;
  readonly cell: (node: Node) => ReactNode;
  /** What it is on a telephone: left out unless told; `below` puts it under the others, over the whole width. */
  readonly narrow?: string;
  readonly align?: 'end';
}

export interface WindowedTableProps<Node> {
  readonly label: string;
  readonly list: PagedRows<Node>;
  readonly columns: readonly Column<Node>[];
  readonly rowKey: (node: Node) => string;
  readonly rowHeight?: number;
  /** On a telephone, where something stands below. */
  readonly narrowRowHeight?: number;
  readonly empty: ReactNode;
  readonly isChosen?: (node: Node) => boolean;
}

const BELOW = 'below';

/** A table of any length: only the rows on screen are in the document, all of one height so that nothing moves. */
export function WindowedTable<Node>(props: WindowedTableProps<Node>) {
  const { label, list, columns, rowKey, empty, isChosen } = props;
  const isNarrow = useIsNarrow();
  const rowHeight = (isNarrow ? props.narrowRowHeight : undefined) ?? props.rowHeight ?? 44;
  const body = useRef<HTMLDivElement>(null);
  const { count, rowAt, show, hasMore, total, error } = list;
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: body.current?.offsetTop ?? 0,
  });
  // oxlint-disable-next-line react/exhaustive-deps -- rows are measured anew when their height changes
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => show(first, last), [show, first, last]);

  if (total === null) return error ? <Failure error={error} onRetry={list.reload} /> : <Outline lines={10} />;
  if (count === 0) return <>{empty}</>;
  const tracks = {
    '--columns': columns.map(({ width }) => width).join(' '),
    '--columns-narrow': columns
      .flatMap(({ narrow }) => (narrow === undefined || narrow === BELOW ? [] : narrow))
      .join(' '),
    '--row-height': `${rowHeight}px`,
  } as CSSProperties;
  const cellClass = ({ narrow, align }: Column<Node>): string =>
    `cell${narrow === undefined ? ' wide-only' : narrow === BELOW ? ' below-others' : ''}${align === undefined ? '' : ' end'}`;
  return (
    <div
      className="table"
      role="table"
      aria-label={label}
      aria-rowcount={hasMore && !list.isTotalExact ? -1 : count + 1}
      style={tracks}
    >
      <div role="rowgroup" className="table-head">
        <div role="row" className="row" aria-rowindex={1}>
          {columns.map((column) => (
            <div key={column.title} role="columnheader" className={cellClass(column)}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={body} className="table-body" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const node = rowAt(index);
          const place = {
            'aria-rowindex': index + 2,
            style: { transform: `translateY(${start - virtualizer.options.scrollMargin}px)` },
          };
          if (node === undefined) return <Unread key={index} {...place} />;
          return (
            <div key={rowKey(node)} role="row" data-row className={isChosen?.(node) ? 'row chosen' : 'row'} {...place}>
              {columns.map((column) => (
                <div key={column.title} role="cell" className={cellClass(column)}>
                  {column.cell(node)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** A row that is on its way. */
const Unread = (place: { readonly 'aria-rowindex': number; readonly style: CSSProperties }) => (
  <div role="row" className="row unread" {...place}>
    <div role="cell" className="cell">
      <span className="outline-line outline-0" />
      <span className="unseen">This row is being read.</span>
    </div>
  </div>
);

/** Such as "1,204 couplings" or "more than 10,000 couplings". */
export function HowMany({
  list,
  one,
  many,
}: {
  readonly list: PagedRows<unknown>;
  readonly one: string;
  readonly many: string;
}) {
  if (list.total === null) return <span className="faint">{list.error ? 'Not known' : 'Counting …'}</span>;
  return (
    <>
      {list.isTotalExact ? '' : 'at least '}
      {list.total.toLocaleString()} {list.total === 1 ? one : many}
    </>
  );
}
