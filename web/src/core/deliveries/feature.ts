import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [
    { path: '/route', who: ['courier', 'volunteer'], load: () => import('./Route.svelte') },
    { path: '/gate', who: ['guard', 'grid_worker', 'officer'], load: () => import('./Gate.svelte') },
    { path: '/waves', who: ['grid_worker', 'officer'], load: () => import('./Waves.svelte') },
    { path: '/waves/:id', who: ['grid_worker', 'officer'], load: () => import('./WaveDetail.svelte') },
    { path: '/handover/:token', who: 'anyone', load: () => import('./HandOver.svelte') },
  ],
  tiles: [
    { path: '/route', label: ['配送路线', 'My route'], icon: 'cart', who: ['courier', 'volunteer'], order: 10 },
    { path: '/gate', label: ['大门交接', 'At the gate'], icon: 'gate', who: ['guard', 'officer'], order: 12 },
    { path: '/waves', label: ['派送批次', 'Waves'], icon: 'cart', who: ['grid_worker', 'officer'], order: 13 },
  ],
  leftOnPhone: async () => {
    const { queue } = await import('./queue.svelte');
    await queue.open();
    return queue.left;
  },
} satisfies Feature;
