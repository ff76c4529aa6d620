import type { ExternalFile } from './model-bytes.ts';
import type { CreateSession } from './ort-runtime.ts';
import { readModel } from '../core/onnx/read.ts';
import { bytesSource } from '../core/onnx/source.ts';
import type { Model } from '../core/onnx/types.ts';
import type { OrtModule, OrtSessionOptions } from './ort.ts';

/** The few calls of Node's standard library that are used here; this layer also runs in pages. */
interface NodeFiles {
  mkdtemp(prefix: string): Promise<string>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, data: Uint8Array): Promise<void>;
  rm(path: string, options: { recursive: true; force: true }): Promise<void>;
}
interface NodePaths {
  join(...parts: string[]): string;
  dirname(path: string): string;
}

/**
 * The Node binding knows no `externalData` option: weights outside the graph must lie in a folder
 * beside it. They are put into a temporary one, which goes away with the session.
 */
export function createWithFiles(ort: OrtModule): CreateSession {
  return async (bytes, external, options) => {
    if (external.length === 0) {
      return {
        session: await ort.InferenceSession.create(bytes, options),
        cleanUp: async () => {},
      };
    }
    const folder = await writeFolder(bytes, external);
    try {
      const session = await ort.InferenceSession.create(folder.model, options);
      return { session, cleanUp: folder.remove };
    } catch (error) {
      await folder.remove();
      throw error;
    }
  };
}

/** The graph that the Node binding's session runs: it writes it into a file, which is read and removed. */
export async function optimizedGraph(
  ort: OrtModule,
  bytes: Uint8Array,
  options: OrtSessionOptions,
): Promise<Model> {
  const { files, paths, temporary } = await nodeModules();
  const folder = await files.mkdtemp(paths.join(temporary, 'lathe-'));
  const optimizedModelFilePath = paths.join(folder, 'optimized.onnx');
  try {
    // Operators of one processor only are no model any more: a warning that nobody needs.
    const quiet = { logSeverityLevel: 4, graphOptimizationLevel: 'all' } as const;
    const own = { ...options, ...quiet, optimizedModelFilePath };
    await (await ort.InferenceSession.create(bytes, own)).release();
    return await readModel(bytesSource(await files.readFile(optimizedModelFilePath)));
  } finally {
    await files.rm(folder, { recursive: true, force: true });
  }
}

async function writeFolder(bytes: Uint8Array, external: readonly ExternalFile[]) {
  const { files, paths, temporary } = await nodeModules();
  const folder = await files.mkdtemp(paths.join(temporary, 'lathe-'));
  const model = paths.join(folder, 'model.onnx');
  await files.writeFile(model, bytes);
  for (const { path, data } of external) {
    const target = paths.join(folder, path);
    await files.mkdir(paths.dirname(target), { recursive: true });
    await files.writeFile(target, data);
  }
  return { model, remove: () => files.rm(folder, { recursive: true, force: true }) };
}

async function nodeModules() {
  const load = (name: string) => import(/* @vite-ignore */ name) as Promise<unknown>;
  const files = (await load('node:fs/promises')) as NodeFiles;
  const paths = (await load('node:path')) as NodePaths;
  const system = (await load('node:os')) as { tmpdir(): string };
  return { files, paths, temporary: system.tmpdir() };
}
