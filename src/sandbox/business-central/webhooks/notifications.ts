import type { Subscription } from './subscription.js';

export type ChangeType = 'created' | 'updated' | 'deleted';

/** Changes that a subscription has not been told of yet, by the id of the row; edits of one row are one change. */
export type Pending = Map<string, { readonly changeType: ChangeType; readonly atMs: number }>;

export interface Notification {
  readonly subscriptionId: string;
  readonly clientState: string;
  readonly expirationDateTime: string;
  readonly resource: string;
  readonly changeType: ChangeType | 'collection';
  readonly lastModifiedDateTime: string;
}

/** Adds a change to those of the same row: what was made and deleted in between was never there. */
export function addChange(pending: Pending, id: string, changeType: ChangeType, atMs: number): void {
  const before = pending.get(id)?.changeType;
  if (before === 'created' && changeType === 'deleted') pending.delete(id);
  else pending.set(id, { changeType: before === 'created' ? 'created' : changeType, atMs });
}

/** What a subscription is told of its changes: each one, or where they are many that the set has changed. */
export function notificationsOf(
  subscription: Subscription,
  pending: Pending,
  collectionAbove: number,
): readonly Notification[] {
  const { subscriptionId, clientState, expiresAtMs, resource } = subscription;
  const shared = { subscriptionId, clientState, expirationDateTime: new Date(expiresAtMs).toISOString() };
  if (pending.size > collectionAbove) {
    const first = new Date(Math.min(...[...pending.values()].map(({ atMs }) => atMs))).toISOString();
    return [
      {
        ...shared,
        resource: `${resource}?$filter=lastModifiedDateTime ge ${first}`,
        changeType: 'collection',
        lastModifiedDateTime: first,
      },
    ];
  }
  return [...pending].map(([id, { changeType, atMs }]) => ({
    ...shared,
    resource: `${resource}(${id})`,
    changeType,
    lastModifiedDateTime: new Date(atMs).toISOString(),
  }));
}
