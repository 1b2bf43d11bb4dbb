import { expect, test } from 'vitest';
import { restOf, restStarts } from './words';

const at = (clock: string): string => new Date(`2026-03-02T${clock}:00Z`).toISOString();
const SHIFT = { from_at: at('09:10'), until_at: at('13:00') };

test('a rest begins at a half hour within the shift and is over before it ends', () => {
  expect(restStarts(SHIFT, 60, new Date(at('08:00')))).toEqual(['09:30', '10:00', '10:30', '11:00', '11:30', '12:00'].map(at));
  expect(restStarts(SHIFT, 30, new Date(at('12:05')))).toEqual([at('12:30')]);
  expect(restStarts(SHIFT, 60, new Date(at('12:05')))).toEqual([]);
});

test('half an hour sooner or later, never outside the shift', () => {
  expect(restOf(at('11:00'), 30, SHIFT)).toEqual({ from_at: at('10:30'), until_at: at('11:30'), minutes: 30 });
  expect(restOf(at('09:30'), 30, SHIFT).from_at).toBe(at('09:10'));
  expect(restOf(at('12:30'), 30, SHIFT).until_at).toBe(at('12:30'));
});
