import { describe, expect, test } from 'vitest';
import {
  DependencyCycleError,
  type FullSynchLine,
  type FullSynchStatus,
  linesToStart,
  nextRound,
  planLines,
  statusOfWhole,
  tellingRun,
  withBlockedLines,
  withoutUnfinished,
} from '../../../src/synch/full-synchronization-plan.js';

const mapping = (name: string, dependsOn: readonly string[] = []) => ({ id: `id of ${name}`, name, dependsOn });

const names = (lines: readonly FullSynchLine[]): string[] => lines.map(({ mappingName }) => mappingName);

/** Lines written as `NAME STATUS <- DEPENDENCY, DEPENDENCY`. */
const lines = (...texts: readonly string[]): FullSynchLine[] =>
  texts.map((text) => {
    const [head = '', dependencies = ''] = text.split(' <- ');
    const [mappingName = '', status = 'READY'] = head.split(' ');
    return {
      mappingId: `id of ${mappingName}`,
      mappingName,
      dependsOn: dependencies === '' ? [] : dependencies.split(', '),
      status: status as FullSynchStatus,
      reason: null,
      blockedBy: [],
      round: 0,
      runs: [],
    };
  });

describe('the order of the lines', () => {
  const outOfTheBox = [
    mapping('ITEM-PRODUCT', ['UNITOFMEASURE']),
    mapping('RESOURCE-PRODUCT', ['UNITOFMEASURE']),
    mapping('CONTACTS', ['CUSTOMER']),
    mapping('CUSTOMER', ['SALESPEOPLE', 'CURRENCY']),
    mapping('UNITOFMEASURE'),
    mapping('SALESPEOPLE'),
    mapping('CURRENCY'),
  ];
  const firstRun = [
    'CURRENCY',
    'SALESPEOPLE',
    'UNITOFMEASURE',
    'CUSTOMER',
    'CONTACTS',
    'RESOURCE-PRODUCT',
    'ITEM-PRODUCT',
  ];

  test.each([
    ['given in reverse', outOfTheBox],
    ['given by name', outOfTheBox.toSorted((a, b) => (a.name < b.name ? -1 : 1))],
  ])('of the mappings out of the box is the one of the original, %s', (_, mappings) => {
    expect(names(planLines(mappings))).toEqual(firstRun);
  });

  test('puts what a mapping depends on before it, also against the order of the original', () => {
    const planned = planLines([mapping('CURRENCY', ['ITEM-PRODUCT']), mapping('ITEM-PRODUCT'), mapping('SALESPEOPLE')]);
    expect(names(planned)).toEqual(['SALESPEOPLE', 'ITEM-PRODUCT', 'CURRENCY']);
  });

  test('puts mappings that the original does not have last, by name', () => {
    const planned = planLines([mapping('ZEBRA'), mapping('ANT'), mapping('ITEM-PRODUCT'), mapping('CURRENCY')]);
    expect(names(planned)).toEqual(['CURRENCY', 'ITEM-PRODUCT', 'ANT', 'ZEBRA']);
  });

  test('leaves out dependencies on mappings that do not take part', () => {
    const [customer] = planLines([mapping('CUSTOMER', ['PAYMENT TERMS', 'CURRENCY'])]);
    expect(customer).toMatchObject({ mappingName: 'CUSTOMER', dependsOn: [], status: 'READY', round: 0, runs: [] });
  });

  test.each([
    ['two that need each other', [mapping('A', ['B']), mapping('B', ['A'])], ['A', 'B', 'A']],
    ['one that needs itself', [mapping('A', ['A']), mapping('B')], ['A', 'A']],
    [
      'a circle behind others, without those that only lead to it',
      [mapping('A', ['B']), mapping('B', ['C']), mapping('C', ['D']), mapping('D', ['B']), mapping('E')],
      ['B', 'C', 'D', 'B'],
    ],
  ])('is refused for %s, naming the circle', (_, mappings, cycle) => {
    expect(() => planLines(mappings)).toThrow(DependencyCycleError);
    expect(() => planLines(mappings)).toThrow(cycle.join(' depends on '));
  });
});

describe('which lines start', () => {
  test.each<[string, FullSynchLine[], number, string[]]>([
    ['the first ones, as many as may run at once', lines('A', 'B', 'C'), 2, ['A', 'B']],
    ['only as many as there is room beside those in process', lines('A IN_PROCESS', 'B', 'C'), 2, ['B']],
    ['none while all room is taken', lines('A IN_PROCESS', 'B IN_PROCESS', 'C'), 2, []],
    ['one whose dependencies are done', lines('A SUCCESS', 'B <- A'), 2, ['B']],
    ['none whose dependencies are in process', lines('A IN_PROCESS', 'B <- A'), 2, []],
    ['none behind one that waits, though it is free itself', lines('A IN_PROCESS', 'B <- A', 'C'), 3, []],
    ['one behind a blocked one', lines('A ERROR', 'B BLOCKED <- A', 'C'), 2, ['C']],
    ['one behind a stopped one that it does not need', lines('A CANCELLED', 'B'), 2, ['B']],
    ['none when all have ended', lines('A SUCCESS', 'B ERROR'), 2, []],
  ])('%s', (_, given, mostAtOnce, expected) => {
    expect(names(linesToStart(given, mostAtOnce))).toEqual(expected);
  });
});

describe('which lines are blocked', () => {
  test.each<FullSynchStatus>(['ERROR', 'CANCELLED'])(
    'all that depend on one that ended with %s, also through others',
    (status) => {
      const blocked = withBlockedLines(lines(`A ${status}`, 'B <- A', 'C <- B', 'D'));
      expect(blocked.map(({ status: after, blockedBy }) => [after, blockedBy])).toEqual([
        [status, []],
        ['BLOCKED', ['A']],
        ['BLOCKED', ['A']],
        ['READY', []],
      ]);
      expect(blocked[2]?.reason).toContain('It depends on A, which stopped');
    },
  );

  test('each cause is named once', () => {
    const [, , , last] = withBlockedLines(lines('A ERROR', 'B ERROR', 'C <- A, B', 'D <- A, C'));
    expect(last?.blockedBy).toEqual(['A', 'B']);
  });

  test.each<FullSynchStatus>(['SUCCESS', 'IN_PROCESS', 'READY'])('none behind one that is %s', (status) => {
    const given = lines(`A ${status}`, 'B <- A');
    expect(withBlockedLines(given)).toEqual(given);
  });

  test('a line that has begun is not blocked any more', () => {
    const given = lines('A ERROR', 'B IN_PROCESS <- A', 'C SUCCESS <- A');
    expect(withBlockedLines(given)).toEqual(given);
  });
});

describe('one more round', () => {
  test('takes the lines that went well and have due pairs', () => {
    const given = lines('A SUCCESS', 'B SUCCESS <- A', 'C ERROR');
    const next = nextRound(given, ['id of B', 'id of C', 'id of elsewhere']);
    expect(next?.map(({ status, round }) => [status, round])).toEqual([
      ['SUCCESS', 0],
      ['READY', 1],
      ['ERROR', 0],
    ]);
  });

  test('there is none without due pairs, and none after the second', () => {
    const given = lines('A SUCCESS');
    expect(nextRound(given, [])).toBeNull();
    const first = nextRound(given, ['id of A']);
    const second = nextRound(
      first!.map((line) => ({ ...line, status: 'SUCCESS' })),
      ['id of A'],
    );
    expect(second).toMatchObject([{ status: 'READY', round: 2 }]);
    expect(
      nextRound(
        second!.map((line) => ({ ...line, status: 'SUCCESS' })),
        ['id of A'],
      ),
    ).toBeNull();
  });

  test.each<[FullSynchStatus, string]>([
    ['SUCCESS', 'full'],
    ['IN_PROCESS', 'later'],
    ['ERROR', 'later'],
  ])('of a line that is %s the run that tells most is the %s one', (status, expected) => {
    const runs = ['full', 'later'].map((runId) => ({ entryId: `entry of ${runId}`, runId }));
    const [line] = lines(`A ${status}`);
    expect(tellingRun({ ...line!, runs })?.runId).toBe(expected);
    expect(tellingRun(line!)).toBeNull();
  });
});

test.each<[FullSynchStatus, FullSynchLine[]]>([
  ['IN_PROCESS', lines('A SUCCESS', 'B')],
  ['IN_PROCESS', lines('A ERROR', 'B IN_PROCESS')],
  ['SUCCESS', lines('A SUCCESS', 'B SUCCESS')],
  ['ERROR', lines('A CANCELLED', 'B ERROR', 'C BLOCKED', 'D SUCCESS')],
  ['CANCELLED', lines('A CANCELLED', 'B BLOCKED', 'C SUCCESS')],
])('the whole is %s with the lines of case %#', (expected, given) => {
  expect(statusOfWhole(given)).toBe(expected);
});

test('when the whole stops, what is not finished is cancelled with the reason', () => {
  const after = withoutUnfinished(lines('A SUCCESS', 'B IN_PROCESS', 'C', 'D ERROR', 'E BLOCKED'), 'why');
  expect(after.map(({ status }) => status)).toEqual(['SUCCESS', 'CANCELLED', 'CANCELLED', 'ERROR', 'BLOCKED']);
  expect(after.map(({ reason }) => reason)).toEqual([null, 'why', 'why', null, null]);
});
