import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tandem, type Transition } from '../../support/tandem.js';

/** Forced disconnects of one subscriber. */
const CUTS = process.env.TEST_LONG === '1' ? 100 : 10;

describe('a subscriber to the status transitions', () => {
  let tandem: Tandem;
  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('that is cut off at random and resumes by its cursor sees each transition once, in order', async () => {
    const begin = (await tandem.recordedTransitions()).at(-1)!.cursor;
    const holding = toggleEntry(CUTS * 4);
    const seen: Transition[] = [];
    let cursor = begin;
    for (let cut = 0; cut < CUTS; cut += 1) {
      const client = tandem.webSocket();
      let left = 1 + ((cut * 7) % 5);
      for await (const transition of tandem.transitions(cursor, client)) {
        seen.push(transition);
        cursor = transition.cursor;
        left -= 1;
        // The connection goes away without a word, as when a network does.
        if (left === 0) break;
      }
      client.terminate();
    }
    await holding;
    const recorded = await tandem.recordedTransitions();
    const since = recorded.slice(recorded.findIndex((transition) => transition.cursor === begin) + 1);
    for await (const transition of tandem.transitions(cursor)) {
      seen.push(transition);
      if (seen.length === since.length) break;
    }
    expect(seen).toEqual(since);
    expect(since.length).toBeGreaterThanOrEqual(CUTS * 4);
  });

  /** Somebody holds an entry and lets it go, so many times. */
  async function toggleEntry(times: number): Promise<void> {
    const { jobQueueEntry } = await tandem.ask('{ jobQueueEntry(code: "CURRENCY") { id } }');
    for (let time = 0; time < times; time += 1) {
      await tandem.ask(
        'mutation($input: SetJobQueueEntryStatusInput!) { setJobQueueEntryStatus(input: $input) { userErrors { message } } }',
        {
          input: { id: jobQueueEntry.id, status: time % 2 === 0 ? 'ON_HOLD' : 'ON_HOLD_WITH_INACTIVITY_TIMEOUT' },
        },
      );
    }
  }
});
