import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type Failure = Schemas['FailIn']['reason'];
export type Stop = Schemas['RouteOut']['stops'][number];
export type Route = Schemas['RouteOut'];

export const FAILURES: Readonly<Record<Failure, Text>> = {
  not_home: ['家中无人', 'Nobody home'],
  not_wanted: ['对方不要', 'Not wanted'],
  bad_address: ['地址不对', 'Wrong address'],
  not_ready: ['货没备好', 'Goods not ready'],
  too_far: ['来不及了', 'No time to get there'],
  lane_blocked: ['道路不通', 'The lane is blocked'],
};

export const UNSERVED: Readonly<Record<string, Text>> = {
  no_shift: ['本批次无人值班', 'Nobody is on shift in this wave'],
  no_skill: ['值班的人都没有这项技能', 'Nobody on shift has the skill'],
  unreachable: ['没有能走到的路或停车点', 'No lane or standing point leads there'],
  goods_elsewhere: ['货在别的车上或已错过出发', 'The goods are on another cart or missed the start'],
  nobody_before_red: ['能去的人都已去过隔离户', 'All who could go have been to a home under isolation'],
  too_heavy: ['太重，没有合适的车', 'Too heavy for any cart that is on'],
  window_cannot_be_met: ['赶不上约定时间', 'Nobody gets there in time'],
  shift_too_short: ['班次太短，来不及往返', 'The shifts are too short to go there and back'],
  route_too_long: ['超过单次外出时限', 'Longer than a courier may be out'],
  no_capacity_left: ['能去的车都已装满', 'Every cart that could go is full'],
  shelf_full: ['架子放不下了', 'The shelf is full'],
  not_welcome: ['住户不要这位来', 'The home asked for somebody else'],
  needs_two: ['要两个人一起，只有一人能去', 'It takes two, and only one can go'],
  too_many_floors: ['楼层太多，谁都爬不了', 'More storeys than anyone may climb'],
  no_time_left: ['路线时间已排满', 'The routes have no time left'],
};

/** One more of a kind. */
export const MORE: Readonly<Record<string, Text>> = {
  walk: ['步行志愿者', 'volunteer on foot'],
  cart: ['推手推车的配送员', 'courier with a cart'],
  trike: ['骑三轮车的配送员', 'courier with an e-trike'],
  unmanned: ['无人车', 'unmanned vehicle'],
};

export const VEHICLES: Readonly<Record<string, Text>> = {
  walk: ['步行', 'On foot'],
  cart: ['手推车', 'Cart'],
  trike: ['三轮车', 'E-trike'],
  unmanned: ['无人车', 'Unmanned'],
};

/** Why a wave is planned once more, or came to nothing. */
export const TROUBLES: Readonly<Record<string, Text>> = {
  lanes_changed: ['道路有变化，重新排线', 'The lanes have changed: it is planned anew'],
  courier_gone: ['有配送员来不了，重新排线', 'A courier is not there any more: it is planned anew'],
  rest_changed: ['有人改了休息时间，重新排线', 'Somebody has changed a rest: it is planned anew'],
  stop_gone: ['有一站取消了，重新排线', 'A stop is gone: it is planned anew'],
  home_changed: ['有住户的隔离状态变了，重新排线', 'The isolation of a home has changed: it is planned anew'],
  too_old: ['方案放得太久，重新排线', 'The plan was too old: it is planned anew'],
  solver_failed: ['没能排出路线，请取消后再排一次', 'No plan could be made: call it off and plan again'],
  plan_is_wrong: ['排出的路线没有通过检查，请取消后再排一次', 'The plan did not pass its check: call it off and plan again'],
  keeps_changing: ['情况一直在变，请稍后再排', 'Things keep changing: plan again in a moment'],
  'places.no_map_yet': ['还没有导入地图', 'There is no map yet'],
  'places.no_open_gate': ['没有可收货的开放大门', 'No gate is open for goods'],
};

/** Why a courier does not go out in a wave. */
export const UNUSED: Readonly<Record<string, Text>> = {
  no_shift: ['没有值班', 'no shift'],
  not_needed: ['这一批用不上', 'not needed in this wave'],
};

export const WAVE_STATES: Readonly<Record<string, { name: Text; colour: string }>> = {
  planning: { name: ['正在排线', 'Planning'], colour: 'blue' },
  planned: { name: ['待发布', 'Ready to release'], colour: 'amber' },
  released: { name: ['配送中', 'On the way'], colour: 'green' },
  done: { name: ['已完成', 'Done'], colour: '' },
  failed: { name: ['排线失败', 'Planning failed'], colour: 'red' },
  cancelled: { name: ['已取消', 'Called off'], colour: '' },
};
