import { describe, expect, test } from 'vitest';
import { LocalGate, LocalGates, type Permit } from '../../../../src/connectors/odata/gate.js';

const never = new AbortController().signal;
/** Everything that was ready to go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const entering = (gate: LocalGate, order: string[], name: string): Promise<Permit> =>
  gate.enter(never).then((permit) => {
    order.push(name);
    return permit;
  });

describe('a gate', () => {
  test('lets in as many as it has places, the others in the order in which they came', async () => {
    const gate = new LocalGate({ initial: 2, maximum: 2 });
    const order: string[] = [];
    const [a, , c] = ['a', 'b', 'c', 'd'].map((name) => entering(gate, order, name));
    await settled();
    expect(order).toEqual(['a', 'b']);
    (await a)?.release();
    await c;
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('counts a permit that is given back twice once', async () => {
    const gate = new LocalGate({ initial: 1, maximum: 1 });
    const order: string[] = [];
    const first = await entering(gate, order, 'a');
    first.release();
    first.release();
    await entering(gate, order, 'b');
    void entering(gate, order, 'c');
    await settled();
    expect(order).toEqual(['a', 'b']);
  });

  test('lets nobody in during a pause, and everybody after it', async () => {
    const gate = new LocalGate({ initial: 1, maximum: 1 });
    gate.pause(60);
    gate.pause(1);
    const startedAt = performance.now();
    await gate.enter(never);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  });

  test('takes the advice of the system up to its limit', async () => {
    const gate = new LocalGate({ initial: 1, maximum: 3 });
    const order: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void entering(gate, order, name);
    gate.adviseConcurrency(50);
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
    gate.adviseConcurrency(0);
    gate.adviseConcurrency(Number.NaN);
    await settled();
    expect(order).toHaveLength(3);
  });

  test('frees the place of one who stopped waiting', async () => {
    const gate = new LocalGate({ initial: 1, maximum: 1 });
    const order: string[] = [];
    const first = await entering(gate, order, 'a');
    const leaving = new AbortController();
    const left = gate.enter(leaving.signal);
    const last = entering(gate, order, 'c');
    leaving.abort(new Error('no longer wanted'));
    await expect(left).rejects.toThrow('no longer wanted');
    first.release();
    await last;
    expect(order).toEqual(['a', 'c']);
  });

  test.each([
    { processes: 1, place: 0, expected: 5 },
    { processes: 2, place: 0, expected: 3 },
    { processes: 2, place: 1, expected: 2 },
    { processes: 9, place: 8, expected: 1 },
  ])('of 5 places lets $expected in as number $place of $processes processes', async ({ expected, ...share }) => {
    const gate = new LocalGate({ initial: 5, maximum: 5 });
    gate.hold(share);
    const order: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void entering(gate, order, name);
    await settled();
    expect(order).toHaveLength(expected);
  });

  test('halves its places when the queue of the system gave up, once for all that failed together', async () => {
    const gate = new LocalGate({ initial: 8, maximum: 8 });
    gate.narrow();
    gate.narrow();
    const order: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void entering(gate, order, name);
    await settled();
    expect(order).toHaveLength(4);
    expect(gate.use()).toEqual({ busy: 4, waiting: 2, admitted: 4, concurrentLimit: 4 });
  });

  test('is the same one for the same user of the same system', () => {
    const gates = new LocalGates();
    const limits = { initial: 1, maximum: 1 };
    expect(gates.gateOf('https://a user', limits)).toBe(gates.gateOf('https://a user', limits));
    expect(gates.gateOf('https://a user', limits)).not.toBe(gates.gateOf('https://a other', limits));
  });
});
