/**
 * Writes every layout fixture and exported model as FOLDER/<number>.onnx with its inputs and name in
 * <number>.json, for `model_gradients.py`:
 *
 *   npx tsx test/golden/export-models.ts FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeModel } from '../../src/core/onnx/write.ts';
import { exportedModels } from '../fixtures/exports.ts';
import { layoutFixtures } from '../fixtures/layouts/all.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name the folder to write to.');
mkdirSync(folder, { recursive: true });
for (const [index, { name, model, feeds }] of [...layoutFixtures, ...exportedModels].entries()) {
  const path = join(folder, String(index).padStart(2, '0'));
  writeFileSync(`${path}.onnx`, await writeModel(await model()));
  writeFileSync(`${path}.json`, JSON.stringify({ name, feeds }));
}
