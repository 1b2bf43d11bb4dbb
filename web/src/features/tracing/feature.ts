import type { Feature } from '../../kit/feature';

export default {
  module: 'tracing',
  screens: [
    { path: '/tracing', who: ['officer'], load: () => import('./Cases.svelte') },
    { path: '/tracing/:id', who: ['officer'], load: () => import('./Case.svelte') },
  ],
  tiles: [{ path: '/tracing', label: ['流调', 'Tracing'], icon: 'walk', who: ['officer'], order: 33 }],
} satisfies Feature;
