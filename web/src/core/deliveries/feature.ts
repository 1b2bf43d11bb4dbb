import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [
    { path: '/route', title: ['配送路线', 'My route'], who: ['courier', 'volunteer'], load: () => import('./Route.svelte') },
    { path: '/gate', title: ['大门交接', 'At the gate'], who: ['guard', 'grid_worker', 'officer'], load: () => import('./Gate.svelte') },
    { path: '/waves', title: ['派送批次', 'Waves'], who: ['grid_worker', 'officer'], load: () => import('./Waves.svelte') },
    { path: '/waves/:id', title: ['批次', 'Wave'], who: ['grid_worker', 'officer'], load: () => import('./WaveDetail.svelte') },
    { path: '/handover/:token', title: ['送货交接', 'Hand-over'], who: 'anyone', load: () => import('./HandOver.svelte') },
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
