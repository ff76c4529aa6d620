import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import type { MethodNames } from './names.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A real folder of a method: it is compiled, linted and tested like everything else. */
const TEMPLATE = 'tools/new-method/template';

/** How the template is called in its own files. */
const PLACEHOLDER: MethodNames = {
  family: 'quantization',
  id: 'new-method',
  constant: 'newMethod',
  title: 'New method',
};

/** The folder a method lives in, from the repository's root. */
export function folderOf({ family, id }: MethodNames): string {
  return `src/core/methods/${family}/${id}`;
}

/** The files of a new method by path from the repository's root: the template under other names, in another place. */
export async function methodFiles(names: MethodNames): Promise<ReadonlyMap<string, string>> {
  const folder = folderOf(names);
  const files = new Map<string, string>();
  for (const name of readdirSync(join(ROOT, TEMPLATE))) {
    const path = `${folder}/${name.replace(PLACEHOLDER.id, names.id)}`;
    const text = readFileSync(join(ROOT, TEMPLATE, name), 'utf8');
    files.set(path, await format(path, renamed(moved(text, folder), names)));
  }
  return files;
}

/** Imports of other folders as they read from the new place. */
function moved(text: string, folder: string): string {
  return text.replace(/(from ')(\.\.\/[^']+)(')/g, (_, before, path: string, after) => {
    const target = normalize(join(TEMPLATE, path));
    return `${before}${relative(folder, target)}${after}`;
  });
}

function renamed(text: string, { family, id, constant, title }: MethodNames): string {
  return text
    .replaceAll(`family: '${PLACEHOLDER.family}'`, `family: '${family}'`)
    .replaceAll(PLACEHOLDER.constant, constant)
    .replaceAll(PLACEHOLDER.title, title)
    .replaceAll(PLACEHOLDER.id, id);
}

async function format(path: string, text: string): Promise<string> {
  const options = await prettier.resolveConfig(join(ROOT, dirname(path), 'x.ts'));
  return prettier.format(text, { ...options, filepath: path });
}
