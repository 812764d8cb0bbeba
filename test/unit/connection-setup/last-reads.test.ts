import { describe, expect, test } from 'vitest';
import { LastReads } from '../../../src/connection-setup/last-reads.js';

function reads() {
  const clock = { now: 0 };
  const read = { count: 0, outcome: (): Promise<string> => Promise.resolve('first') };
  const last = new LastReads<string>({ keptMs: 100, pauseMs: 10, monotonicMs: () => clock.now });
  const get = (key = 'k') =>
    last.get(key, () => {
      read.count += 1;
      return read.outcome();
    });
  const failing = () => Promise.reject(new Error('away'));
  const glance = () =>
    last.glance('k', () => {
      read.count += 1;
      return read.outcome();
    });
  return { clock, read, get, glance, failing };
}

describe('what was last read', () => {
  test('is kept for its time, each key for itself, and then read again', async () => {
    const { clock, read, get } = reads();
    expect([await get(), await get(), await get('other')]).toEqual(['first', 'first', 'first']);
    expect(read.count).toBe(2);
    clock.now = 100;
    read.outcome = () => Promise.resolve('second');
    expect(await get()).toBe('second');
  });

  test('is read once for all who ask meanwhile', async () => {
    const { read, get } = reads();
    expect(await Promise.all([get(), get(), get()])).toEqual(['first', 'first', 'first']);
    expect(read.count).toBe(1);
  });

  test('answers past its time when the next read fails, and nothing is asked for a pause', async () => {
    const { clock, read, get, failing } = reads();
    await get();
    clock.now = 100;
    read.outcome = failing;
    expect([await get(), await get()]).toEqual(['first', 'first']);
    expect(read.count).toBe(2);
    clock.now = 110;
    read.outcome = () => Promise.resolve('again');
    expect(await get()).toBe('again');
  });

  test('rejects with the reason when there was never any, and tries again only after the pause', async () => {
    const { clock, read, get, failing } = reads();
    read.outcome = failing;
    await expect(get()).rejects.toThrow('away');
    read.outcome = () => Promise.resolve('late');
    await expect(get()).rejects.toThrow('away');
    expect(read.count).toBe(1);
    clock.now = 10;
    expect(await get()).toBe('late');
  });

  test('is given to a glance past its time, too, while it is read again', async () => {
    const { clock, read, glance } = reads();
    expect(await glance()).toBe('first');
    clock.now = 100;
    const second = Promise.withResolvers<string>();
    read.outcome = () => second.promise;
    expect([await glance(), await glance(), read.count]).toEqual(['first', 'first', 2]);
    second.resolve('second');
    await second.promise;
    expect(await glance()).toBe('second');
  });

  test('is no reason to wait for a glance once it failed', async () => {
    const { clock, read, get, glance, failing } = reads();
    read.outcome = failing;
    await expect(glance()).rejects.toThrow('away');
    clock.now = 10;
    read.outcome = () => Promise.resolve('late');
    await expect(glance()).rejects.toThrow('away');
    expect([await get(), read.count]).toEqual(['late', 2]);
  });
});
