import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [{ path: '/notices', who: 'signed-in', load: () => import('./Notices.svelte') }],
} satisfies Feature;
