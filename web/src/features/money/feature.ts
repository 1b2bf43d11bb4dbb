import type { Feature } from '../../kit/feature';

const everyone = 'signed-in' as const;

export default {
  module: 'money',
  screens: [
    { path: '/fund', who: everyone, load: () => import('./Fund.svelte') },
    { path: '/receipts', who: everyone, load: () => import('./Receipts.svelte') },
    { path: '/takings', who: ['merchant'], load: () => import('./Takings.svelte') },
  ],
  tiles: [
    { path: '/fund', label: ['互助金', 'Community fund'], icon: 'hand', who: ['resident', 'officer'], order: 45 },
    { path: '/receipts', label: ['付款与收据', 'Payments and receipts'], icon: 'list', who: ['resident'], order: 46 },
    { path: '/takings', label: ['货款', 'Takings'], icon: 'list', who: ['merchant'], order: 62 },
  ],
} satisfies Feature;
