import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import { initialLlamaWeights } from '../../src/core/onnx/build/initial-weights.ts';
import type { LlamaConfig } from '../../src/core/onnx/build/llama-config.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { decodersFolder } from './tiny-decoder.ts';

/** Words the model knows; texts that are made for it hold the first forty. */
const WORDS = 160;

/** Everything that a method may cut or share is there more than once. */
const SIZES: LlamaConfig = {
  vocabularySize: WORDS,
  hiddenSize: 32,
  feedForwardWidth: 64,
  blocks: 4,
  heads: 4,
  keyValueHeads: 4,
  maxPositions: 24,
  rotary: 'half-split',
};

/**
 * A Llama of four blocks with four heads each, whose output head is a copy of its embedding, as exporters write a
 * tied one: the smallest model in which every cut, every way of sharing and every table finds something.
 */
export function wordsLlama(): Promise<ModelFolder> {
  const weights = initialLlamaWeights(SIZES, 7, 0.3);
  const model = buildLlama(SIZES, { ...weights, head: Float32Array.from(weights.embedding) });
  return decodersFolder({ 'model.onnx': model }, WORDS);
}
