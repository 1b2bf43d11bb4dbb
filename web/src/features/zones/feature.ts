import type { Feature } from '../../kit/feature';

export default {
  module: 'zones',
  screens: [
    { path: '/zone', who: ['resident'], load: () => import('./MyZone.svelte') },
    { path: '/zones', who: ['officer'], load: () => import('./Zones.svelte') },
    { path: '/zones/new', who: ['officer'], load: () => import('./NewList.svelte') },
    { path: '/zones/:id', who: ['officer'], load: () => import('./ListPage.svelte') },
  ],
  tiles: [
    { path: '/zone', label: ['风险区', 'Zone'], icon: 'alert', who: ['resident'], order: 9 },
    { path: '/zones', label: ['风险区名单', 'Zones'], icon: 'map', who: ['officer'], order: 31 },
  ],
  mapLayers: [{ key: 'zones', name: ['风险区', 'Zones'], who: ['officer'], room: 'zones-desk', load: async () => (await import('./spots')).zoneSpots() }],
} satisfies Feature;
