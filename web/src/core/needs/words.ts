import type { Schemas } from '../../kit/api';
import type { IconName } from '../../kit/icons';
import { list, type Text } from '../../kit/text.svelte';

export type Kind = Schemas['NeedOut']['kind'];
export type State = Schemas['NeedOut']['state'];
type Colour = 'green' | 'amber' | 'red' | 'blue' | '';

export const KINDS: Readonly<Record<Kind, { name: Text; icon: IconName; example: Text }>> = {
  groceries: { name: ['买菜日用', 'Groceries'], icon: 'basket', example: ['青菜 2 斤', 'Greens, 1 kg'] },
  medicine: { name: ['买药取药', 'Medicine'], icon: 'pill', example: ['降压药 1 盒', 'Blood-pressure tablets, 1 box'] },
  elder_help: { name: ['老人帮助', 'Elder help'], icon: 'hand', example: ['帮老人量血压', 'Take a blood pressure'] },
  repair: { name: ['上门维修', 'Repair'], icon: 'tool', example: ['水龙头漏水', 'A dripping tap'] },
  medical_trip: { name: ['就医陪同', 'Escort to hospital'], icon: 'walk', example: ['周二透析，需要轮椅', 'Dialysis on Tuesday, with a wheelchair'] },
  company: { name: ['聊天陪伴', 'Company'], icon: 'chat', example: ['想有人说说话', 'Somebody to talk to'] },
  child_care: { name: ['照看孩子', 'Child care'], icon: 'child', example: ['帮看孩子半小时', 'Half an hour with a child'] },
  pet_care: { name: ['宠物照料', 'Pet care'], icon: 'paw', example: ['喂猫、换水', 'Feed the cat, fresh water'] },
  errand: { name: ['跑腿代办', 'Errand'], icon: 'box', example: ['代取快递', 'Fetch a parcel'] },
  other: { name: ['找网格员', 'Ask a worker'], icon: 'person', example: ['请写下您的情况', 'Say what it is about'] },
};
export const KIND_ORDER = Object.keys(KINDS) as Kind[];

export const STATES: Readonly<Record<State, { name: Text; colour: Colour }>> = {
  submitted: { name: ['已提交', 'Posted'], colour: 'blue' },
  needs_info: { name: ['等您补充', 'We need to know more'], colour: 'amber' },
  on_hold: { name: ['暂缓', 'On hold'], colour: 'amber' },
  triaged: { name: ['正在找人', 'Looking for somebody'], colour: 'blue' },
  offered: { name: ['等人接单', 'Waiting for a yes'], colour: 'blue' },
  partial: { name: ['部分有人接', 'Partly taken on'], colour: 'blue' },
  accepted: { name: ['已接单', 'Taken on'], colour: 'green' },
  sourcing: { name: ['备货中', 'Being packed'], colour: 'green' },
  scheduled: { name: ['已约好', 'Arranged'], colour: 'green' },
  at_gate: { name: ['已到小区大门', 'At the gate'], colour: 'green' },
  batched: { name: ['已排上路线', 'On a route'], colour: 'green' },
  dropped: { name: ['已放到门口', 'At your door'], colour: 'green' },
  visited: { name: ['已上门', 'Visited'], colour: 'green' },
  confirmed: { name: ['已确认', 'Confirmed'], colour: 'green' },
  disputed: { name: ['有争议', 'Disputed'], colour: 'red' },
  unreachable: { name: ['未送达', 'Not delivered'], colour: 'red' },
  closed: { name: ['已结束', 'Closed'], colour: '' },
  cancelled: { name: ['已取消', 'Cancelled'], colour: '' },
};

export const HOLDERS: Readonly<Record<string, Text>> = {
  merchant: ['在商户', 'With the shop'],
  gate: ['在小区大门', 'At the gate'],
  courier: ['在配送员手中', 'With the courier'],
  drop_point: ['在您的门口', 'At your door'],
  household: ['已在您家', 'In your home'],
  returned: ['已退回', 'Returned'],
  helper: ['志愿者上门', 'A helper comes'],
};

export const UNMATCHED: Readonly<Record<string, Text>> = {
  everyone_full: ['能做的人都已排满', 'Everybody who could is full'],
  everyone_said_no: ['能做的人都婉拒了', 'Everybody who could said no'],
  too_far: ['能做的人都太远', 'Everybody who could is too far away'],
  nobody_on_shift_then: ['那个时段无人值班', 'Nobody is on shift at that time'],
  no_one_has_skill: ['没有人有这项技能', 'Nobody has the skill'],
  no_shop_open: ['没有营业的商户', 'No shop is open'],
  no_shop_has_it: ['没有商户有这些货', 'No shop has it'],
  household_limit: ['每户限购，这一期已经买满了', 'Limited for each home: yours has had its share for now'],
  shops_full: ['商户都已接满', 'The shops are full'],
  shops_said_no: ['商户都拒绝了', 'The shops said no'],
};

export const PRIORITIES: readonly Text[] = [
  ['保障对象', 'Guaranteed'],
  ['优先', 'First'],
  ['普通', 'Ordinary'],
];

export const WHO: Readonly<Record<string, Text>> = {
  resident: ['本户', 'the home'],
  system: ['系统', 'the system'],
  merchant: ['商户', 'the shop'],
  guard: ['门岗', 'the gate'],
  courier: ['配送员', 'the courier'],
  volunteer: ['志愿者', 'the volunteer'],
  officer: ['居委会', 'the committee'],
  grid_worker: ['网格员', 'the grid worker'],
};

/** Nothing more will happen to it, or all that is left is the home's word. */
export function isOver(state: State): boolean {
  return state === 'closed' || state === 'cancelled' || state === 'confirmed';
}

/** What the reader sees of a need in one line. */
export function summary(lines: readonly { text: string; quantity: number }[], fallback: string): string {
  if (lines.length === 0) return fallback;
  return list(lines.map((line) => (line.quantity > 1 ? `${line.text} ×${line.quantity}` : line.text)));
}
