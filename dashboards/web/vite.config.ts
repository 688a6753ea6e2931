// Build of the page. The API is proxied to a running station in development; nothing else is
// ever fetched from another host.
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

import { overviewSize } from './overview-size.config.ts';

const STATION_URL = process.env['SISKIN_URL'] ?? 'http://127.0.0.1:8080';
const proxy = { '/api': { target: STATION_URL, changeOrigin: false } };

export default defineConfig({
  plugins: [vue(), overviewSize()],
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2022',
    sourcemap: false,
    // The map library, which is loaded only where a map is drawn.
    chunkSizeWarningLimit: 1_100,
    rolldownOptions: {
      output: {
        // The chart library changes less often than the page: its own file.
        codeSplitting: {
          groups: [{ name: 'charts', test: /node_modules[\\/](echarts|zrender|tslib)[\\/]/ }],
        },
      },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
