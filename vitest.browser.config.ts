import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, chromiumPath } from './tools/chromium.ts';

/** Cross-origin isolation, without which WASM has no threads. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Tests that run inside the system's Chromium: WASM threads and WebGPU's software adapter. */
export default defineConfig({
  server: { headers: isolation },
  optimizeDeps: {
    include: ['comlink', 'onnxruntime-web/webgpu', 'onnxruntime-web/wasm', 'zod'],
  },
  test: {
    name: 'browser',
    include: ['test/browser/**/*.browser.test.{ts,tsx}'],
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_FLAGS },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
