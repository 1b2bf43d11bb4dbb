import type { Feature } from '../../kit/feature';

export default {
  module: 'market',
  screens: [
    { path: '/orders', who: ['merchant'], load: () => import('./Orders.svelte') },
    { path: '/stock', who: ['merchant'], load: () => import('./Stock.svelte') },
    { path: '/stock/entry', who: ['merchant'], load: () => import('./Entry.svelte') },
    { path: '/stock/:id', who: ['merchant'], load: () => import('./StockItem.svelte') },
    { path: '/my-shop', who: 'signed-in', load: () => import('./MyShop.svelte') },
    { path: '/goods', who: 'signed-in', load: () => import('./GoodsList.svelte') },
    { path: '/picking', who: ['merchant'], load: () => import('./PickingList.svelte') },
    { path: '/shops', who: ['officer'], load: () => import('./Shops.svelte') },
    { path: '/claims', who: ['merchant', 'officer'], load: () => import('./Claims.svelte') },
    { path: '/paying', who: 'signed-in', load: () => import('./Paying.svelte') },
  ],
  tiles: [
    { path: '/orders', label: ['订单', 'Orders'], icon: 'box', who: ['merchant'], order: 10 },
    { path: '/stock', label: ['库存', 'Stock'], icon: 'shop', who: ['merchant'], order: 11 },
    { path: '/picking', label: ['打印拣货单', 'Print the picking list'], icon: 'print', who: ['merchant'], order: 12 },
    { path: '/my-shop', label: ['我的店铺', 'My shop'], icon: 'shop', who: ['merchant'], order: 13 },
    { path: '/goods', label: ['看看有什么商品', 'What the shops have'], icon: 'basket', who: ['resident'], order: 45 },
    { path: '/claims', label: ['缺少与损坏', 'Missing and damaged'], icon: 'alert', who: ['merchant', 'officer'], order: 61 },
    { path: '/paying', label: ['怎么付款', 'How I pay'], icon: 'shop', who: ['resident'], order: 44 },
    { path: '/shops', label: ['商户', 'Shops'], icon: 'shop', who: ['officer'], order: 60 },
  ],
  needPanel: () => import('./Bought.svelte'),
  linePicker: () => import('./ItemPicker.svelte'),
} satisfies Feature;
