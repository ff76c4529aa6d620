import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const METHODS = fileURLToPath(new URL('../src/core/methods/', import.meta.url));
const TARGET = `${METHODS}registry.generated.ts`;

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

/** The text of `registry.generated.ts` for the folders that exist now. */
export async function registryText(): Promise<string> {
  const folders = methodFolders();
  const imports = folders.map(
    (folder, i) => `import { method as method${i} } from './${folder}/index.ts';`,
  );
  const list = folders.map((_, i) => `method${i}`).join(', ');
  const text = `// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { Method } from './contract.ts';
${imports.join('\n')}

export const METHODS: readonly Method[] = [${list}];
`;
  const options = await prettier.resolveConfig(TARGET);
  return prettier.format(text, { ...options, filepath: TARGET });
}

/** True when the checked-in registry is what the folders give. */
export async function registryIsCurrent(): Promise<boolean> {
  return existsSync(TARGET) && readFileSync(TARGET, 'utf8') === (await registryText());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, await registryText());
