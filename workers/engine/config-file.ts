import { z } from 'zod';
import { recognise } from '../../src/core/anatomy/recognise.ts';
import { methodById } from '../../src/core/methods/registry.ts';
import { companion, readJson } from '../../src/engine/model/folder.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { updatedConfig } from '../../src/engine/model/updated-config.ts';
import { readWritten, type WrittenModel } from '../../src/engine/model/written.ts';
import type { Trial } from '../../src/engine/trials/types.ts';
import type { BundleFile } from './bundle.ts';

/**
 * The model's `config.json` with the sizes of what the trial made of it, when a training put a smaller
 * student in its place; undefined when the file is true as it is.
 */
export async function configFile(
  { recipe }: Trial,
  written: WrittenModel,
  { folder, anatomy }: Pick<OpenModel, 'folder' | 'anatomy'>,
): Promise<BundleFile | undefined> {
  const trains = recipe.steps.some(
    ({ method, disabled }) =>
      disabled !== true && methodById(method).meta.needs.includes('training'),
  );
  const file = companion(folder, 'config.json');
  if (!trains || file === undefined) return undefined;
  const config = z.record(z.string(), z.unknown()).safeParse(await readJson(file));
  const after = recognise(await readWritten(written));
  const updated = config.success ? updatedConfig(config.data, anatomy, after) : undefined;
  if (updated === undefined) return undefined;
  const text = `${JSON.stringify(updated, null, 2)}\n`;
  return { path: 'config.json', blob: new Blob([text], { type: 'application/json' }) };
}
