import { GraphBuilder } from '../../src/core/onnx/build/graph-builder.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { wordTokenizer, WORDS } from './tiny-decoder.ts';

const HIDDEN = 32;

interface Sizes {
  readonly hidden?: number;
}

/** `input_ids` to `last_hidden_state`: a table and two layers. */
export function tinyEncoder({ hidden = HIDDEN }: Sizes = {}): Model {
  const g = new GraphBuilder('encoder');
  const ids = g.input('input_ids', 'int64', ['batch_size', 'encoder_length']);
  g.input('attention_mask', 'int64', ['batch_size', 'encoder_length']);
  const x = layer(g, g.op('Gather', [weight(g, 'shared', WORDS, hidden), ids]), 'up', hidden);
  g.output(
    g.op('Tanh', [layer(g, x, 'down', hidden)]),
    'float32',
    ['batch_size', 'encoder_length', hidden],
    'last_hidden_state',
  );
  return g.finish();
}

/** `input_ids` and `encoder_hidden_states` to `logits`: each position sees the mean of what was encoded. */
export function tinyDecoder({ hidden = HIDDEN }: Sizes = {}): Model {
  const g = new GraphBuilder('decoder');
  const ids = g.input('input_ids', 'int64', ['batch_size', 'length']);
  const encoded = g.input('encoder_hidden_states', 'float32', [
    'batch_size',
    'encoder_length',
    hidden,
  ]);
  const seen = g.op('ReduceMean', [encoded], { axes: [1], keepdims: 1 });
  const table = weight(g, 'shared', WORDS, hidden);
  const x = g.op('Add', [g.op('Gather', [table, ids]), layer(g, seen, 'cross', hidden)]);
  const head = g.op('MatMul', [g.op('Tanh', [x]), weight(g, 'lm_head', hidden, WORDS)]);
  g.output(head, 'float32', ['batch_size', 'length', WORDS], 'logits');
  return g.finish();
}

function layer(g: GraphBuilder, x: string, name: string, hidden: number): string {
  return g.op('MatMul', [x, weight(g, name, hidden, hidden)]);
}

function weight(g: GraphBuilder, name: string, rows: number, columns: number): string {
  const random = seededRandom(3, name);
  const values = Float32Array.from({ length: rows * columns }, () => random.next() - 0.5);
  return g.floats(name, [rows, columns], values);
}

export const TINY_CONFIG = {
  model_type: 't5',
  architectures: ['T5ForConditionalGeneration'],
  is_encoder_decoder: true,
  d_model: HIDDEN,
  num_layers: 1,
  num_decoder_layers: 1,
  num_heads: 2,
  d_kv: 16,
  vocab_size: WORDS,
  decoder_start_token_id: 0,
  eos_token_id: 1,
  pad_token_id: 0,
};

/** Models and JSON files as a folder, in Hugging Face layout. */
export async function folderWith(
  name: string,
  models: Readonly<Record<string, Model>>,
  json: Readonly<Record<string, unknown>>,
): Promise<ModelFolder> {
  const written = Object.entries(models).map(async ([path, model]) => ({
    path,
    source: bytesSource(await writeModel(model)),
  }));
  const company = Object.entries(json).map(([path, value]) => ({
    path,
    source: bytesSource(new TextEncoder().encode(JSON.stringify(value))),
  }));
  return { name, origin: 'file', files: [...company, ...(await Promise.all(written))] };
}

/** An encoder and a decoder that belong together, as Optimum lays them out. */
export function tinyPartsFolder(
  models: Readonly<Record<string, Model>> = {
    'onnx/decoder_model_merged.onnx': tinyDecoder(),
    'onnx/encoder_model.onnx': tinyEncoder(),
  },
): Promise<ModelFolder> {
  return folderWith('tiny-t5', models, {
    'config.json': TINY_CONFIG,
    'tokenizer.json': wordTokenizer(),
    'tokenizer_config.json': { tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 24 },
  });
}
