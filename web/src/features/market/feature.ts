import type { Feature } from '../../kit/feature';

export default {
  module: 'market',
  screens: [
    { path: '/orders', title: ['订单', 'Orders'], who: ['merchant'], load: () => import('./Orders.svelte') },
    { path: '/stock', title: ['库存', 'Stock'], who: ['merchant'], load: () => import('./Stock.svelte') },
    { path: '/picking', title: ['拣货单', 'Picking list'], who: ['merchant'], load: () => import('./PickingList.svelte') },
    { path: '/shops', title: ['商户', 'Shops'], who: ['officer'], load: () => import('./Shops.svelte') },
  ],
  tiles: [
    { path: '/orders', label: ['订单', 'Orders'], icon: 'box', who: ['merchant'], order: 10 },
    { path: '/stock', label: ['库存', 'Stock'], icon: 'shop', who: ['merchant'], order: 11 },
    { path: '/picking', label: ['打印拣货单', 'Print the picking list'], icon: 'print', who: ['merchant'], order: 12 },
    { path: '/shops', label: ['商户', 'Shops'], icon: 'shop', who: ['officer'], order: 60 },
  ],
  linePicker: () => import('./ItemPicker.svelte'),
} satisfies Feature;
