import type { Feature } from '../../kit/feature';

export default {
  module: 'core',
  screens: [
    { path: '/sign-in', title: ['登录', 'Sign in'], who: 'anyone', load: () => import('./SignIn.svelte') },
    { path: '/join', title: ['加入我家', 'Join my home'], who: 'signed-in', load: () => import('./Join.svelte') },
    { path: '/me', title: ['我的', 'Me'], who: 'signed-in', load: () => import('./Me.svelte') },
    { path: '/looks', title: ['谁看过我的资料', 'Who looked at me'], who: 'signed-in', load: () => import('./Looks.svelte') },
    { path: '/homes', title: ['住户', 'Homes'], who: ['grid_worker', 'officer'], load: () => import('./Homes.svelte') },
    { path: '/home-codes', title: ['住户码', 'Home codes'], who: ['grid_worker', 'officer'], load: () => import('./HomeCodes.svelte') },
    { path: '/roles', title: ['角色授权', 'Roles'], who: ['officer'], load: () => import('./Roles.svelte') },
  ],
  tiles: [
    { path: '/homes', label: ['住户', 'Homes'], icon: 'home', who: ['grid_worker', 'officer'], order: 40 },
    { path: '/home-codes', label: ['打印住户码', 'Print home codes'], icon: 'print', who: ['grid_worker', 'officer'], order: 70 },
    { path: '/roles', label: ['角色授权', 'Grant roles'], icon: 'key', who: ['officer'], order: 80 },
  ],
} satisfies Feature;
