import type { Model } from '../types.ts';
import { EncoderParts, type EncoderSizes } from './encoder-parts.ts';
import type { WeightSource } from './initial-weights.ts';

export interface BertConfig extends EncoderSizes {
  readonly vocabularySize: number;
  /** Rows of the position table: the longest sequence the graph takes. */
  readonly maxPositions: number;
  /**
   * What is classified: 'first' = tanh of a dense map of the first token (BERT's pooler), 'mean' =
   * the mean over the tokens that are no padding.
   */
  readonly pooling: 'first' | 'mean';
}

/** Added to the scores of padding: far below any score, and finite in float16. */
const PADDING = -10000;

/**
 * A BERT-like classifier of texts in standard operators (opset 17), as PyTorch's exporter writes it:
 * x = LayerNorm(E[ids] + P[positions]); per block x ← LayerNorm(x + O·attention(x)), then
 * x ← LayerNorm(x + D·gelu(U·x)) (post-norm); pooled, classified. Inputs `input_ids` and
 * `attention_mask` (1 = text, 0 = padding) [batch, sequence] int64, output `logits` [batch, classes].
 * @throws LatheError `encoder-config`, `encoder-weights`
 * @see Devlin et al. 2019, arXiv:1810.04805
 */
export function buildBert(config: BertConfig, weights: WeightSource): Model {
  const parts = new EncoderParts('bert', config, weights);
  const { g } = parts;
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const attended = g.input('attention_mask', 'int64', ['batch', 'sequence']);
  const kept = g.op('Cast', [attended], { to: 1 });
  let x = g.scope('embeddings', () => embeddings(parts, config, ids));
  const mask = paddingMask(parts, kept);
  for (let index = 0; index < config.blocks; index++) {
    x = g.scope(`encoder/layer.${index}`, () => block(parts, x, index, mask));
  }
  const pooled = config.pooling === 'mean' ? meanOf(parts, x, kept) : firstOf(parts, config, x);
  const logits = parts.gemm(pooled, 'classifier', config.hiddenSize, config.classes);
  g.output(logits, 'float32', ['batch', config.classes], 'logits');
  return g.finish();
}

function embeddings(parts: EncoderParts, config: BertConfig, ids: string): string {
  const { g, constants } = parts;
  const { hiddenSize, vocabularySize, maxPositions } = config;
  const words = parts.weight('bert.embeddings.word_embeddings.weight', [
    vocabularySize,
    hiddenSize,
  ]);
  const name = 'bert.embeddings.position_embeddings.weight';
  const places = parts.weight(name, [maxPositions, hiddenSize]);
  const all = g.integers(
    'bert.embeddings.position_ids',
    [...Array(maxPositions).keys()],
    [1, maxPositions],
  );
  const bounds = [constants.integers(0), parts.dimension(ids, 1), constants.integers(1)];
  const used = g.op('Slice', [all, ...bounds]);
  const sum = g.op('Add', [
    g.op('Gather', [words, ids], { axis: 0 }, { name: 'word_embeddings/Gather' }),
    g.op('Gather', [places, used], { axis: 0 }, { name: 'position_embeddings/Gather' }),
  ]);
  return parts.layerNorm(sum, 'bert.embeddings.LayerNorm');
}

/** (1 − mask)·PADDING, [batch, 1, 1, sequence]. */
function paddingMask({ g, constants }: EncoderParts, kept: string): string {
  const wide = g.op('Unsqueeze', [kept, constants.integers(1, 2)]);
  return g.op('Mul', [g.op('Sub', [constants.float(1), wide]), constants.float(PADDING)]);
}

function block(parts: EncoderParts, x: string, index: number, mask: string): string {
  const { g } = parts;
  const name = `bert.encoder.layer.${index}`;
  const attended = g.scope('attention', () => {
    const mixed = g.scope('self', () => parts.attention(x, `${name}.attention.self`, mask));
    return g.scope('output', () => {
      const output = `${name}.attention.output`;
      const hidden = parts.linear(mixed, `${output}.dense`, parts.hiddenSize, parts.hiddenSize);
      return parts.layerNorm(g.op('Add', [hidden, x]), `${output}.LayerNorm`);
    });
  });
  const wide = parts.feedForward(attended, `${name}.intermediate.dense`, `${name}.output.dense`);
  return g.scope('output', () =>
    parts.layerNorm(g.op('Add', [wide, attended]), `${name}.output.LayerNorm`),
  );
}

/** Σ mask·x / Σ mask over the sequence. */
function meanOf({ g, constants }: EncoderParts, x: string, kept: string): string {
  return g.scope('pooler', () => {
    const column = g.op('Unsqueeze', [kept, constants.integers(-1)]);
    const axes = constants.integers(1);
    const sum = g.op('ReduceSum', [g.op('Mul', [x, column]), axes], { keepdims: 0 });
    return g.op('Div', [sum, g.op('ReduceSum', [column, axes], { keepdims: 0 })]);
  });
}

function firstOf(parts: EncoderParts, { hiddenSize }: BertConfig, x: string): string {
  const { g, constants } = parts;
  const first = g.op('Gather', [x, constants.integer(0)], { axis: 1 });
  return g.op('Tanh', [parts.gemm(first, 'bert.pooler.dense', hiddenSize, hiddenSize)]);
}
