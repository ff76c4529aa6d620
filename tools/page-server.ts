import { createServer, type ViteDevServer } from 'vite';

/** A server for a page of the tools: cross-origin isolated, with both builds of onnxruntime-web made ready. */
export async function pageServer(): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: false,
    logLevel: 'error',
    server: {
      port: 0,
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
    optimizeDeps: { include: ['onnxruntime-web/webgpu', 'onnxruntime-web/wasm', 'zod'] },
  });
  return server.listen();
}
