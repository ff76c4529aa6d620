import { readModel } from '../../core/onnx/read.ts';
import type { Model } from '../../core/onnx/types.ts';
import { externalResolver } from './folder.ts';
import type { ModelPart } from './parts.ts';
import type { FolderFile, ModelFolder } from './types.ts';
import { partPlace } from '../../core/companions/parts.ts';

/** The graph of a part that is not opened; nothing when it cannot be read. */
export async function readPart(folder: ModelFolder, part: ModelPart): Promise<Model | undefined> {
  const file = folder.files.find(({ path }) => path === part.path);
  if (file === undefined) return undefined;
  return readModel(file.source, { external: externalResolver(folder, file) }).catch(
    () => undefined,
  );
}

/** All files of a part: the graph's, then those its weights lie in. */
export async function partFiles(folder: ModelFolder, part: ModelPart): Promise<FolderFile[]> {
  const model = await readPart(folder, part);
  const external = model?.graph.initializers.flatMap((t) => t.external?.path ?? []) ?? [];
  const paths = [part.path, ...new Set(external.map((path) => partPlace(part) + path).sort())];
  return paths.flatMap((path) => folder.files.find((file) => file.path === path) ?? []);
}

export function bytesOfFiles(files: readonly FolderFile[]): number {
  return files.reduce((sum, { source }) => sum + source.byteLength, 0);
}
