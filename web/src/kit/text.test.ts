import { expect, test } from 'vitest';
import { fill, sayCode } from './text.svelte';

test('a name in braces is filled in', () => {
  expect(fill('还有 {n} 站', { n: 3 })).toBe('还有 3 站');
});

test('a number picks between one and many', () => {
  expect(fill('{n|stop|stops} left', { n: 1 })).toBe('1 stop left');
  expect(fill('{n|stop|stops} left', { n: 4 })).toBe('4 stops left');
});

test('a code that the page does not know yet is shown as it is', () => {
  expect(sayCode({}, 'brand_new')).toBe('brand_new');
});
