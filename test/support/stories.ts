import { readFileSync } from 'node:fs';
import { recognise } from '../../src/core/anatomy/recognise.ts';
import type { Anatomy } from '../../src/core/anatomy/types.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import { readLlama2c } from '../../tools/samples/llama2c.ts';
import type { Model } from '../../src/core/onnx/types.ts';

const FILE = new URL('../fixtures/stories260K/stories260K.bin', import.meta.url);

/** The stories model as a graph, and what is recognised in it. */
export function storiesModel(): { readonly model: Model; readonly anatomy: Anatomy } {
  const { config, weights } = readLlama2c(new Uint8Array(readFileSync(FILE)));
  const model = buildLlama(config, weights);
  return { model, anatomy: recognise(model) };
}
