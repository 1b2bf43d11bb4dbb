import { expect, test } from 'vitest';
import { bodyOf, freshDraft, hasAfternoon, parseLines, windowOf } from './draft';

test('each row is a line, and the number behind × is how many', () => {
  expect(parseLines('鸡蛋 30枚 x2\n\n 大米 5公斤 ')).toEqual([
    { text: '鸡蛋 30枚', quantity: 2, item_id: null },
    { text: '大米 5公斤', quantity: 1, item_id: null },
  ]);
});

test('a number within the words stays where it is', () => {
  expect(parseLines('牛奶 1L')[0]).toEqual({ text: '牛奶 1L', quantity: 1, item_id: null });
});

test('tomorrow means the morning of the next day', () => {
  const window = windowOf('tomorrow', new Date(2026, 10, 30, 20, 15));
  expect(new Date(window?.wanted_from ?? '').getDate()).toBe(1);
  expect(new Date(window?.wanted_from ?? '').getHours()).toBe(9);
});

test('in the evening there is no afternoon left to choose', () => {
  expect(hasAfternoon(new Date(2026, 10, 30, 18))).toBe(false);
});

test('an empty note is left out of the request', () => {
  expect(bodyOf({ ...freshDraft(), kind: 'company', note: '  ' }, new Date())).toEqual({ kind: 'company', lines: [] });
});
