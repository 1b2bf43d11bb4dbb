import { expect, test } from 'vitest';
import { hoursOf } from './hours';

test.each([
  ['9, 19', [9, 19]],
  ['１９、９', [9, 19]],
  ['7:00 12:00 19:00', [7, 12, 19]],
  ['9 9', [9]],
])('%s are hours', (typed, hours) => {
  expect(hoursOf(typed)).toEqual(hours);
});

test.each(['', '24', '9:30', 'morning', '9;-1'])('%s are none', (typed) => {
  expect(hoursOf(typed)).toBeNull();
});
