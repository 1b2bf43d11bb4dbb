import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [
    { path: '/help', who: 'signed-in', load: () => import('./Help.svelte') },
    { path: '/helpers', who: ['officer'], load: () => import('./Helpers.svelte') },
  ],
  tiles: [
    { path: '/help', label: ['我来帮忙', 'I can help'], hint: ['登记做志愿者', 'Become a volunteer'], icon: 'hand', who: ['resident'], order: 5 },
    { path: '/help', label: ['值班与技能', 'Shifts and skills'], icon: 'clock', who: ['courier', 'volunteer'], order: 15 },
    { path: '/helpers', label: ['志愿者与配送员', 'Helpers'], icon: 'hand', who: ['officer'], order: 50 },
  ],
} satisfies Feature;
