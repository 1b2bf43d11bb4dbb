import type { Feature } from '../../kit/feature';

export default {
  module: 'gate',
  screens: [
    { path: '/pass', who: ['resident'], load: () => import('./MyPasses.svelte') },
    { path: '/pass/new', who: ['resident'], load: () => import('./Apply.svelte') },
    { path: '/scan', who: ['guard', 'grid_worker', 'officer'], load: () => import('./Scanner.svelte') },
    { path: '/passes', who: ['grid_worker', 'officer'], load: () => import('./PassDesk.svelte') },
    { path: '/gate-rules', who: ['officer'], load: () => import('./GateRules.svelte') },
    { path: '/gate-flow', who: ['officer'], load: () => import('./GateFlow.svelte') },
  ],
  tiles: [
    { path: '/pass', label: ['通行证', 'My pass'], icon: 'key', who: ['resident'], order: 3 },
    { path: '/scan', label: ['扫码放行', 'Scan passes'], icon: 'camera', who: ['guard'], order: 11 },
    { path: '/passes', label: ['通行证审批', 'Passes'], icon: 'key', who: ['grid_worker', 'officer'], order: 30 },
    { path: '/gate-flow', label: ['大门流量', 'Gates'], icon: 'gate', who: ['officer'], order: 31 },
    { path: '/gate-rules', label: ['外出规则', 'Rules for leaving'], icon: 'list', who: ['officer'], order: 32 },
  ],
  leftOnPhone: async () => {
    const { leftOnPhone } = await import('./left');
    return leftOnPhone();
  },
} satisfies Feature;
