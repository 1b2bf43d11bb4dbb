import { expect, test } from 'vitest';
import type { Schemas } from '../../kit/api';
import { barsOf, place, shares, spanOf, ticksOf } from './timeline';

type WaveRoute = Schemas['WaveDetailOut']['routes'][number];
const at = (clock: string): string => `2026-03-02T${clock}:00Z`;

function route(begin: string, end: string, stops: Partial<WaveRoute['stops'][number]>[]): WaveRoute {
  const whole = stops.map((stop, i): WaveRoute['stops'][number] => ({
    ...{ id: null, kind: 'delivery', protocol: 'green', spot: 'shelf', label: '', need_ids: [], parcels: 1, state: 'todo', failure: null, note: null },
    ...{ halt: { x_m: 0, y_m: 0 }, wait_s: 0, plan_arrive_at: '', plan_depart_at: '', order: i + 1 },
    ...stop,
  }));
  const facts = { id: null, helper_id: 'h', helper_label: 'h', vehicle: 'walk', state: 'planned', seq: null, path: [], rests: [] };
  return { ...facts, begin_at: at(begin), end_at: at(end), stops: whole };
}

const waits = route('09:00', '09:30', [
  { plan_arrive_at: at('09:05'), plan_depart_at: at('09:06') },
  { plan_arrive_at: at('09:10'), plan_depart_at: at('09:22'), wait_s: 600, protocol: 'red' },
]);

test('a courier waits before the door and then serves', () => {
  const minutes = barsOf(waits).map((bar) => [bar.kind, (bar.from - Date.parse(at('09:00'))) / 60_000, (bar.until - bar.from) / 60_000, bar.isRed]);
  expect(minutes).toEqual([
    ['door', 5, 1, false],
    ['wait', 10, 10, true],
    ['door', 20, 2, true],
  ]);
});

test('the time of a route is at doors, waiting or on the way', () => {
  expect(shares(waits)).toEqual({ door_s: 180, wait_s: 600, rest_s: 0, way_s: 1020 });
});

test('a break is a bar of its own and neither way nor waiting', () => {
  const rests = { ...waits, rests: [{ from_at: at('09:06'), until_at: at('09:08') }] };
  expect(barsOf(rests).filter((bar) => bar.kind === 'rest').map((bar) => (bar.until - bar.from) / 60_000)).toEqual([2]);
  expect(shares(rests)).toEqual({ door_s: 180, wait_s: 600, rest_s: 120, way_s: 900 });
});

test('all routes share one span with round times in it', () => {
  const span = spanOf([waits, route('09:12', '10:02', [])]);
  expect([span.from, span.until]).toEqual([Date.parse(at('09:00')), Date.parse(at('10:02'))]);
  expect(ticksOf(span, 5).map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual(['09:00', '09:15', '09:30', '09:45', '10:00']);
  expect(place(Date.parse(at('09:31')), span)).toBe(50);
});

test('a wave of one moment still has a span', () => {
  const span = spanOf([route('09:00', '09:00', [])]);
  expect(span.until).toBeGreaterThan(span.from);
});
