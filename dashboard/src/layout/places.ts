import type { IconName } from '../design/icon';
import type { Role } from '../session/session';

export interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Pressed after g. */
  readonly key: string;
  readonly role: Role;
}

/** The pages of the navigation, in the order of a morning: is all well, what runs, what needs me. */
export const places: readonly Place[] = [
  { path: '/', title: 'Overview', icon: 'overview', key: 'o', role: 'MONITOR' },
  { path: '/entries', title: 'Job queue', icon: 'entries', key: 'j', role: 'MONITOR' },
  { path: '/runs', title: 'Log', icon: 'runs', key: 'l', role: 'MONITOR' },
  { path: '/couplings', title: 'Couplings', icon: 'couplings', key: 'c', role: 'VIEWER' },
  { path: '/errors', title: 'Errors', icon: 'errors', key: 'e', role: 'VIEWER' },
  { path: '/mappings', title: 'Mappings', icon: 'mappings', key: 'm', role: 'MONITOR' },
  { path: '/rules', title: 'Rules', icon: 'rules', key: 't', role: 'MONITOR' },
  { path: '/full', title: 'Full synchronization', icon: 'full', key: 'f', role: 'MONITOR' },
  { path: '/connections', title: 'Connections', icon: 'connections', key: 's', role: 'MONITOR' },
  { path: '/tokens', title: 'API tokens', icon: 'token', key: 'a', role: 'ADMIN' },
  { path: '/audit', title: 'Audit', icon: 'audit', key: 'u', role: 'VIEWER' },
];

/** Whether an address lies in a place. */
export const isHere = (path: string, here: string): boolean =>
  path === '/' ? here === '/' : here === path || here.startsWith(`${path}/`);
