import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChangeFeed, openChangeFeed } from '../../../src/status-stream/change-feed.js';
import type { LiveChange } from '../../../src/status-stream/live-change.js';
import { CursorExpiredError, changeCursorOf } from '../../../src/status-stream/stream-cursor.js';
import { SubscriberTooSlowError } from '../../../src/status-stream/subscription.js';
import { eventually } from '../../support/eventually.js';
import { WrittenChanges } from './written-changes.js';

const interest = { intervalMs: 0, subjectOf: () => 'WORKER' as const };
type Changes = AsyncIterator<LiveChange, void, undefined>;

async function openFeed(source: WrittenChanges): Promise<ChangeFeed> {
  const feed = await openChangeFeed(source, pino({ level: 'silent' }));
  onTestFinished(() => feed.close());
  return feed;
}

function written(count: number): WrittenChanges {
  const source = new WrittenChanges();
  for (let number = 0; number < count; number += 1) source.write(`w${number}`);
  return source;
}

async function take(changes: Changes, count: number): Promise<LiveChange[]> {
  const taken: LiveChange[] = [];
  while (taken.length < count) {
    const { value } = await changes.next();
    if (!value) throw new Error(`it ended after ${taken.length}`);
    taken.push(value);
  }
  return taken;
}

const idsOf = (changes: readonly LiveChange[]): string[] => changes.map(({ id }) => id);

describe('a resume after many changes', () => {
  test('tells all of them, and goes on with what comes', async () => {
    const source = written(12_000);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest, changeCursorOf(0n));
    const told = await take(changes, 12_000);
    expect(new Set(idsOf(told)).size).toBe(12_000);
    source.write('later');
    expect(idsOf(await take(changes, 1))).toEqual(['later']);
    await eventually('only the reader of the process reads', () => source.openReadings === 1);
  });

  test('reads no further than a bounded number of objects ahead of the subscriber', async () => {
    const source = written(12_000);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest, changeCursorOf(0n));
    await take(changes, 100);
    expect(source.given).toBeLessThan(2_000);
    await take(changes, 3_000);
    expect(source.given).toBeGreaterThan(3_000);
    expect(source.given).toBeLessThan(5_000);
  });

  test('may be broken off anywhere, and goes on after the last cursor', async () => {
    const source = written(3_000);
    const feed = await openFeed(source);
    let after = changeCursorOf(0n);
    const seen = new Set<string>();
    while (seen.size < 3_000) {
      const changes = await feed.follow(interest, after);
      const told = await take(changes, Math.min(700, 3_000 - seen.size));
      for (const { id, told: time } of told) {
        seen.add(id);
        after = changeCursorOf(time);
      }
      await changes.return?.();
    }
    await eventually('no reading is left open', () => source.openReadings === 1);
  });

  test('loses nothing that is written while it catches up', async () => {
    const source = written(2_500);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest, changeCursorOf(0n));
    const seen = new Set<string>();
    for (let number = 0; number < 3_500; number += 1) {
      if (number < 1_000) source.write(`meanwhile${number}`);
      for (const { id } of await take(changes, 1)) seen.add(id);
    }
    expect(seen.size).toBe(3_500);
  });

  test('ends as expired when the database drops what was not read yet', async () => {
    const source = written(12_000);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest, changeCursorOf(0n));
    await take(changes, 10);
    source.write('last');
    source.drop();
    await expect(take(changes, 12_000)).rejects.toThrow(CursorExpiredError);
    expect(source.openReadings).toBeLessThanOrEqual(1);
  });

  test('goes on when the database was away meanwhile', async () => {
    const source = written(3_000);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest, changeCursorOf(0n));
    await take(changes, 10);
    source.fail(3);
    expect(new Set(idsOf(await take(changes, 2_990))).size).toBe(2_990);
  });

  test('is refused at once when its beginning is no longer kept', async () => {
    const source = written(10);
    const feed = await openFeed(source);
    source.write('last');
    source.drop();
    await expect(feed.follow(interest, changeCursorOf(3n))).rejects.toThrow(CursorExpiredError);
  });

  test('ends when the feed closes', async () => {
    const source = written(5_000);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest, changeCursorOf(0n));
    await take(changes, 1);
    await feed.close();
    expect(await changes.next()).toEqual({ done: true, value: undefined });
    expect(source.openReadings).toBe(0);
  });
});

describe('a subscriber of what comes', () => {
  test('is closed when it takes nothing of very many objects, and resumes without a gap', async () => {
    const source = written(1);
    const feed = await openFeed(source);
    const changes = await feed.follow(interest);
    for (let number = 0; number < 6_000; number += 1) source.write(`live${number}`);
    await eventually('the reader of the process has read all', () => source.given === 6_000);
    const closed = await changes.next().catch((error: unknown) => error);
    expect(closed).toBeInstanceOf(SubscriberTooSlowError);
    const resumed = await feed.follow(interest, (closed as SubscriberTooSlowError).cursor);
    expect(new Set(idsOf(await take(resumed, 6_000))).size).toBe(6_000);
  });

  test('does not hold up another one that resumed at the same place', async () => {
    const source = written(4_000);
    const feed = await openFeed(source);
    const slow = await feed.follow(interest, changeCursorOf(0n));
    const quick = await feed.follow(interest, changeCursorOf(0n));
    await take(slow, 1);
    expect(idsOf(await take(quick, 4_000))).toHaveLength(4_000);
    source.write('later');
    expect(idsOf(await take(quick, 1))).toEqual(['later']);
    expect(idsOf(await take(slow, 4_000)).at(-1)).toBe('later');
  });
});

describe('a process that has lost its place in the log', () => {
  test('tells those who followed, and serves whoever follows afterwards', async () => {
    const source = written(5);
    const feed = await openFeed(source);
    const open = await feed.follow(interest);
    const waiting = open.next();
    source.write('missed');
    source.drop();
    await expect(waiting).rejects.toThrow(CursorExpiredError);
    const fresh = await feed.follow(interest);
    const resumed = await feed.follow(interest, await feed.currentCursor());
    source.write('seen');
    expect(idsOf([...(await take(fresh, 1)), ...(await take(resumed, 1))])).toEqual(['seen', 'seen']);
    await expect(feed.follow(interest, changeCursorOf(2n))).rejects.toThrow(CursorExpiredError);
  });

  test('does so each time', async () => {
    const source = written(5);
    const feed = await openFeed(source);
    for (let time = 0; time < 3; time += 1) {
      const following = (await feed.follow(interest)).next();
      source.write('missed');
      source.drop();
      await expect(following).rejects.toThrow(CursorExpiredError);
    }
  });
});
