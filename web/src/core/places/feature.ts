import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [{ path: '/map', who: ['grid_worker', 'officer', 'guard', 'courier', 'volunteer'], load: () => import('./MapPage.svelte') }],
  tiles: [{ path: '/map', label: ['小区地图', 'Map'], hint: ['车辆、消防通道', 'Carts and fire lanes'], icon: 'map', who: ['grid_worker', 'officer', 'guard'], order: 14 }],
} satisfies Feature;
