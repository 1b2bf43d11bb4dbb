import { expect, test } from 'vitest';
import { visits } from './doors';

const task = (home_id: string, rung: 'call' | 'door', first_name: string) => ({
  id: first_name, rung, order_id: home_id, check_id: first_name, home_id, home_label: home_id, floor: 1, first_name, due_at: '', opened_at: '', is_supply_asked: false,
});

test('a home is one card however many people there are silent, in the order of the walk', () => {
  const cards = visits([task('b', 'door', '梅'), task('a', 'door', '竹'), task('b', 'door', '兰'), task('b', 'call', '菊')]);
  expect(cards.map((card) => [card.home_id, card.rung, card.tasks.length])).toEqual([['b', 'door', 2], ['a', 'door', 1], ['b', 'call', 1]]);
});
