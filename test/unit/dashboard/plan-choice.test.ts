import { expect, test } from 'vitest';
import {
  chosenCount,
  type PlanChoice,
  type PlanGroup,
  requestOf,
  toggled,
} from '../../../dashboard/src/plans/plan-choice.js';

const modify: PlanGroup = { jobId: 'to', action: 'MODIFY', count: 3 };
const insert: PlanGroup = { jobId: 'to', action: 'INSERT', count: 2 };
const modifyBack: PlanGroup = { jobId: 'from', action: 'MODIFY', count: 5 };
const skip: PlanGroup = { jobId: 'to', action: 'SKIP', count: 9 };
const groups = [modify, insert, modifyBack, skip];
const none = { whole: false, except: new Set<string>() };

test('untouched, everything that can be done is chosen, and what would be left out is not asked for', () => {
  expect(requestOf({}, [modify, insert, skip])).toEqual({
    by: 'KIND',
    synchJobIds: ['to'],
    action: ['MODIFY', 'INSERT'],
    exceptChangeIds: [],
  });
});

test('a single change is left out by its id, and comes back when it is chosen again', () => {
  const without = toggled({}, modify, 'a');
  expect(chosenCount(without, modify)).toBe(2);
  expect(requestOf(without, groups)).toMatchObject({ by: 'KIND', exceptChangeIds: ['a'] });
  expect(chosenCount(toggled(without, modify, 'a'), modify)).toBe(3);
});

test('single changes of a kind that is otherwise left out are named one by one, with the whole kinds beside them', () => {
  const choice: PlanChoice = { 'to MODIFY': none };
  const one = toggled(toggled(choice, modify, 'a'), modify, 'b');
  expect(chosenCount(one, modify)).toBe(2);
  expect(requestOf(one, groups)).toEqual({ by: 'ID', wholeGroups: [insert, modifyBack], changeIds: ['a', 'b'] });
});

test('kinds that are chosen for one direction alone cannot be told by kind, and are named one by one', () => {
  const choice: PlanChoice = { 'to MODIFY': none };
  expect(requestOf(choice, groups)).toEqual({ by: 'ID', wholeGroups: [insert, modifyBack], changeIds: [] });
  expect(requestOf(choice, [modify, insert])).toMatchObject({ by: 'KIND', synchJobIds: ['to'], action: ['INSERT'] });
});
