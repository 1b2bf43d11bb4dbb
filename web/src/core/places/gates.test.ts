import { expect, test, vi } from 'vitest';
import { reader } from '../../kit/text.svelte';
import { toChange, useText, whyText, type Weighed, type WeighedGate } from './gates';

vi.mock('../../kit/session.svelte', () => ({ session: { zone: 'Asia/Shanghai' } }));

function gate(id: string, isOpen: boolean, should: boolean | null, alone: Partial<NonNullable<WeighedGate['alone']>> = {}, stays: WeighedGate['stays'] = null): WeighedGate {
  const change = { change: isOpen ? 'close' : 'open', residents_h: 0, goods_h: 0, left: 0, obstacles: [], ...alone } as NonNullable<WeighedGate['alone']>;
  return { id, label: id, is_open: isOpen, should_be_open: should, stays, today: null, chosen: null, alone: should === null ? null : change };
}

test('only gates that stand otherwise than the answer are to be changed', () => {
  const gates = [gate('a', true, true), gate('b', true, false), gate('c', false, true), gate('d', false, false), gate('new', true, null)];
  expect(toChange({ gates } as unknown as Weighed).map((one) => one.id)).toEqual(['b', 'c']);
});

test('a gate that was changed since is not to be changed again, and says nothing', () => {
  // It was open when it was weighed, and somebody has closed it.
  const done = { ...gate('b', true, false, { residents_h: 2 }), is_open: false };
  expect(toChange({ gates: [done] } as unknown as Weighed)).toEqual([]);
});

test('the reason is what this one gate alone would do, in both languages', () => {
  const gates = [
    gate('saves', false, true, { residents_h: -3.5 }),
    gate('lets out', false, true, { residents_h: 1, left: -60 }),
    gate('together', false, true, { residents_h: 0.5 }),
    gate('costs', true, false, { residents_h: 0.4 }),
    gate('idle', true, false),
    gate('goods', true, true, {}, 'goods'),
    gate('stays closed', false, false, { residents_h: 1 }),
  ];
  reader.locale = 'zh-CN';
  expect(gates.map(whyText)).toEqual([
    '开它，居民每天少走少等 3.5 小时',
    '开它，每天多 60 人次能出门或收到货',
    '和其他改动一起才合算',
    '关它，居民每天多走多等 0.4 小时，值守可以去别的门',
    '关它，谁也不会多走，值守可以去别的门',
    '货还放在这里，要开着',
    '',
  ]);
  reader.locale = 'en';
  for (const one of gates.slice(0, 6)) expect(whyText(one)).toMatch(/^[A-Z]/);
});

test('what passes a gate is said, and that nobody does', () => {
  reader.locale = 'zh-CN';
  expect(useText({ people: 40, percent: 22, wait_s: 12, deliveries: 3 })).toBe('每小时 40 人，平均等 12 秒、进货 3 单');
  expect(useText({ people: 0, percent: 0, wait_s: 0, deliveries: 0 })).toBe('没有人走');
  expect(useText(null)).toBe('');
});
