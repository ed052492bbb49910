import { defineConfig } from 'vite';

/** Where `vite` (the development server) finds a running router; the build needs none. */
const router = process.env['LANCELL_ROUTER'] ?? 'http://127.0.0.1:8411';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/gui',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The console's content security policy allows neither data: addresses nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  server: {
    strictPort: true,
    // The router refuses what comes from pages of another origin: to it this server is the browser.
    proxy: Object.fromEntries(['/ws', '/api', '/plugin', '/metrics'].map((path) => [path, { target: router, ws: path === '/ws', changeOrigin: true, headers: { origin: router } }])),
  },
});
