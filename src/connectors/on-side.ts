import type { Side } from '../synch/synch-error.js';
import { type Connector, ConnectorError } from './connector.js';

/** A connector whose errors tell on which side they happened: of a run that asks both systems nothing else would. */
export function onSide(connector: Connector, side: Side): Connector {
  const told = (error: unknown): unknown => {
    if (error instanceof ConnectorError) error.side ??= side;
    return error;
  };
  return new Proxy(connector, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? telling(value.bind(target), told) : value;
    },
  });
}

type Told = (error: unknown) => unknown;

const telling =
  (method: (...parameters: unknown[]) => unknown, told: Told) =>
  (...parameters: unknown[]): unknown => {
    try {
      const answer = method(...parameters);
      if (answer instanceof Promise) return tellingPromise(answer, told);
      return isPages(answer) ? tellingPages(answer, told) : answer;
    } catch (error) {
      throw told(error);
    }
  };

async function tellingPromise(answer: Promise<unknown>, told: Told): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    throw told(error);
  }
}

async function* tellingPages(pages: AsyncIterable<unknown>, told: Told): AsyncGenerator<unknown, void, undefined> {
  try {
    yield* pages;
  } catch (error) {
    throw told(error);
  }
}

const isPages = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
