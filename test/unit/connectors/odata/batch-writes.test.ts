import { describe, expect, test } from 'vitest';
import {
  type BatchSender,
  notReached,
  type PartVerdict,
  settleBatch,
  settled,
  verdictOnError,
} from '../../../../src/connectors/odata/batch-writes.js';
import { RequestError } from '../../../../src/connectors/odata/classify.js';
import { type Situation } from '../../../../src/connectors/odata/repetition.js';

const never = new AbortController().signal;
const done = settled({ kind: 'WRITTEN', row: null });
type Details = Partial<ConstructorParameters<typeof RequestError>[1]>;
const error = (situation: Situation, more: Details = {}) =>
  new RequestError(situation, { errorClass: 'TRANSIENT', code: situation, situation, ...more });

/** Answers the batches one after another, and notes what was sent. */
function senderOf(
  ...answers: ((operations: readonly string[]) => PartVerdict[])[]
): BatchSender<string> & { sent: string[][]; pauses: number[] } {
  const sent: string[][] = [];
  const pauses: number[] = [];
  return {
    sent,
    pauses,
    send: async (operations) => {
      sent.push([...operations]);
      const answer = answers[sent.length - 1];
      if (answer === undefined) throw new Error('sent once too often');
      return answer(operations);
    },
    pause: (durationMs) => pauses.push(durationMs),
    retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1, budgetMs: 60_000 },
    random: () => 1,
  };
}

const fail =
  (situation: Situation, more = {}) =>
  (): PartVerdict[] => {
    throw error(situation, more);
  };

describe('a batch', () => {
  test('sends again only what surely was not applied', async () => {
    const sender = senderOf(
      () => [
        done,
        verdictOnError(error('ROLLED_BACK')),
        verdictOnError(error('FAULT')),
        verdictOnError(error('REFUSED')),
        notReached(),
      ],
      () => [done, done],
    );
    const outcomes = await settleBatch(['a', 'b', 'c', 'd', 'e'], sender, never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN', 'UNKNOWN', 'REFUSED', 'WRITTEN']);
    expect(sender.sent).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['b', 'e'],
    ]);
  });

  test('gives up after the last try and says so', async () => {
    const locked = (operations: readonly string[]) => operations.map(() => verdictOnError(error('ROLLED_BACK')));
    expect(await settleBatch(['a'], senderOf(locked, locked, locked), never)).toMatchObject([
      { kind: 'REFUSED', error: { code: 'ROLLED_BACK' } },
    ]);
  });

  test('pauses everybody when one of its parts was throttled', async () => {
    const sender = senderOf(
      () => [
        verdictOnError(error('THROTTLED', { retryAfterMs: 7_000 })),
        verdictOnError(error('THROTTLED', { retryAfterMs: 3_000 })),
      ],
      () => [done, done],
    );
    await settleBatch(['a', 'b'], sender, never);
    expect(sender.pauses).toEqual([7_000]);
  });

  test.each<[Situation, string]>([
    ['LOST', 'UNKNOWN'],
    ['UNAVAILABLE', 'UNKNOWN'],
    ['ROLLED_BACK', 'UNKNOWN'],
    ['BAD_ANSWER', 'UNKNOWN'],
    ['REFUSED', 'REFUSED'],
    ['THROTTLED', 'REFUSED'],
    ['NOT_SENT', 'REFUSED'],
  ])('that fails as a whole as %s leaves each operation %s', async (situation, kind) => {
    const outcomes = await settleBatch(['a', 'b'], senderOf(fail(situation)), never);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([kind, kind]);
  });

  test('that is too large is halved until it fits', async () => {
    const limited = (operations: readonly string[]): PartVerdict[] => {
      if (operations.length > 1) throw error('REFUSED', { httpStatus: 413, errorClass: 'VALIDATION' });
      return [done];
    };
    const sender = senderOf(limited, limited, limited, limited, limited);
    const outcomes = await settleBatch(['a', 'b', 'c'], sender, never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN', 'WRITTEN']);
    expect(sender.sent).toEqual([['a', 'b', 'c'], ['a', 'b'], ['a'], ['b'], ['c']]);
  });

  test('that is refused as a whole because of one operation is halved, so that the others are done', async () => {
    const strict = (operations: readonly string[]): PartVerdict[] => {
      if (operations.includes('bad')) throw error('REFUSED', { httpStatus: 400, errorClass: 'VALIDATION' });
      return operations.map(() => done);
    };
    const sender = senderOf(strict, strict, strict, strict, strict);
    const outcomes = await settleBatch(['a', 'b', 'bad', 'c'], sender, never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN', 'REFUSED', 'WRITTEN']);
    expect(sender.sent).toEqual([['a', 'b', 'bad', 'c'], ['a', 'b'], ['bad', 'c'], ['bad'], ['c']]);
  });

  test('that is refused for what concerns all of it is not halved', async () => {
    const sender = senderOf(() => {
      throw error('REFUSED', { httpStatus: 403, errorClass: 'PERMISSION' });
    });
    const outcomes = await settleBatch(['a', 'b'], sender, never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['REFUSED', 'REFUSED']);
    expect(sender.sent).toEqual([['a', 'b']]);
  });

  test('with fewer answers than operations leaves the others UNKNOWN', async () => {
    const outcomes = await settleBatch(
      ['a', 'b'],
      senderOf(() => [done]),
      never,
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'UNKNOWN']);
  });

  test('that is aborted rejects with the reason', async () => {
    const stopping = new AbortController();
    const sender = senderOf(() => {
      stopping.abort(new Error('lease lost'));
      throw stopping.signal.reason;
    });
    await expect(settleBatch(['a'], sender, stopping.signal)).rejects.toThrow('lease lost');
  });
});
