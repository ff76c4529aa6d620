import { LatheError } from '../../errors/lathe-error.ts';
import type { Model } from '../types.ts';
import { Constants } from './constants.ts';
import { GraphBuilder } from './graph-builder.ts';
import { attention, sharedValues } from './llama-attention.ts';
import type { LlamaGraph, SharedValues } from './llama-attention.ts';
import { checkLlamaConfig, headSizeOf } from './llama-config.ts';
import type { LlamaBlockWeights, LlamaConfig, LlamaWeights } from './llama-config.ts';
import { turnedValues, type WeightValues } from './weight-values.ts';

/**
 * A Llama-like language model as an ONNX graph of standard operators (opset 17), the way exporters
 * write it: x ← E[ids]; per block x += O·attention(RMSNorm(x)), x += D·(SiLU(G·h) ⊙ U·h) with
 * h = RMSNorm(x); logits = H·RMSNorm(x). Input `input_ids` [batch, sequence] int64, output `logits`
 * [batch, sequence, vocabulary] float32. Every linear map is one MatMul with its own initializer
 * [in, out] under its Hugging Face name, e.g. `model.layers.0.self_attn.q_proj.weight`.
 * @throws LatheError `llama-config` or `llama-weights` (sizes that do not fit together)
 * @see Touvron et al. 2023, arXiv:2302.13971
 */
export function buildLlama(config: LlamaConfig, weights: LlamaWeights<WeightValues>): Model {
  checkLlamaConfig(config);
  const g = new GraphBuilder('llama');
  const graph: LlamaGraph = { g, constants: new Constants(g), config };
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const embedding = addEmbedding(graph, weights);
  const normalized = g.scope('model', () => body(graph, ids, embedding, weights));
  const logits = g.scope('lm_head', () => head(graph, normalized, embedding, weights));
  g.output(logits, 'float32', ['batch', 'sequence', config.vocabularySize], 'logits');
  return g.finish();
}

function body(
  graph: LlamaGraph,
  ids: string,
  embedding: string,
  weights: LlamaWeights<WeightValues>,
): string {
  const { g } = graph;
  let x = g.scope('embed_tokens', () => g.op('Gather', [embedding, ids], { axis: 0 }));
  const shared = sharedValues(graph, ids);
  weights.blocks.forEach((block, index) => {
    x = g.scope(`layers.${index}`, () => llamaBlock(graph, x, block, index, shared));
  });
  return g.scope('norm', () => rmsNorm(graph, x, 'model.norm', weights.finalNorm));
}

function llamaBlock(
  graph: LlamaGraph,
  x: string,
  weights: LlamaBlockWeights<WeightValues>,
  index: number,
  shared: SharedValues,
): string {
  const { g } = graph;
  const prefix = `model.layers.${index}`;
  const attended = selfAttention(graph, x, weights, prefix, shared);
  const middle = g.op('Add', [x, attended]);
  return g.op('Add', [middle, feedForward(graph, middle, weights, prefix)]);
}

function selfAttention(
  graph: LlamaGraph,
  x: string,
  weights: LlamaBlockWeights<WeightValues>,
  prefix: string,
  shared: SharedValues,
): string {
  const { g, config } = graph;
  const width = config.heads * headSizeOf(config);
  const keyWidth = config.keyValueHeads * headSizeOf(config);
  const name = `${prefix}.input_layernorm`;
  const normalized = g.scope('input_layernorm', () =>
    rmsNorm(graph, x, name, weights.attentionNorm),
  );
  return g.scope('self_attn', () => {
    const name = (part: string) => `${prefix}.self_attn.${part}`;
    const project = (part: string, weight: WeightValues, outFeatures: number) =>
      linear(graph, normalized, name(part), weight, [outFeatures, config.hiddenSize]);
    const projected = {
      query: project('q_proj', weights.query, width),
      key: project('k_proj', weights.key, keyWidth),
      value: project('v_proj', weights.value, keyWidth),
    };
    const mixed = attention(graph, projected, shared);
    return linear(graph, mixed, name('o_proj'), weights.attentionOutput, [
      config.hiddenSize,
      width,
    ]);
  });
}

function feedForward(
  graph: LlamaGraph,
  x: string,
  weights: LlamaBlockWeights<WeightValues>,
  prefix: string,
): string {
  const { g, config } = graph;
  const { hiddenSize, feedForwardWidth } = config;
  const h = g.scope('post_attention_layernorm', () =>
    rmsNorm(graph, x, `${prefix}.post_attention_layernorm`, weights.feedForwardNorm),
  );
  return g.scope('mlp', () => {
    const name = (part: string) => `${prefix}.mlp.${part}`;
    const gate = linear(graph, h, name('gate_proj'), weights.gate, [feedForwardWidth, hiddenSize]);
    const up = linear(graph, h, name('up_proj'), weights.up, [feedForwardWidth, hiddenSize]);
    const activated = g.scope('act_fn', () => g.op('Mul', [gate, g.op('Sigmoid', [gate])]));
    const gated = g.op('Mul', [activated, up]);
    return linear(graph, gated, name('down_proj'), weights.down, [hiddenSize, feedForwardWidth]);
  });
}

/** x / √(mean(x²) + ε) ⊙ γ over the last axis (Zhang & Sennrich 2019, arXiv:1910.07467). */
function rmsNorm(
  { g, constants, config }: LlamaGraph,
  x: string,
  name: string,
  weight: WeightValues,
): string {
  requireSize(name, weight, config.hiddenSize);
  const gamma = g.floats(`${name}.weight`, [config.hiddenSize], weight);
  const epsilon = config.normEpsilon ?? 1e-5;
  if (config.norm === 'fused') {
    const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
    return g.op('SimplifiedLayerNormalization', [x, gamma], attributes);
  }
  const square = g.op('Pow', [x, constants.float(2)]);
  const mean = g.op('ReduceMean', [square], { axes: [-1], keepdims: 1 });
  const root = g.op('Sqrt', [g.op('Add', [mean, constants.float(epsilon)])]);
  return g.op('Mul', [g.op('Div', [x, root]), gamma]);
}

/** y = x·Wᵀ as a MatMul with the initializer `name.weight` = Wᵀ [in, out]. */
function linear(
  { g }: LlamaGraph,
  x: string,
  name: string,
  weight: WeightValues,
  [outFeatures, inFeatures]: readonly [number, number],
): string {
  requireSize(name, weight, outFeatures * inFeatures);
  const transposed = turnedValues(weight, outFeatures, inFeatures);
  const initializer = g.floats(`${name}.weight`, [inFeatures, outFeatures], transposed);
  return g.scope(name.slice(name.lastIndexOf('.') + 1), () => g.op('MatMul', [x, initializer]));
}

function addEmbedding(
  { g, config }: LlamaGraph,
  { embedding }: LlamaWeights<WeightValues>,
): string {
  const dims = [config.vocabularySize, config.hiddenSize];
  requireSize('model.embed_tokens', embedding, dims[0] * dims[1]);
  return g.floats('model.embed_tokens.weight', dims, embedding);
}

function head(
  graph: LlamaGraph,
  x: string,
  embedding: string,
  weights: LlamaWeights<WeightValues>,
): string {
  const { g, config } = graph;
  if (weights.head === 'embedding') {
    return g.op('MatMul', [x, g.op('Transpose', [embedding], { perm: [1, 0] })]);
  }
  requireSize('lm_head', weights.head, config.vocabularySize * config.hiddenSize);
  const transposed = turnedValues(weights.head, config.vocabularySize, config.hiddenSize);
  const dims = [config.hiddenSize, config.vocabularySize];
  return g.op('MatMul', [x, g.floats('lm_head.weight', dims, transposed)]);
}

function requireSize(name: string, values: WeightValues, expected: number): void {
  if (values.length === expected) return;
  throw new LatheError(
    'llama-weights',
    `"${name}.weight" holds ${values.length} values where the configuration needs ${expected}; use the configuration the weights were trained with.`,
  );
}
