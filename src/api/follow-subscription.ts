import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';

/** What a subscription's events are answered with. */
export interface FollowOptions {
  /** The context of one event. Each has its own: what one event read must not be told with the next one. */
  readonly contextOfEvent: () => unknown;
  /** Told when the source ended with an error. True: it was dealt with, and nothing is to be answered. */
  readonly onSourceError: (error: unknown) => boolean;
  /** Told once, when the subscription has ended, however that came. */
  readonly onEnd: () => void;
}

/** Executes a subscription as graphql's own `subscribe` does, but for the context of each event. */
export async function followSubscription(
  args: ExecutionArgs,
  { contextOfEvent, onSourceError, onEnd }: FollowOptions,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  let hasEnded = false;
  const ended = (): IteratorReturnResult<undefined> => {
    if (!hasEnded) onEnd();
    hasEnded = true;
    return { done: true, value: undefined };
  };
  const answers: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      if (hasEnded) return { done: true, value: undefined };
      try {
        const event = await events.next();
        if (event.done === true) return ended();
        const value = await execute({ ...args, rootValue: event.value, contextValue: contextOfEvent() });
        return { done: false, value };
      } catch (error) {
        ended();
        if (onSourceError(error)) return { done: true, value: undefined };
        const originalError = error instanceof Error ? error : new Error(String(error));
        return { done: false, value: { errors: [new GraphQLError(originalError.message, { originalError })] } };
      }
    },
    async return() {
      ended();
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => answers,
  };
  return answers;
}
