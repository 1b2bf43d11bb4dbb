import type { Schemas } from '../../kit/api';

type WaveRoute = Schemas['WaveDetailOut']['routes'][number];

/** A stretch of a courier's time, in milliseconds since 1970. Between bars the courier is on the way. */
export interface Bar {
  kind: 'wait' | 'door' | 'rest';
  from: number;
  until: number;
  order: number;
  isRed: boolean;
}

export interface Span {
  from: number;
  until: number;
}

const MINUTE = 60_000;
const STEPS = [5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE);

/** What a courier does at each stop: wait before a window, then serve, the walk from where the cart stands included; and the breaks. */
export function barsOf(route: WaveRoute): Bar[] {
  const rests = route.rests.map((rest): Bar => ({ kind: 'rest', from: Date.parse(rest.from_at), until: Date.parse(rest.until_at), order: 0, isRed: false }));
  const stops = route.stops.flatMap((stop): Bar[] => {
    const arrive = Date.parse(stop.plan_arrive_at);
    const start = arrive + stop.wait_s * 1000;
    const bar = { order: stop.order, isRed: stop.protocol === 'red' };
    const door: Bar = { ...bar, kind: 'door', from: start, until: Date.parse(stop.plan_depart_at) };
    return stop.wait_s > 0 ? [{ ...bar, kind: 'wait', from: arrive, until: start }, door] : [door];
  });
  return [...stops, ...rests];
}

/** From the first courier's leaving to the last one's return. */
export function spanOf(routes: readonly WaveRoute[]): Span {
  const from = Math.min(...routes.map((route) => Date.parse(route.begin_at)));
  return { from, until: Math.max(from + MINUTE, ...routes.map((route) => Date.parse(route.end_at))) };
}

/** Round times within the span, `most` of them at most. */
export function ticksOf(span: Span, most: number): number[] {
  const step = STEPS.find((s) => (span.until - span.from) / s < most) ?? STEPS[STEPS.length - 1] ?? MINUTE;
  const ticks = [];
  for (let at = Math.ceil(span.from / step) * step; at <= span.until; at += step) ticks.push(at);
  return ticks;
}

/** Where in the span a time is, in percent. */
export const place = (at: number, span: Span): number => (100 * (at - span.from)) / (span.until - span.from);

/** Seconds at doors, waiting, resting and on the way: the timeline in four numbers. */
export function shares(route: WaveRoute): { door_s: number; wait_s: number; rest_s: number; way_s: number } {
  const seconds = (kind: Bar['kind']): number =>
    barsOf(route).reduce((sum, bar) => sum + (bar.kind === kind ? (bar.until - bar.from) / 1000 : 0), 0);
  const [door_s, wait_s, rest_s] = [seconds('door'), seconds('wait'), seconds('rest')];
  return { door_s, wait_s, rest_s, way_s: (Date.parse(route.end_at) - Date.parse(route.begin_at)) / 1000 - door_s - wait_s - rest_s };
}
