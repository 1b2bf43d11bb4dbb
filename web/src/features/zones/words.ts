import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type List = Schemas['ZoneListOut'];
export type Row = Schemas['ReadRowOut'];
export type Level = Schemas['ReadRowOut.Level'];
export type Group = 'understood' | 'review' | 'not_ours' | 'over';

export const GROUPS: Readonly<Record<Group, Text>> = {
  review: ['待核对', 'Needs review'],
  understood: ['已读懂', 'Understood'],
  not_ours: ['非本小区', 'Not ours'],
  over: ['已过期', 'Ended'],
};

interface Toned {
  name: Text;
  tone: string;
}

export const LEVELS: Readonly<Record<Level, Toned>> = {
  high: { name: ['高风险', 'High risk'], tone: 'red' },
  managed: { name: ['纳管', 'Managed'], tone: '' },
  mid: { name: ['中风险', 'Medium risk'], tone: 'amber' },
  low: { name: ['低风险', 'Low risk'], tone: 'blue' },
};
export const LEVEL_CHOICE = Object.entries(LEVELS) as [Level, Toned][];

export const STATES: Readonly<Record<List['state'], Toned>> = {
  draft: { name: ['草稿', 'Draft'], tone: 'blue' },
  waiting: { name: ['待批准', 'Waits for approval'], tone: 'amber' },
  in_force: { name: ['生效中', 'In force'], tone: 'red' },
  ended: { name: ['已结束', 'Ended'], tone: 'green' },
  dropped: { name: ['已作废', 'Dropped'], tone: '' },
};

/** Why a row goes to a person. */
export const DOUBTS: Readonly<Record<Schemas['ReadRowOut.Unclear'], Text>> = {
  floor: ['只说到楼层', 'a floor, less than an entrance'],
  house: ['门牌号不明', 'a house number: of what?'],
  part: ['某一部分，没有编号', 'a part of a place without a number'],
  border: ['按四至划定的区域', 'an area by its borders'],
  address: ['路名地址', 'an address on a road'],
  remark: ['括号里的说明没读懂', 'a remark in brackets'],
  scope: ['除外范围属于哪一处不明', 'what the exception belongs to'],
  section: ['分期或分区不明', 'a section or phase'],
  range: ['连号还是编号不明', 'a range or a label'],
  numbers: ['数字没读懂', 'numbers that may be read in two ways'],
  name: ['名称没读懂', 'a name that may be more than a name'],
  exclusion: ['除外内容没读懂', 'what is excepted'],
  text: ['整行没读懂', 'the whole row'],
  building: ['地图上没有这栋楼', 'no such building on the map'],
  door: ['地图上没有这个单元', 'no such entrance on the map'],
  area: ['指整个街道、社区或区', 'all of an area that we lie in'],
  near_name: ['名称与本小区相近', 'a name like ours'],
  namesake: ['同名，但区或街道不符或无法核对', 'our name, but not (or not surely) our street or district'],
  no_such_level: ['名单里没有可扣除的那一级', 'no readable rows of the excepted level'],
  nothing_left: ['扣除后什么也不剩', 'nothing is left of it'],
  level: ['等级没读懂', 'the level'],
  dates: ['日期没读懂，或与被扣除的区域日期不同', 'the days, or those of what is excepted'],
};
