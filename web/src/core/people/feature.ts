import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [
    { path: '/sign-in', who: 'anyone', load: () => import('./SignIn.svelte') },
    { path: '/join', who: 'signed-in', load: () => import('./Join.svelte') },
    { path: '/me', who: 'signed-in', load: () => import('./Me.svelte') },
    { path: '/looks', who: 'signed-in', load: () => import('./Looks.svelte') },
    { path: '/homes', who: ['grid_worker', 'officer'], load: () => import('./Homes.svelte') },
    { path: '/home-codes', who: ['grid_worker', 'officer'], load: () => import('./HomeCodes.svelte') },
    { path: '/roles', who: ['officer'], load: () => import('./Roles.svelte') },
  ],
  tiles: [
    { path: '/homes', label: ['住户', 'Homes'], icon: 'home', who: ['grid_worker', 'officer'], order: 40 },
    { path: '/home-codes', label: ['打印住户码', 'Print home codes'], icon: 'print', who: ['grid_worker', 'officer'], order: 70 },
    { path: '/roles', label: ['角色授权', 'Grant roles'], icon: 'key', who: ['officer'], order: 80 },
  ],
} satisfies Feature;
