import { expect, test, vi } from 'vitest';
import { reader } from '../../kit/text.svelte';
import { changePath, changeText, factsText, type Unserved } from './change';
import { UNSERVED } from './words';

vi.mock('../../kit/session.svelte', () => ({ session: { zone: 'Asia/Shanghai' } }));

const STARTS = '2026-03-02T09:00:00Z';
const left = (reason: string, change: Unserved['change'], facts: Unserved['facts'] = {}, names: Partial<Unserved> = {}): Unserved => ({
  ...{ reason, change, facts, helper_label: null, lane_name: null, lane_ref: null },
  ...names,
});

// Every reason that the dispatcher gives, with the change that it names for it.
const LEFT: Unserved[] = [
  left('no_shift', { add: 'courier', load_g: 2000 }),
  left('no_skill', { add: 'courier', load_g: 0, skills: ['care'] }, { skills: ['care'] }),
  left('not_welcome', { let_in: 'anyone' }),
  left('needs_two', { add: 'courier', load_g: 0 }, { able: 1 }),
  left('unreachable', { lanes: { l7: { is_open: true } } }, { node: 'n' }, { lane_name: '七号路', lane_ref: 'w7' }),
  left('goods_elsewhere', { fetch_goods_from: 'h' }, { vehicle: 'h' }, { helper_label: '阿强' }),
  left('nobody_before_red', { wait_for: 'next_wave' }),
  left('too_many_floors', { add: 'courier', load_g: 0 }, { floors: 6 }),
  left('too_heavy', { add: 'cart', load_g: 50_000 }, { load_g: 50_000, volume_ml: 0, parcels: 2, cold_ml: 0 }),
  left('shift_too_short', { lengthen_shift: 'h', minutes: 12 }, { able: 1 }, { helper_label: '阿强' }),
  left('route_too_long', { let_out_longer: 'h', minutes: 5 }, { able: 2 }),
  left('window_cannot_be_met', { serve_at_s: 1800 }, { windows: [[0, 600]] }),
  left('no_capacity_left', { add: 'courier', load_g: 2000 }, { able: 3 }),
  left('no_time_left', { add: 'courier', profile: 'walk', minutes: 9 }, { able: 3 }),
  left('shelf_full', { wait_for: 'next_wave' }, { shelf: 's' }),
];

test('every reason has its words, and every change is said, in both languages', () => {
  expect(LEFT.map((one) => one.reason).sort()).toEqual(Object.keys(UNSERVED).sort());
  for (const locale of ['zh-CN', 'en'] as const) {
    reader.locale = locale;
    for (const one of LEFT) expect(changeText(one, STARTS), one.reason).not.toBe('');
  }
});

test('a change names who, which lane and when', () => {
  reader.locale = 'zh-CN';
  const said = Object.fromEntries(LEFT.map((one) => [one.reason, changeText(one, STARTS)]));
  expect(said['shift_too_short']).toBe('阿强的班次延长 12 分钟');
  expect(said['unreachable']).toBe('开放或放宽 1 段通道（七号路）');
  expect(said['window_cannot_be_met']).toBe('改到 17:30 左右送');
  expect(said['no_time_left']).toBe('再来一位步行志愿者，约 9 分钟');
  reader.locale = 'en';
  expect(changeText(left('unreachable', { lanes: { l7: {} } }, {}, { lane_ref: 'w7' }), STARTS)).toBe('open or widen 1 piece of lane (unnamed lane w7)');
  expect(changeText(left('x', {}), STARTS)).toBe('');
});

test('what binds is said in figures', () => {
  reader.locale = 'zh-CN';
  const facts = (reason: string): string => factsText(LEFT.find((one) => one.reason === reason) ?? left('', {}), STARTS);
  expect(facts('too_heavy')).toBe('50 公斤、2 件');
  expect(facts('too_many_floors')).toBe('6 层');
  expect(facts('window_cannot_be_met')).toBe('约在 17:00–17:10');
  expect(facts('no_capacity_left')).toBe('能去的有 3 人');
  expect(facts('not_welcome')).toBe('');
});

test('what can be done here is a link to where', () => {
  expect(LEFT.map(changePath).filter(Boolean)).toEqual(['/helpers', '/helpers', '/helpers', '/map?lane=l7', '/helpers', '/helpers', '/helpers', '/helpers']);
});
