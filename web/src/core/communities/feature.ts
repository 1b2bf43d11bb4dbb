import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [{ path: '/modules', who: ['officer'], load: () => import('./Modules.svelte') }],
  tiles: [{ path: '/modules', label: ['功能开关', 'Modules'], icon: 'gear', who: ['officer'], order: 90 }],
} satisfies Feature;
