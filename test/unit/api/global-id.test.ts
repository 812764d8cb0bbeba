import { expect, test } from 'vitest';
import { argumentId, globalId, idOfType, parseGlobalId } from '../../../src/api/global-id.js';

test('a global id is read back to its type and id, whatever the id holds', () => {
  for (const id of ['1', 'a:b', 'ä/ö?', '00000000-0000-4000-8000-000000000001']) {
    expect(parseGlobalId(globalId('Coupling', id))).toEqual({ type: 'Coupling', id });
  }
});

test.each([
  '',
  'nonsense',
  globalId('Coupling', ''),
  globalId('', '1'),
  `${globalId('Coupling', '1')}=`,
  ` ${globalId('Coupling', '1')}`,
  'Coupling:1',
])('the text "%s" is no global id', (text) => {
  expect(parseGlobalId(text)).toBeNull();
  expect(idOfType('Coupling', text)).toBeNull();
});

test('an argument of another type is refused by name', () => {
  expect(argumentId('Coupling', 'filter.ids', globalId('Coupling', '7'))).toBe('7');
  expect(() => argumentId('Coupling', 'filter.ids', globalId('SynchJob', '7'))).toThrow(
    'filter.ids: expected the id of a Coupling',
  );
});
