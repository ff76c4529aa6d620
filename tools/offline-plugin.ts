/** Builds `workers/offline.worker.ts` into `sw.js`, with the list of all that the build consists of. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import type { OfflineList } from '../workers/offline/offline-list.ts';

const ENTRY = fileURLToPath(new URL('../workers/offline.worker.ts', import.meta.url));

/** For hosts, not for pages. */
const NOT_SERVED = /^(_headers|404\.html|\.vite\/.*|sw\.js)$/;
const LATER = /^samples\/|\.wasm$/;
/** The build of ONNX Runtime that WebGPU needs, and its scripts. */
const WEBGPU_ONLY = /asyncify.*\.wasm$/;

export function offlinePage(headers: Readonly<Record<string, string>>): Plugin {
  let publicFolder = '';
  return {
    name: 'lathe-offline',
    apply: 'build',
    enforce: 'post',
    configResolved: ({ publicDir }) => void (publicFolder = publicDir),
    async generateBundle(_options, bundle) {
      const built = Object.values(bundle).map((file) => ({
        path: file.fileName,
        content: file.type === 'asset' ? file.source : file.code,
      }));
      const copied = filesUnder(publicFolder).map((path) => ({
        path,
        content: readFileSync(join(publicFolder, path)),
      }));
      const list = offlineList([...built, ...copied], headers);
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: await script(list) });
    },
  };
}

interface BuiltFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

export function offlineList(
  files: readonly BuiltFile[],
  headers: OfflineList['headers'],
): OfflineList {
  const served = files
    .filter(({ path }) => !NOT_SERVED.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(headers));
  for (const { path, content } of served) hash.update(`\0${path}\0`).update(content);
  // Hosts may redirect index.html to the folder, and a redirected answer is no page.
  const paths = served.map(({ path }) => (path === 'index.html' ? '' : path));
  return {
    version: hash.digest('hex').slice(0, 16),
    shell: paths.filter((path) => !LATER.test(path)),
    later: paths.filter((path) => LATER.test(path)),
    webgpuOnly: paths.filter((path) => WEBGPU_ONLY.test(path)),
    headers,
  };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** One classic script: not every browser runs service workers that are modules. */
async function script(list: OfflineList): Promise<string> {
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { OFFLINE_LIST: JSON.stringify(list) },
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: { input: ENTRY, output: { format: 'iife' } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!('output' in output)) throw new Error('The service worker was not built.');
  return output.output[0].code;
}
