import type { Schemas } from '../../kit/api';
import { clockTime } from '../../kit/format';
import { list, say, sayCode, type Text } from '../../kit/text.svelte';
import { MORE } from './words';

export type Unserved = Pick<Schemas['WaveDetailOut']['unserved'][number], 'reason' | 'facts' | 'change' | 'helper_label' | 'lane_name' | 'lane_ref'>;

const LANES: Text = ['开放或放宽 {n} 段通道（{lane}）', 'open or widen {n|piece|pieces} of lane ({lane})'];
const UNNAMED: Text = ['无名道路 {ref}', 'unnamed lane {ref}'];
const POINT: Text = ['增设一个停车点', 'mark one more standing point'];
const CONNECT: Text = ['把这个单元接到道路上', 'connect this entrance to the lanes'];
const SHIFT: Text = ['{who}的班次延长 {minutes} 分钟', 'lengthen {who}’s shift by {minutes} minutes'];
const OUT: Text = ['允许{who}多在外 {minutes} 分钟', 'let {who} stay out {minutes} minutes longer'];
const WAIT: Text = ['等下一批', 'wait for the next wave'];
const ADD: Text = ['增加一位配送员', 'add a courier'];
const ADD_FOR: Text = ['再来一位{who}，约 {minutes} 分钟', 'one more {who} for about {minutes} minutes'];
const CART: Text = ['来一辆装得下的车', 'a cart that holds it'];
const LATER: Text = ['改到 {when} 左右送', 'deliver at about {when}'];
const FETCH: Text = ['先从{who}那里取回货', 'fetch the goods from {who}'];
const LET_IN: Text = ['请住户同意换人来', 'ask the home to let somebody else come'];
const SOMEBODY: Text = ['一位配送员', 'a courier'];

const KILOGRAMS: Text = ['{n} 公斤', '{n} kg'];
const PARCELS: Text = ['{n} 件', '{n|parcel|parcels}'];
const FLOORS: Text = ['{n} 层', '{n|storey|storeys}'];
const WANTED: Text = ['约在 {from}–{until}', 'wanted {from}–{until}'];
const ABLE: Text = ['能去的有 {n} 人', '{n|courier|couriers} could go otherwise'];

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const after = (startsAt: string, seconds: number): string => clockTime(new Date(Date.parse(startsAt) + seconds * 1000).toISOString());

/** The smallest change that would have served a stop, in words; empty if none is known. */
export function changeText(left: Unserved, startsAt: string): string {
  const { change } = left;
  const who = left.helper_label || say(SOMEBODY);
  const minutes = number(change['minutes']);
  if ('lanes' in change) return say(LANES, { n: Object.keys(change['lanes'] ?? {}).length, lane: left.lane_name || say(UNNAMED, { ref: left.lane_ref ?? '' }) });
  if ('standing_point' in change) return say(POINT);
  if ('connect' in change) return say(CONNECT);
  if ('lengthen_shift' in change) return say(SHIFT, { who, minutes });
  if ('let_out_longer' in change) return say(OUT, { who, minutes });
  if ('wait_for' in change) return say(WAIT);
  if ('fetch_goods_from' in change) return say(FETCH, { who });
  if ('serve_at_s' in change) return say(LATER, { when: after(startsAt, number(change['serve_at_s'])) });
  if ('let_in' in change) return say(LET_IN);
  if (change['add'] === 'cart') return say(CART);
  if ('add' in change) return minutes ? say(ADD_FOR, { who: sayCode(MORE, String(change['profile'] ?? '')), minutes }) : say(ADD);
  return '';
}

/** Where the change is made with one tap more; null where no page does it. */
export function changePath({ change }: Unserved): string | null {
  const lane = 'lanes' in change ? Object.keys(change['lanes'] ?? {})[0] : undefined;
  if (lane) return `/map?lane=${lane}`;
  return 'add' in change ? '/helpers' : null;
}

/** What binds, in figures: the load, the storeys, the time that was wanted, how many could go otherwise. */
export function factsText({ facts }: Unserved, startsAt: string): string {
  const said = [];
  if (number(facts['load_g'])) said.push(say(KILOGRAMS, { n: number(facts['load_g']) / 1000 }));
  if (number(facts['parcels'])) said.push(say(PARCELS, { n: number(facts['parcels']) }));
  if (number(facts['floors'])) said.push(say(FLOORS, { n: number(facts['floors']) }));
  const windows = Array.isArray(facts['windows']) ? (facts['windows'] as unknown[]) : [];
  for (const window of windows) {
    if (Array.isArray(window)) said.push(say(WANTED, { from: after(startsAt, number(window[0])), until: after(startsAt, number(window[1])) }));
  }
  if (number(facts['able'])) said.push(say(ABLE, { n: number(facts['able']) }));
  return list(said);
}
