import { defaultFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-errors.js';

/** When an operation has to be answered. */
export interface Deadline {
  /** Rejects with OPERATION_TIMED_OUT when the time is over. */
  readonly over: Promise<never>;
  readonly isOver: () => boolean;
  /** To be called when the operation was answered. */
  clear(): void;
}

/** Starts the time of an operation: when it comes, before its token is checked. */
export function deadlineIn(milliseconds: number): Deadline {
  let reject: (error: ApiError) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => {
    reject = rejectPromise;
  });
  // Nobody may be waiting when it comes.
  promise.catch(() => undefined);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    reject(
      new ApiError(
        'OPERATION_TIMED_OUT',
        `the operation took longer than ${milliseconds / 1_000} s. Ask for less at once; a mutation goes on, and tells its outcome to a repeat with the same clientMutationId`,
      ),
    );
  }, milliseconds).unref();
  return { over: promise, isOver: () => isOver, clear: () => clearTimeout(timer) };
}

/** What `work` answers, or OPERATION_TIMED_OUT once the deadline is over; null: it may take as long as it likes. */
export const within = <T>(deadline: Deadline | null, work: Promise<T>): Promise<T> =>
  deadline === null ? work : Promise.race([work, deadline.over]);

/** Lets no resolver work longer than its operation may: those that wait are given up, and no further ones begin. */
export function enforceDeadline(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (resolve === undefined || resolve === defaultFieldResolver) continue;
      field.resolve = (source, args, context: ApiContext, info) => {
        const { deadline } = context;
        if (!deadline) return resolve(source, args, context, info);
        if (deadline.isOver()) return deadline.over;
        const value: unknown = resolve(source, args, context, info);
        return value instanceof Promise ? within(deadline, value) : value;
      };
    }
  }
}
