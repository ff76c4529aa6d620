import type { ModelFolder as EngineFolder } from '../src/engine/model/folder.ts';
import { blobSource } from '../src/engine/sources/blob.ts';
import type { ModelFolder } from './protocol.ts';

/** The page's folder of blobs as the engine reads it: piece by piece. */
export function engineFolder({ name, origin, files, model, task }: ModelFolder): EngineFolder {
  return {
    name,
    origin,
    ...(model !== undefined && { model }),
    files: files.map(({ path, blob }) => ({ path, source: blobSource(blob) })),
    ...(task && { task }),
  };
}
