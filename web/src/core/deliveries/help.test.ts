import { expect, test, vi } from 'vitest';
import { reader } from '../../kit/text.svelte';
import { helpPath, helpText, type Help } from './help';

vi.mock('../../kit/session.svelte', () => ({ session: { zone: 'Asia/Shanghai' } }));

const FACTS = { profile: null, from_at: null, until_at: null, lane_id: null, lane_name: null, lane_ref: null, helper_id: null, helper_label: null, minutes: null };
const ADD: Help = { ...FACTS, kind: 'add', profile: 'walk', from_at: '2026-03-02T09:00:00Z', until_at: '2026-03-02T10:00:00Z', serves_more: 12, saves_s: -300 };
const REOPEN: Help = { ...FACTS, kind: 'reopen', lane_id: 'l7', lane_name: '七号路', lane_ref: 'w7', serves_more: 0, saves_s: 540 };
const LONGER: Help = { ...FACTS, kind: 'lengthen_shift', helper_id: 'h', helper_label: '阿强', minutes: 30, until_at: '2026-03-02T10:30:00Z', serves_more: 1, saves_s: 61 };

test('a change is said with what it brings, in both languages and the community’s clock', () => {
  reader.locale = 'zh-CN';
  expect([ADD, REOPEN, LONGER].map(helpText)).toEqual([
    '17:00–18:00 再来一位步行志愿者，可多送 12 站',
    '重新开放七号路，可省 9 分钟',
    '阿强的班次延长 30 分钟（到 18:30），可多送 1 站，还省 1 分钟',
  ]);
  reader.locale = 'en';
  expect([ADD, REOPEN, LONGER].map(helpText)).toEqual([
    'One more volunteer on foot 17:00–18:00 serves 12 more',
    'Reopening 七号路 saves 9 minutes',
    'Lengthening 阿强’s shift by 30 minutes (until 18:30) serves 1 more and saves 1 minute',
  ]);
  expect(helpText({ ...REOPEN, lane_name: '' })).toBe('Reopening unnamed lane w7 saves 9 minutes');
});

test('what can be done here is a link to where', () => {
  expect([ADD, REOPEN, LONGER, { ...ADD, profile: 'unmanned' }].map(helpPath)).toEqual(['/helpers', '/map?lane=l7', null, null]);
});
