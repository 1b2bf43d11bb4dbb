import type { Schemas } from '../../kit/api';
import { reader, type Text } from '../../kit/text.svelte';

export type Order = Schemas['OrdersOut']['items'][number];
type State = Order['state'];

export const ORDER_STATES: Readonly<Record<State, { name: Text; colour: string }>> = {
  placed: { name: ['新订单', 'New'], colour: 'amber' },
  accepted: { name: ['待拣货', 'To pick'], colour: 'blue' },
  rejected: { name: ['已拒绝', 'Rejected'], colour: '' },
  packed: { name: ['已打包', 'Packed'], colour: 'green' },
  handed_over: { name: ['已交出', 'Handed over'], colour: 'green' },
  cancelled: { name: ['已取消', 'Cancelled'], colour: '' },
};

/** The item's name as the reader reads it. */
export function itemName(item: { name: string; name_en: string }): string {
  return reader.locale === 'en' && item.name_en ? item.name_en : item.name;
}
