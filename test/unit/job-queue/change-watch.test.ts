import { expect, test } from 'vitest';
import { WatchMemory } from '../../../src/job-queue/change-watch.js';

const minute = 60_000;
const entries = [{ minutesBetweenRuns: 30 }];
const news = (changes: string[], isWhole = true) => ({ mappingId: 'm', changes, isWhole });

test('a change wakes once, another version of the record wakes again', () => {
  const memory = new WatchMemory(() => 0);
  expect(memory.isToWake(news([]), entries)).toBe(false);
  expect(memory.isToWake(news(['SALES:1:v1']), entries)).toBe(true);
  // Nobody could be woken: it is tried again.
  expect(memory.isToWake(news(['SALES:1:v1']), entries)).toBe(true);
  memory.keep(news(['SALES:1:v1']));
  expect(memory.isToWake(news(['SALES:1:v1']), entries)).toBe(false);
  expect(memory.isToWake(news(['SALES:1:v1', 'SALES:2:v1']), entries)).toBe(true);
  expect(memory.isToWake(news(['SALES:1:v2']), entries)).toBe(true);
  expect(memory.isToWake({ ...news(['SALES:1:v1']), mappingId: 'other' }, entries)).toBe(true);
});

test('more than a look shows wakes at most once in an interval of the entry', () => {
  let now = 0;
  const memory = new WatchMemory(() => now);
  expect(memory.isToWake(news([], false), entries)).toBe(true);
  memory.keep(news([], false));
  now = 29 * minute;
  expect(memory.isToWake(news([], false), entries)).toBe(false);
  // A single change meanwhile does not make the many count anew.
  memory.keep(news(['SALES:1:v1']));
  expect(memory.isToWake(news(['SALES:1:v1'], false), entries)).toBe(false);
  now = 30 * minute;
  expect(memory.isToWake(news([], false), entries)).toBe(true);
});
