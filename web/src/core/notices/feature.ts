import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [{ path: '/notices', title: ['消息', 'Notices'], who: 'signed-in', load: () => import('./Notices.svelte') }],
} satisfies Feature;
