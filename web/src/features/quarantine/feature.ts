import type { Feature } from '../../kit/feature';

export default {
  module: 'quarantine',
  screens: [
    { path: '/isolation', who: ['resident'], load: () => import('./MyIsolation.svelte') },
    { path: '/doors', who: ['grid_worker', 'officer'], load: () => import('./Doors.svelte') },
    { path: '/quarantine', who: ['officer'], load: () => import('./Desk.svelte') },
    { path: '/quarantine/new', who: ['officer'], load: () => import('./NewOrder.svelte') },
    { path: '/quarantine/days', who: ['officer'], load: () => import('./Days.svelte') },
    { path: '/quarantine/settings', who: ['officer'], load: () => import('./Settings.svelte') },
    { path: '/referrals', who: ['clinic'], load: () => import('./Referrals.svelte') },
    { path: '/quarantine/:id', who: ['officer'], load: () => import('./OrderPage.svelte') },
  ],
  tiles: [
    { path: '/isolation', label: ['居家隔离', 'Isolation'], icon: 'flag', who: ['resident'], order: 4 },
    { path: '/doors', label: ['上门与电话', 'Doors and calls'], icon: 'phone', who: ['grid_worker', 'officer'], order: 28 },
    { path: '/quarantine', label: ['隔离管理', 'Isolation desk'], icon: 'flag', who: ['officer'], order: 29 },
    { path: '/referrals', label: ['发热与症状', 'Fever and symptoms'], icon: 'pill', who: ['clinic'], order: 1 },
  ],
  mapLayers: [{ key: 'isolation', name: ['居家隔离', 'Isolation'], who: ['officer'], room: 'quarantine-desk', load: async () => (await import('./spots')).isolationSpots() }],
} satisfies Feature;
