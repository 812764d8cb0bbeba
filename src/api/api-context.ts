import type { OperationCost } from './cost.js';
import type { Deadline } from './deadline.js';
import type { MutationRecorder } from './mutation-call.js';
import type { OperationLoads } from './operation-loads.js';
import type { Viewer } from './role.js';

/** What every resolver of one operation may use. */
export interface ApiContext {
  readonly viewer: Viewer;
  readonly loads: OperationLoads;
  readonly mutations: MutationRecorder;
  /** When it has to be answered; null for a subscription. */
  deadline: Deadline | null;
  /** Counted before it begins. */
  cost: OperationCost | null;
  /** The stream's position, read before anything else of the operation; null unless the operation asks for it. */
  liveCursor: string | null;
  /** The resolver instance of a class, for subscriptions, whose source is made outside of an instance. */
  resolver<T extends object>(resolverClass: new (...dependencies: never[]) => T): T;
}
