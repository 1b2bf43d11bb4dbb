import type { Text } from '../../kit/text.svelte';
import type { Schemas } from '../../kit/api';

export type PassState = Schemas['PassesOut.PassOut']['state'];
export type PassKind = Schemas['PassesOut.PassOut']['kind'];
export type Tone = '' | 'green' | 'amber' | 'red' | 'blue';

export const PURPOSES: Readonly<Record<string, Text>> = {
  shopping: ['购物取药', 'Shopping, pharmacy'],
  medical: ['就医', 'Medical care'],
  work: ['上班', 'Work'],
  care: ['照护家人', 'Care for family'],
  visit: ['来访', 'Visit'],
  delivery: ['送货', 'Delivery'],
  moving: ['搬运', 'Moving goods'],
  other: ['其他', 'Other'],
};

export const KINDS: Readonly<Record<PassKind, Text>> = {
  resident: ['住户', 'Resident'],
  visitor: ['访客', 'Visitor'],
  vehicle: ['车辆', 'Vehicle'],
  goods: ['物品', 'Goods'],
};

export const SUBJECTS: Readonly<Record<PassKind, Text>> = {
  resident: ['谁', 'Who'],
  visitor: ['访客姓名', 'Visitor’s name'],
  vehicle: ['车牌号', 'Number plate'],
  goods: ['什么物品', 'Which goods'],
};

export const STATES: Readonly<Record<PassState, { name: Text; tone: Tone }>> = {
  applied: { name: ['待审批', 'Waiting'], tone: 'amber' },
  active: { name: ['有效', 'Active'], tone: 'green' },
  refused: { name: ['未批准', 'Refused'], tone: 'red' },
  withdrawn: { name: ['已交回', 'Given back'], tone: '' },
  revoked: { name: ['已撤销', 'Revoked'], tone: 'red' },
  appealed: { name: ['申诉中', 'Under appeal'], tone: 'amber' },
  expired: { name: ['已过期', 'Expired'], tone: '' },
};

/** Why not, for the guard: nothing about anybody's health but what was measured here and now. */
export const REASONS: Readonly<Record<string, Text>> = {
  held: ['暂不能外出，请联系居委会', 'May not go out now: ask the committee'],
  blocked: ['暂不能外出，请联系居委会', 'May not go out now: ask the committee'],
  quota: ['本户外出次数已用完，{next_on} 起可再外出', 'This home has used its exits; again from {next_on}'],
  hours: ['现在不是外出时段', 'Outside the hours for leaving'],
  gate: ['请走其他大门', 'Not by this gate'],
  gate_closed: ['本门已关闭', 'This gate is closed'],
  purpose: ['此用途暂不放行', 'Not for this purpose now'],
  kind: ['此类通行证暂不放行', 'Not with this kind of pass now'],
  reading_missing: ['请先测温', 'Take the temperature first'],
  reading_high: ['体温偏高，请复测', 'Reading is high: measure again'],
  double_use: ['此码已用过', 'This code was used already'],
  already_out: ['已外出、尚未返回', 'Went out and is not back yet'],
  clock_off: ['手机时间差 {off_s} 秒，请联网打开通行证或报六位数字', 'The phone’s clock is {off_s} s off: open the pass online, or use the six digits'],
  code_old: ['码已过时，可能是截图', 'An old code, perhaps a picture of one'],
  code_early: ['码的时间不对', 'The code’s time is wrong'],
  forged: ['伪码或外小区的码', 'Forged, or another community’s'],
  unreadable: ['不是通行码', 'Not a pass'],
  unknown: ['查无此证', 'No such pass'],
  no_pass: ['没有通行证', 'No pass'],
  revoked: ['通行证已撤销', 'The pass was revoked'],
  replaced: ['已换到别的手机或纸证', 'Moved to another phone or paper'],
  expired: ['通行证已过期', 'The pass has expired'],
  not_yet: ['通行证尚未生效', 'The pass does not hold yet'],
  stale: ['名单过期：请核对名单', 'Stale: check the list'],
  needs_network: ['没有网络，无法查证件', 'No network: documents cannot be looked up'],
};

export const FINDINGS: Readonly<Record<string, Text>> = {
  override: ['紧急放行', 'Emergency override'],
  double_use: ['一码两用', 'One code used twice'],
  paper_twice: ['纸证短时间内两次外出', 'One sheet went out twice'],
  held_out: ['受限人员被放行', 'Let out though held in'],
  ended_out: ['失效通行证被放行', 'Let out with a pass that had ended'],
  forged_out: ['无效码被放行', 'Let out with no valid code'],
  stale_out: ['用过期名单放行', 'Let out by a stale list'],
  let_out_anyway: ['服务器拒绝后仍放行', 'Let out though refused'],
  over_quota: ['本户外出超额', 'Home over its quota'],
  clock_off: ['设备时间不准', 'A device’s clock is off'],
};
