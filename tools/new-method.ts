/**
 * `npm run new-method -- family/id`: a folder of a method that plans nothing yet and says so, with its test; listed in
 * the catalog, the registry and the docs. CONTRIBUTING.md goes on from there.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAMILY_ORDER } from '../src/core/methods/families.ts';
import { methodFolders } from './generate-registry.ts';
import { folderOf, methodFiles } from './new-method/from-template.ts';
import { methodNames } from './new-method/names.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

async function main(argument: string | undefined): Promise<void> {
  const taken = methodFolders().map((folder) => folder.split('/')[1]);
  const names = methodNames(argument, FAMILY_ORDER, taken);
  const folder = folderOf(names);
  mkdirSync(join(ROOT, folder), { recursive: true });
  for (const [path, text] of await methodFiles(names)) writeFileSync(join(ROOT, path), text);
  // A process of its own: what is loaded here does not know the new folder.
  const { status } = spawnSync('npm', ['run', '--silent', 'generate'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0)
    throw new Error('The folder is made, but "npm run generate" failed; run it again.');
  console.log(`${folder} is made and listed. Its test: npm run test:watch -- ${folder}`);
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
