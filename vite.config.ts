import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { offlinePage } from './tools/offline-plugin.ts';

/** `public/_headers` is the one source of the response headers: hosts, dev and preview all use it. */
function securityHeaders(): Record<string, string> {
  const everyPath = readFileSync(new URL('./public/_headers', import.meta.url), 'utf8').split(
    '\n\n',
  )[0];
  const pairs = everyPath
    .split('\n')
    .slice(1)
    .map(
      (line) =>
        line
          .trim()
          .split(/:\s(.*)/s)
          .slice(0, 2) as [string, string],
    );
  return Object.fromEntries(pairs.filter(([name]) => name !== ''));
}

/** Hot reload injects an inline script (given this nonce) and inline styles; the built page has neither. */
const DEV_NONCE = 'hot-reload';

function relaxedForDevelopment(headers: Record<string, string>): Record<string, string> {
  const policy = headers['Content-Security-Policy']
    .replace('script-src', `script-src 'nonce-${DEV_NONCE}'`)
    .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
  return { ...headers, 'Content-Security-Policy': policy };
}

/** Static hosts without rewrite rules answer deep links with 404.html: it is the same page. */
function notFoundPage(): Plugin {
  return {
    name: 'lathe-404',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type === 'asset') {
        this.emitFile({ type: 'asset', fileName: '404.html', source: page.source });
      }
    },
  };
}

/** What the gallery needs is fetched while the shell is still being evaluated, not after it. */
const GALLERY = /\/(sample-index|zod-without-eval|showcase)-[\w-]+\.js$/;

function galleryEarly(): Plugin {
  return {
    name: 'lathe-gallery',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) => [
        ...Object.keys(bundle)
          .filter((file) => GALLERY.test(`/${file}`))
          .map((file) => ({
            tag: 'link',
            injectTo: 'head' as const,
            attrs: {
              rel: 'modulepreload',
              crossorigin: true,
              fetchpriority: 'low',
              href: `${base}${file}`,
            },
          })),
        {
          tag: 'link',
          injectTo: 'head' as const,
          attrs: {
            rel: 'preload',
            as: 'fetch',
            crossorigin: true,
            href: `${base}samples/index.json`,
          },
        },
      ],
    },
  };
}

const base = process.env['LATHE_BASE'] ?? '/';

export default defineConfig(({ command, isPreview }) => {
  const headers = securityHeaders();
  const development = command === 'serve' && isPreview !== true;
  return {
    base,
    plugins: [react(), galleryEarly(), notFoundPage(), offlinePage(headers)],
    worker: { format: 'es' },
    build: { target: 'esnext', manifest: true },
    html: development ? { cspNonce: DEV_NONCE } : {},
    optimizeDeps: {
      // Threads are crawled too: a dependency found late would reload the page.
      entries: ['index.html', 'workers/*.worker.ts'],
      include: ['comlink', 'onnxruntime-web/webgpu', 'onnxruntime-web/wasm'],
    },
    // `vite preview` starts from the server's headers, so these must be strict unless developing.
    server: { headers: development ? relaxedForDevelopment(headers) : headers },
    preview: { headers },
  };
});
