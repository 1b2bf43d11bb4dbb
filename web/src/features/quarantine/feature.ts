import type { Feature } from '../../kit/feature';

export default {
  module: 'quarantine',
  screens: [
    { path: '/isolation', title: ['居家隔离', 'Isolation'], who: ['resident'], load: () => import('./MyIsolation.svelte') },
    { path: '/doors', title: ['上门与电话', 'Doors and calls'], who: ['grid_worker', 'officer'], load: () => import('./Doors.svelte') },
    { path: '/quarantine', title: ['隔离管理', 'Isolation desk'], who: ['officer'], load: () => import('./Desk.svelte') },
    { path: '/quarantine/new', title: ['下隔离令', 'New order'], who: ['officer'], load: () => import('./NewOrder.svelte') },
    { path: '/quarantine/days', title: ['每日监测', 'Checks by day'], who: ['officer'], load: () => import('./Days.svelte') },
    { path: '/quarantine/settings', title: ['监测设置', 'Checks: settings'], who: ['officer'], load: () => import('./Settings.svelte') },
    { path: '/referrals', title: ['发热与症状', 'Fever and symptoms'], who: ['clinic'], load: () => import('./Referrals.svelte') },
    { path: '/quarantine/:id', title: ['隔离令', 'Order'], who: ['officer'], load: () => import('./OrderPage.svelte') },
  ],
  tiles: [
    { path: '/isolation', label: ['居家隔离', 'Isolation'], icon: 'flag', who: ['resident'], order: 4 },
    { path: '/doors', label: ['上门与电话', 'Doors and calls'], icon: 'phone', who: ['grid_worker', 'officer'], order: 28 },
    { path: '/quarantine', label: ['隔离管理', 'Isolation desk'], icon: 'flag', who: ['officer'], order: 29 },
    { path: '/referrals', label: ['发热与症状', 'Fever and symptoms'], icon: 'pill', who: ['clinic'], order: 1 },
  ],
  mapLayers: [{ key: 'isolation', name: ['居家隔离', 'Isolation'], who: ['officer'], room: 'quarantine-desk', load: async () => (await import('./spots')).isolationSpots() }],
} satisfies Feature;
