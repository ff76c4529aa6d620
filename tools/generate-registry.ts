import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const METHODS = fileURLToPath(new URL('../src/core/methods/', import.meta.url));

/** `<family>/<method>` of every method folder, sorted: a new method is a new folder and nothing else. */
export function methodFolders(): string[] {
  return readdirSync(METHODS, { withFileTypes: true })
    .filter((family) => family.isDirectory())
    .flatMap((family) =>
      readdirSync(METHODS + family.name, { withFileTypes: true })
        .filter((method) => method.isDirectory())
        .map((method) => `${family.name}/${method.name}`),
    )
    .filter((folder) => existsSync(`${METHODS}${folder}/index.ts`))
    .sort();
}

interface List {
  readonly file: string;
  /** What is taken from each folder, and from which of its files. */
  readonly exported: string;
  readonly from: string;
  readonly constant: string;
  readonly type: string;
}

const LISTS: readonly List[] = [
  {
    file: 'catalog.generated.ts',
    exported: 'meta',
    from: 'meta.ts',
    constant: 'METAS',
    type: 'MethodMeta',
  },
  {
    file: 'registry.generated.ts',
    exported: 'method',
    from: 'index.ts',
    constant: 'METHODS',
    type: 'Method',
  },
];

/**
 * The generated lists by file name, for the folders that exist now. Every method has lines of its own that
 * no other method's change, so that branches which add methods do not conflict.
 */
export function listTexts(folders = methodFolders()): ReadonlyMap<string, string> {
  return new Map(LISTS.map((list) => [list.file, listText(list, folders)]));
}

function listText({ exported, from, constant, type }: List, folders: readonly string[]): string {
  const imports = folders.map(
    (folder) => `import { ${exported} as ${nameOf(folder)} } from './${folder}/${from}';`,
  );
  const entries = folders.map((folder) => `  ${nameOf(folder)},`);
  return `// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { ${type} } from './contract.ts';
${imports.join('\n')}

// prettier-ignore
export const ${constant}: readonly ${type}[] = [
${entries.join('\n')}
];
`;
}

/** `round-to-nearest` → `roundToNearest`. */
function nameOf(folder: string): string {
  const id = folder.split('/').at(-1) ?? '';
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Names of the checked-in lists that are not what the folders give. */
export function staleLists(): readonly string[] {
  return [...listTexts()]
    .filter(([file, text]) => {
      const path = METHODS + file;
      return !existsSync(path) || readFileSync(path, 'utf8') !== text;
    })
    .map(([file]) => file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of listTexts()) writeFileSync(METHODS + file, text);
}
