/** An iterator over what `next` gives, up to a null. Whoever ends it earlier lets `end` be called. */
export function iteratorOf<T>(
  next: () => Promise<T | null>,
  end: () => unknown,
): AsyncIterableIterator<T, void, undefined> {
  const iterator: AsyncIterableIterator<T, void, undefined> = {
    async next() {
      const value = await next();
      return value === null ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
