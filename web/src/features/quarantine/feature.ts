import type { Feature } from '../../kit/feature';

export default {
  module: 'quarantine',
  screens: [
    { path: '/isolation', title: ['居家隔离', 'Isolation'], who: ['resident'], load: () => import('./MyIsolation.svelte') },
    { path: '/doors', title: ['上门与电话', 'Doors and calls'], who: ['grid_worker', 'officer'], load: () => import('./Doors.svelte') },
    { path: '/quarantine', title: ['隔离管理', 'Isolation desk'], who: ['officer'], load: () => import('./Desk.svelte') },
    { path: '/quarantine/new', title: ['下隔离令', 'New order'], who: ['officer'], load: () => import('./NewOrder.svelte') },
    { path: '/quarantine/:id', title: ['隔离令', 'Order'], who: ['officer'], load: () => import('./OrderPage.svelte') },
  ],
  tiles: [
    { path: '/isolation', label: ['居家隔离', 'Isolation'], icon: 'flag', who: ['resident'], order: 4 },
    { path: '/doors', label: ['上门与电话', 'Doors and calls'], icon: 'phone', who: ['grid_worker', 'officer'], order: 28 },
    { path: '/quarantine', label: ['隔离管理', 'Isolation desk'], icon: 'flag', who: ['officer'], order: 29 },
  ],
} satisfies Feature;
