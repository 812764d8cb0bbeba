import { ask } from './visitor.js';

/** An address of the dashboard. */
export interface DashboardPage {
  readonly name: string;
  readonly path: string | (() => Promise<string>);
  /** The weakest role that sees it. */
  readonly role: 'MONITOR' | 'VIEWER' | 'OPERATOR' | 'ADMIN';
}

/** Every page that is reached by the navigation. */
export const listPages: readonly DashboardPage[] = [
  { name: 'overview', path: '/', role: 'MONITOR' },
  { name: 'job queue entries', path: '/entries', role: 'MONITOR' },
  { name: 'the log', path: '/runs', role: 'MONITOR' },
  { name: 'couplings', path: '/couplings', role: 'VIEWER' },
  { name: 'errors by cause', path: '/errors', role: 'VIEWER' },
  { name: 'mappings', path: '/mappings', role: 'MONITOR' },
  { name: 'transformation rules', path: '/rules', role: 'MONITOR' },
  { name: 'full synchronizations', path: '/full', role: 'MONITOR' },
  { name: 'connections', path: '/connections', role: 'MONITOR' },
  { name: 'API tokens', path: '/tokens', role: 'ADMIN' },
  { name: 'the audit', path: '/audit', role: 'VIEWER' },
];

/** Every page of one object. */
export const objectPages: readonly DashboardPage[] = [
  { name: 'an entry', path: async () => `/entries/${await idOf('jobQueueEntry(code: "CUSTOMER")')}`, role: 'MONITOR' },
  {
    name: 'a run with errors',
    path: async () => `/runs/${await firstOf('jobQueueLogEntries(first: 1, filter: { code: ["CUSTOMER#1"] })')}`,
    role: 'MONITOR',
  },
  {
    name: 'a pair in conflict',
    path: async () => `/couplings/${await firstOf('couplings(first: 1, filter: { state: [CONFLICT] })')}`,
    role: 'VIEWER',
  },
  {
    name: 'a synch job',
    path: async () => `/synch-jobs/${await firstOf('synchJobs(last: 1, filter: { mapping: ["CUSTOMER"] })')}`,
    role: 'MONITOR',
  },
  {
    name: 'a mapping',
    path: async () => `/mappings/${await idOf('integrationTableMapping(name: "CUSTOMER")')}`,
    role: 'MONITOR',
  },
  {
    name: 'a full synchronization',
    path: async () => `/full/${await firstOf('fullSynchronizations(first: 1)')}`,
    role: 'MONITOR',
  },
  {
    name: 'a connection',
    path: async () => `/connections/${await firstOf('connectionSetups(first: 1)')}`,
    role: 'MONITOR',
  },
];

/** Every page on which something new is filled in. */
export const newPages: readonly DashboardPage[] = [
  { name: 'a new entry', path: '/entries/new', role: 'ADMIN' },
  { name: 'a new mapping', path: '/mappings/new', role: 'ADMIN' },
  { name: 'a new connection', path: '/connections/new', role: 'ADMIN' },
];

/** Pages on which there is nothing to see. */
export const emptyPages: readonly DashboardPage[] = [
  { name: 'job queue entries without a match', path: '/entries?search=no-such-entry', role: 'MONITOR' },
  { name: 'couplings without a match', path: '/couplings?search=no-such-pair', role: 'VIEWER' },
  { name: 'an object that is gone', path: '/couplings/Q291cGxpbmc6bm9uZQ', role: 'VIEWER' },
  { name: 'an entry that is gone', path: '/entries/Sm9iUXVldWVFbnRyeTpub25l', role: 'MONITOR' },
  { name: 'an address that leads nowhere', path: '/nowhere', role: 'MONITOR' },
];

export const addressOf = async ({ path }: DashboardPage): Promise<string> => (typeof path === 'string' ? path : path());

async function idOf(field: string): Promise<string> {
  const [object] = Object.values(await ask(`{ ${field} { id } }`));
  return object.id;
}

async function firstOf(field: string): Promise<string> {
  const [connection] = Object.values(await ask(`{ ${field} { edges { node { id } } } }`));
  return connection.edges[0].node.id;
}
