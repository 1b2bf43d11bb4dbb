import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [{ path: '/', who: 'signed-in', load: () => import('./Home.svelte') }],
} satisfies Feature;
