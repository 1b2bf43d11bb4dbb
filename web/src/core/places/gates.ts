import type { Schemas } from '../../kit/api';
import { number } from '../../kit/format';
import { list, say, sayCode, type Text } from '../../kit/text.svelte';

export type Weighed = Schemas['GatesWeighedOut'];
export type WeighedGate = Weighed['gates'][number];

const STAYS: Readonly<Record<string, Text>> = {
  goods: ['货还放在这里，要开着', 'Goods lie there: it stays open'],
  asked: ['您要求开着', 'It is to stay open, as you asked'],
};
const OBSTACLES: Readonly<Record<string, Text>> = {
  must_be_open: ['该开的门没有开', 'a gate that must be open is closed'],
  too_few_guards: ['值守人数不够', 'there are not enough guards'],
  too_many_open: ['开的门太多', 'too many gates are open'],
};
export const LEFT: Readonly<Record<string, Text>> = {
  unreachable: ['没有路通到大门', 'no way leads to a gate'],
  no_open_gate: ['能到的门都关着', 'the gates within reach are closed'],
  no_goods_gate: ['能进货的门都关着', 'the gates that let goods in are closed'],
  gates_full: ['开着的门都排满了', 'the open gates are full'],
};
const SAVES: Text = ['开它，居民每天少走少等 {h} 小时', 'Opening it spares residents {h} hours a day'];
const LETS_OUT: Text = ['开它，每天多 {n} 人次能出门或收到货', 'Opening it lets {n} more people or deliveries through a day'];
const COSTS: Text = ['关它，居民每天多走多等 {h} 小时，值守可以去别的门', 'Closing it costs residents {h} hours a day, and its guard is free'];
const COSTS_NOTHING: Text = ['关它，谁也不会多走，值守可以去别的门', 'Closing it makes nobody’s way longer, and its guard is free'];
const WITH_OTHERS: Text = ['和其他改动一起才合算', 'It pays together with the other changes'];
const PASSES: Text = ['每小时 {people} 人，平均等 {s} 秒', '{people|person|people} an hour, {s} s of waiting each'];
const GOODS: Text = ['进货 {n} 单', '{n|delivery|deliveries}'];
const UNUSED: Text = ['没有人走', 'Nobody uses it'];

/** The gates that the answer has otherwise than they stand now. */
export const toChange = (weighed: Weighed): WeighedGate[] => weighed.gates.filter((gate) => gate.should_be_open !== null && gate.should_be_open !== gate.is_open);

/** Why a gate is to be open or closed, by what changing this one alone would do. */
export function whyText(gate: WeighedGate): string {
  if (gate.stays) return sayCode(STAYS, gate.stays);
  const alone = gate.alone;
  if (!alone || gate.should_be_open === (alone.change === 'close')) return '';
  const hours = number(Math.abs(alone.residents_h));
  if (alone.change === 'open') {
    if (alone.left < 0) return say(LETS_OUT, { n: -alone.left });
    return alone.residents_h < 0 ? say(SAVES, { h: hours }) : say(WITH_OTHERS);
  }
  if (alone.left > 0) return say(WITH_OTHERS);
  return alone.residents_h > 0 ? say(COSTS, { h: hours }) : say(COSTS_NOTHING);
}

/** What passes a gate; empty for a closed one. */
export function useText(use: WeighedGate['chosen']): string {
  if (!use) return '';
  const said = use.people ? [say(PASSES, { people: use.people, s: use.wait_s })] : [];
  if (use.deliveries) said.push(say(GOODS, { n: use.deliveries }));
  return said.length ? list(said) : say(UNUSED);
}

/** Why today's gates could not be chosen. */
export const obstaclesText = (codes: readonly string[]): string => list(codes.map((code) => sayCode(OBSTACLES, code)));
