import { expect, test } from 'vitest';
import { type Connector, ConnectorError } from '../../../src/connectors/connector.js';
import { onSide } from '../../../src/connectors/on-side.js';

const away = () => new ConnectorError('no answer', { errorClass: 'TRANSIENT', code: 'UNREACHABLE' });

/** Answers, then fails, in each of the ways in which a connector can. */
class Failing {
  readonly applyMs = 7;
  readonly #pages = [['first'], ['second']];
  async identity(): Promise<string> {
    throw away();
  }
  async *sweep(): AsyncGenerator<readonly string[]> {
    yield* this.#pages;
    throw away();
  }
  async tables(): Promise<readonly string[]> {
    return this.#pages.flat();
  }
}
const connector = onSide(new Failing() as unknown as Connector, 'SALES');
const signal = new AbortController().signal;

test('errors of a connector tell the side, those of its pages as well', async () => {
  await expect(connector.identity(signal)).rejects.toMatchObject({ code: 'UNREACHABLE', side: 'SALES' });
  const pages: unknown[] = [];
  const sweep = async (): Promise<void> => {
    for await (const page of connector.sweep('accounts', signal)) pages.push(page);
  };
  await expect(sweep()).rejects.toMatchObject({ side: 'SALES' });
  expect(pages).toEqual([['first'], ['second']]);
});

test('what a connector answers stays as it is', async () => {
  expect([connector.applyMs, await connector.tables(signal), 'peekChanges' in connector]).toEqual([
    7,
    ['first', 'second'],
    false,
  ]);
});
