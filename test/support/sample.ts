import { readdir, readFile } from 'node:fs/promises';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import { MemoryStorage } from '../../src/engine/storage/memory.ts';
import type { Storage } from '../../src/engine/storage/types.ts';
import type { Host } from '../../src/engine/host.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';

/** A shipped sample, in memory. */
export async function sampleModel(name: string): Promise<ModelFolder> {
  const folder = new URL(`../../public/samples/${name}/`, import.meta.url);
  const files = await Promise.all(
    (await readdir(folder)).map(async (path) => {
      const bytes = await readFile(new URL(path, folder));
      return { path, source: bytesSource(new Uint8Array(bytes)) };
    }),
  );
  return { name, origin: `sample:${name}`, files };
}

export function testHost(storage: Storage = new MemoryStorage(), threads = 1): Host {
  return {
    storage,
    runtime: () => createWasmRuntime({ threads }),
    now: () => Date.now(),
    statistics: new Map(),
  };
}

/** Calibration small enough for tests. */
export const FEW = { data: 'sample:stories', samples: 4, length: 48 };

export function recipe(...steps: readonly unknown[]): Recipe {
  return parseRecipe({ version: 1, seed: 7, calibration: FEW, steps });
}
