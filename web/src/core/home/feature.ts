import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [{ path: '/', title: ['首页', 'Home'], who: 'signed-in', load: () => import('./Home.svelte') }],
} satisfies Feature;
