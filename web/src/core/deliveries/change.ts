import { say, type Text } from '../../kit/text.svelte';

const LANES: Text = ['开放或放宽 {n} 段通道', 'open or widen {n|piece|pieces} of lane'];
const POINT: Text = ['增设一个停车点', 'mark one more standing point'];
const CONNECT: Text = ['把这个单元接到道路上', 'connect this entrance to the lanes'];
const SHIFT: Text = ['延长一个班次 {minutes} 分钟', 'lengthen a shift by {minutes} minutes'];
const OUT: Text = ['允许多在外 {minutes} 分钟', 'let a courier stay out {minutes} minutes longer'];
const WAIT: Text = ['等下一批', 'wait for the next wave'];
const ADD: Text = ['增加一位配送员或一辆车', 'add a courier or a cart'];
const LATER: Text = ['换个送达时间', 'deliver at another time'];
const FETCH: Text = ['先取回在别处的货', 'fetch the goods from where they are'];

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The smallest change that would have served a stop, in words; empty if none is known. */
export function changeText(change: Record<string, unknown>): string {
  if ('lanes' in change) return say(LANES, { n: Object.keys(change['lanes'] ?? {}).length });
  if ('standing_point' in change) return say(POINT);
  if ('connect' in change) return say(CONNECT);
  if ('lengthen_shift' in change) return say(SHIFT, { minutes: number(change['minutes']) });
  if ('let_out_longer' in change) return say(OUT, { minutes: number(change['minutes']) });
  if ('wait_for' in change) return say(WAIT);
  if ('fetch_goods_from' in change) return say(FETCH);
  if ('serve_at_s' in change) return say(LATER);
  if ('add' in change) return say(ADD);
  return '';
}
