import type { Side } from '../world/row.js';

/** Header names in lower case. */
export type Headers = ReadonlyMap<string, string>;

/** One thing asked of a system: a request of its own, or a part of a batch. */
export interface Operation {
  readonly method: string;
  /** The address below the service's root, still percent-encoded, without the query. */
  readonly path: string;
  /** What stands behind the question mark, still percent-encoded. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What a system answers to one operation. Objects are sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | object;
  /** The body comes in small pieces, with so long between two of them. */
  readonly trickleMs?: number;
}

/** The kinds of operation that faults and counters tell apart. */
export const operationKinds = ['read', 'create', 'update', 'delete', 'batch', 'token'] as const;
export type OperationKind = (typeof operationKinds)[number];

/** What faults, counters and events know of an operation. */
export interface Description {
  readonly system: Side;
  readonly method: string;
  readonly path: string;
  readonly entitySet: string;
  readonly kind: OperationKind;
  /** What a write sends. */
  readonly body?: string;
}

/** What the fault plan has for one operation. */
export interface Encounter {
  /** Answered instead of doing anything. */
  readonly instead?: Answer;
  /** What becomes of the answer once the operation was done; may cut the connection by throwing. */
  readonly after: (answer: Answer) => Answer;
}

/** Asks the fault plan about an operation that is about to be done; waits here when the plan says so. */
export type Meet = (description: Description) => Promise<Encounter>;

/** Does one operation under the fault plan. `apply` runs without a pause. */
export async function underFaults(meet: Meet, description: Description, apply: () => Answer): Promise<Answer> {
  const encounter = await meet(description);
  return encounter.instead ?? encounter.after(apply());
}

/** The preferences of a request: names in lower case, with their values. */
export function preferencesOf(headers: Headers): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const match of (headers.get('prefer') ?? '').matchAll(/([\w.-]+)(?:\s*=\s*(?:"([^"]*)"|([^,;\s]*)))?/g)) {
    const name = match[1];
    if (name !== undefined) preferences.set(name.toLowerCase(), match[2] ?? match[3] ?? '');
  }
  return preferences;
}

/** The kind of a plain operation, told by its verb. */
export function kindOf(method: string, headers: Headers): OperationKind {
  if (method === 'POST') return 'create';
  if (method === 'DELETE') return 'delete';
  if (method === 'PATCH' || method === 'PUT') return headers.get('if-none-match') === '*' ? 'create' : 'update';
  return 'read';
}
