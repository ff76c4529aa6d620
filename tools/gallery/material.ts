import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Material } from './entry.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Reads from the folder named by `LATHE_MATERIAL`, else `../shared/models` beside the project. */
export function openMaterial(folder = process.env.LATHE_MATERIAL): Material {
  const base = folder ? resolve(folder) : join(ROOT, '../shared/models');
  return {
    file: (path) => {
      const full = join(base, path);
      if (existsSync(full)) return new Uint8Array(readFileSync(full));
      throw new Error(
        `The file "${path}" is not in the material folder; name the folder that holds it in LATHE_MATERIAL.`,
      );
    },
    packageFolder: (name) => {
      const folder = join(ROOT, 'node_modules', name);
      if (existsSync(join(folder, 'package.json'))) return dirname(join(folder, 'package.json'));
      throw new Error(`The package "${name}" is not installed; run npm ci first.`);
    },
  };
}
