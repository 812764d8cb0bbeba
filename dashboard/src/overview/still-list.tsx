import type { ReactNode } from 'react';

export interface StillListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly itemKey: (item: Item) => string;
  readonly children: (item: Item) => ReactNode;
  readonly empty: ReactNode;
  /** How many rows it has room for; more are scrolled. */
  readonly rows: number;
}

const ROW_PX = 40;

/** A list of one height, whatever comes and goes: rows move by themselves and nothing around them does. */
export function StillList<Item>({ label, items, itemKey, children, empty, rows }: StillListProps<Item>) {
  return (
    <div className="still-list" style={{ height: rows * ROW_PX }}>
      {items.length === 0 ? (
        <p className="faint quiet-space">{empty}</p>
      ) : (
        <ul aria-label={label} style={{ height: items.length * ROW_PX }}>
          {items.map((item, index) => (
            <li key={itemKey(item)} data-row style={{ transform: `translateY(${index * ROW_PX}px)`, height: ROW_PX }}>
              {children(item)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
