import { expect, test } from 'vitest';
import { tenthsOf } from './reading';

test.each([
  ['36.8', 368],
  ['36,8', 368],
  [' 37 ', 370],
  ['３６．８', 368],
  ['34.0', 340],
  ['43', 430],
])('%s is a temperature', (typed, tenths) => {
  expect(tenthsOf(typed)).toBe(tenths);
});

test.each(['', '368', '36.85', '33.9', '43.1', 'abc', '-36', '3e1'])('%s is none', (typed) => {
  expect(tenthsOf(typed)).toBeNull();
});
