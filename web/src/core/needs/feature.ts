import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [
    { path: '/needs', who: 'signed-in', load: () => import('./MyNeeds.svelte') },
    { path: '/needs/new', who: 'signed-in', load: () => import('./NewNeed.svelte') },
    { path: '/needs/:id', who: 'signed-in', load: () => import('./NeedDetail.svelte') },
    { path: '/offers', who: ['volunteer', 'courier'], load: () => import('./Offers.svelte') },
    { path: '/board', who: ['grid_worker', 'officer'], load: () => import('./Board.svelte') },
    { path: '/desk', who: ['grid_worker', 'officer'], load: () => import('./PhoneDesk.svelte') },
  ],
  tiles: [
    { path: '/needs/new', label: ['发布需求', 'I need something'], hint: ['买菜、买药、帮忙', 'Food, medicine, a hand'], icon: 'basket', who: ['resident'], order: 1 },
    { path: '/needs', label: ['我的需求', 'My needs'], hint: ['进度、再来一次', 'Progress, order again'], icon: 'repeat', who: ['resident'], order: 2 },
    { path: '/needs/new?kind=other', label: ['找网格员', 'Ask a worker'], hint: ['写一句话就行', 'One sentence will do'], icon: 'chat', who: ['resident'], order: 4 },
    { path: '/offers', label: ['志愿任务', 'My tasks'], icon: 'hand', who: ['volunteer', 'courier'], order: 11 },
    { path: '/desk', label: ['电话登记', 'Phone desk'], icon: 'phone', who: ['grid_worker', 'officer'], order: 20 },
    { path: '/board', label: ['全部需求', 'All needs'], icon: 'list', who: ['grid_worker', 'officer'], order: 30 },
  ],
} satisfies Feature;
