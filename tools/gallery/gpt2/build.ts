import { EncoderParts, type EncoderSizes } from '../../../src/core/onnx/build/encoder-parts.ts';
import type { WeightSource } from '../../../src/core/onnx/build/initial-weights.ts';
import type { Model } from '../../../src/core/onnx/types.ts';

export interface Gpt2Config extends Omit<EncoderSizes, 'classes'> {
  readonly vocabularySize: number;
  readonly maxPositions: number;
}

/** Added to scores of tokens that come later: far below any score, and finite in float16. */
const LATER = -10000;

/**
 * A GPT-2-like language model in standard operators (opset 17), as PyTorch's exporter writes it: x = wte[ids] +
 * wpe[positions]; per block x += c_proj·attention(c_attn·LayerNorm(x)), x += c_proj·gelu(c_fc·LayerNorm(x)), with
 * queries, keys and values from one product and biases everywhere; LayerNorm; the head is wte again.
 * @see Radford et al. 2019
 */
export function buildGpt2(config: Gpt2Config, weights: WeightSource): Model {
  const { vocabularySize, hiddenSize, blocks } = config;
  const parts = new EncoderParts('gpt2', { normEpsilon: 1e-5, ...config, classes: 2 }, weights);
  const { g } = parts;
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const words = parts.weight('transformer.wte.weight', [vocabularySize, hiddenSize]);
  const length = parts.dimension(ids, 1);
  const places = g.op('Gather', [
    parts.weight('transformer.wpe.weight', [config.maxPositions, hiddenSize]),
    positions(parts, config, length),
  ]);
  let x = g.op('Add', [g.op('Gather', [words, ids]), places]);
  const mask = causalMask(parts, config, length);
  for (let index = 0; index < blocks; index++) {
    x = g.scope(`h.${index}`, () => block(parts, config, x, `transformer.h.${index}`, mask));
  }
  const last = parts.layerNorm(x, 'transformer.ln_f');
  const scores = g.op('MatMul', [last, g.op('Transpose', [words], { perm: [1, 0] })]);
  g.output(scores, 'float32', ['batch', 'sequence', vocabularySize], 'logits');
  return g.finish();
}

/** 0 … length − 1, cut out of a stored row. */
function positions({ g, constants }: EncoderParts, config: Gpt2Config, length: string): string {
  const row = [...Array(config.maxPositions).keys()];
  const all = g.integers('constant_positions', row, [1, row.length]);
  return g.op('Slice', [all, constants.integers(0), length, constants.integers(1)]);
}

/** 0 where a token looks back, {@link LATER} elsewhere: [1, 1, length, length] of a stored square. */
function causalMask({ g, constants }: EncoderParts, config: Gpt2Config, length: string): string {
  const side = config.maxPositions;
  const square = Array.from({ length: side * side }, (_, k) =>
    k % side <= Math.floor(k / side) ? 0 : LATER,
  );
  const all = g.floats('constant_causal_mask', [1, 1, side, side], square);
  const ends = g.op('Concat', [length, length], { axis: 0 });
  return g.op('Slice', [all, constants.integers(0, 0), ends, constants.integers(2, 3)]);
}

function block(parts: EncoderParts, config: Gpt2Config, x: string, name: string, mask: string) {
  const { g, hiddenSize } = parts;
  const before = parts.layerNorm(x, `${name}.ln_1`);
  const mixed = g.scope('attn', () => attention(parts, config, before, `${name}.attn`, mask));
  const middle = g.op('Add', [
    x,
    parts.linear(mixed, `${name}.attn.c_proj`, hiddenSize, hiddenSize),
  ]);
  const after = parts.layerNorm(middle, `${name}.ln_2`);
  const wide = g.scope('mlp', () =>
    parts.feedForward(after, `${name}.mlp.c_fc`, `${name}.mlp.c_proj`),
  );
  return g.op('Add', [middle, wide]);
}

function attention(parts: EncoderParts, config: Gpt2Config, x: string, name: string, mask: string) {
  const { g, constants, hiddenSize } = parts;
  const size = hiddenSize / config.heads;
  const packed = parts.linear(x, `${name}.c_attn`, hiddenSize, 3 * hiddenSize);
  const widths = constants.integers(hiddenSize, hiddenSize, hiddenSize);
  const [q, k, v] = g.ops('Split', [packed, widths], 3, { axis: 2 }).map((part) => {
    const heads = g.op('Reshape', [part, constants.integers(0, 0, config.heads, size)]);
    return g.op('Transpose', [heads], { perm: [0, 2, 1, 3] });
  });
  const products = g.op('MatMul', [q, g.op('Transpose', [k], { perm: [0, 1, 3, 2] })]);
  const scores = g.op('Add', [g.op('Div', [products, constants.float(Math.sqrt(size))]), mask]);
  const mixed = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), v]);
  const turned = g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return g.op('Reshape', [turned, constants.integers(0, 0, hiddenSize)]);
}
