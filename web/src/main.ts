import { mount } from 'svelte';
import App from './App.svelte';
import './kit/tokens.css';
import './kit/base.css';
import { look } from './kit/look.svelte';
import { session } from './kit/session.svelte';
import { reader } from './kit/text.svelte';

look.apply();
document.documentElement.lang = reader.locale;
await session.open();
const target = document.getElementById('app');
if (target) mount(App, { target });

// The pages open without a network from the second visit on; the browser allows it over HTTPS and on loopback alone.
if ('serviceWorker' in navigator && import.meta.env.PROD) void navigator.serviceWorker.register('/sw.js').catch(() => undefined);
