import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openModel } from '../../src/engine/model/open.ts';
import { engineFolder } from '../folder.ts';
import { modelView } from './model-view.ts';

function sample(name: string) {
  const bytes = readFileSync(new URL(`../../public/samples/${name}/model.onnx`, import.meta.url));
  const files = [{ path: 'model.onnx', blob: new Blob([bytes]) }];
  return engineFolder({ name, origin: 'file', files });
}

it('counts each weight once: no copy of the embedding, no table of angles', async () => {
  const view = await modelView(await openModel(sample('stories')));
  const stored = view.tensors.filter(({ dims }) => dims.length > 0);
  const elements = stored.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
  // As llama2.c counts stories260K: the file holds 512 × 64 and 2 × 512 × 4 numbers more.
  expect(view.parameters).toBe(260_032);
  expect(elements).toBeGreaterThan(view.parameters + 512 * 64);
});
