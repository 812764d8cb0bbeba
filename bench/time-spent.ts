import type { MongoClient } from 'mongodb';

interface Spent {
  calls: number;
  ms: number;
}

/** Where a run spends its time: calls and milliseconds waited by name. What overlaps is counted for each. */
export class TimeSpent {
  readonly #spent = new Map<string, Spent>();

  /** The same object, each of whose methods that answers later is timed. */
  timed<T extends object>(name: string, object: T): T {
    const spent = (method: string) => this.#of(`${name}.${method}`);
    return new Proxy(object, {
      get(target, property) {
        const member = Reflect.get(target, property, target) as unknown;
        if (typeof member !== 'function') return member;
        return (...given: readonly unknown[]) =>
          timedAnswer(Reflect.apply(member, target, given), spent(String(property)));
      },
    });
  }

  /** Commands of a client that monitors them, by name and collection. */
  watch(client: MongoClient): void {
    const collections = new Map<number, string>();
    client.on('commandStarted', ({ requestId, commandName, command }) => {
      collections.set(requestId, String(commandName === 'getMore' ? command['collection'] : command[commandName]));
    });
    client.on('commandSucceeded', ({ requestId, commandName, duration }) => {
      const spent = this.#of(`mongodb ${commandName} ${collections.get(requestId)}`);
      collections.delete(requestId);
      spent.calls += 1;
      spent.ms += duration;
    });
  }

  clear(): void {
    this.#spent.clear();
  }

  /** The dearest first. */
  tell(): void {
    const lines = [...this.#spent].toSorted(([, a], [, b]) => b.ms - a.ms);
    for (const [name, { calls, ms }] of lines)
      console.log(`    ${name.padEnd(50)} ${String(calls).padStart(7)} ${ms.toFixed(0).padStart(9)} ms`);
  }

  #of(name: string): Spent {
    const known = this.#spent.get(name);
    if (known !== undefined) return known;
    const spent = { calls: 0, ms: 0 };
    this.#spent.set(name, spent);
    return spent;
  }
}

function timedAnswer(answer: unknown, spent: Spent): unknown {
  const startedAt = performance.now();
  const end = (): void => {
    spent.calls += 1;
    spent.ms += performance.now() - startedAt;
  };
  if (answer instanceof Promise) return answer.finally(end);
  return isAsyncIterable(answer) ? timedPages(answer, spent) : answer;
}

const isAsyncIterable = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;

async function* timedPages(pages: AsyncIterable<unknown>, spent: Spent): AsyncGenerator {
  const iterator = pages[Symbol.asyncIterator]();
  for (;;) {
    const next = await (timedAnswer(iterator.next(), spent) as Promise<IteratorResult<unknown>>);
    if (next.done === true) return;
    yield next.value;
  }
}
