import { svelte } from '@sveltejs/vite-plugin-svelte';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { compress } from './build/compress.ts';

const SERVER = `http://localhost:${process.env.PORT ?? '8000'}`;

export default defineConfig({
  plugins: [
    svelte(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: {
        name: '邻里 Linli',
        short_name: '邻里',
        description: '封闭小区的互助与配送 · Mutual help and deliveries for a closed community',
        lang: 'zh-CN',
        display: 'standalone',
        start_url: '/',
        theme_color: '#0b6e4f',
        background_color: '#f6f5f0',
        icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg}'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/api\//, /^\/socket\.io/, /^\/healthz/, /^\/readyz/, /^\/metrics/],
      },
    }),
    compress('dist'),
  ],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // What nearly every page uses travels as one file, and so does a resident's path: a dozen small ones pack worse.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'kit', test: /src\/kit\/(Page|Loaded|Trouble|Icon|Speak|attempt|resource|format|draft|live|router|feature)\b/ },
            { name: 'needs', test: /src\/core\/(home\/(Home|Underway)|needs\/(MyNeeds|NewNeed|NeedDetail|NeedActions|NeedCard|StateBadge|Timeline|KindPicker|LinesPicker|WhenPicker|draft|words))\b/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': SERVER, '/socket.io': { target: SERVER, ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
