import type { WeightValues } from './weight-values.ts';
import { LatheError } from '../../errors/lathe-error.ts';

export interface LlamaConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly feedForwardWidth: number;
  readonly blocks: number;
  readonly heads: number;
  /** Fewer than `heads`: grouped-query attention, each key/value head serves heads / keyValueHeads queries. */
  readonly keyValueHeads: number;
  /** hiddenSize / heads unless stated. */
  readonly headSize?: number;
  /**
   * Rows of the rotary tables: the longest sequence the graph takes. Infinity: angles are computed from
   * positions, and no sequence is too long.
   */
  readonly maxPositions: number;
  /** Base θ of the rotary frequencies; 10 000 unless stated. */
  readonly rotaryBase?: number;
  /** Radians per position of each of the headSize/2 pairs; θ^(−2i/headSize) unless stated. */
  readonly rotaryFrequencies?: readonly number[];
  /** Which channels of a head turn together: (2i, 2i+1) or (i, i + headSize/2). */
  readonly rotary: 'adjacent' | 'half-split';
  /** ε of RMSNorm; 1e-5 unless stated. */
  readonly normEpsilon?: number;
  /** 'fused' writes onnxruntime's SimplifiedLayerNormalization instead of standard operators. */
  readonly norm?: 'standard' | 'fused';
  /** Adds the input `attention_mask` [batch, sequence] (1 = attend, 0 = padding). */
  readonly attentionMask?: boolean;
  /** Adds the input `position_ids` [batch, sequence]; else positions count from 0. */
  readonly positionIds?: boolean;
}

/** Matrices are row-major [out, in], as checkpoints hold them. */
export interface LlamaBlockWeights<Values extends WeightValues = Float32Array> {
  readonly attentionNorm: Values;
  readonly query: Values;
  readonly key: Values;
  readonly value: Values;
  readonly attentionOutput: Values;
  readonly feedForwardNorm: Values;
  readonly gate: Values;
  readonly up: Values;
  readonly down: Values;
}

export interface LlamaWeights<Values extends WeightValues = Float32Array> {
  /** [vocabularySize, hiddenSize] */
  readonly embedding: Values;
  readonly blocks: readonly LlamaBlockWeights<Values>[];
  readonly finalNorm: Values;
  /**
   * [vocabularySize, hiddenSize] as a tensor of its own (most exporters write even a tied head
   * so), or 'embedding': the graph transposes the embedding and holds it only once.
   */
  readonly head: Values | 'embedding';
}

/** Channels of one head: headSize, or hiddenSize / heads. */
export function headSizeOf(config: LlamaConfig): number {
  return config.headSize ?? config.hiddenSize / config.heads;
}

/**
 * Refuses sizes that no Llama-like graph can have.
 * @throws LatheError `llama-config`
 */
export function checkLlamaConfig(config: LlamaConfig): void {
  const headSize = headSizeOf(config);
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw new LatheError(
      'llama-config',
      `A head of ${headSize} channels (hidden size ${config.hiddenSize}, ${config.heads} heads) cannot be rotated in pairs; choose sizes that give an even whole number.`,
    );
  }
  if (config.heads % config.keyValueHeads !== 0) {
    throw new LatheError(
      'llama-config',
      `${config.heads} heads cannot share ${config.keyValueHeads} key/value heads evenly; choose a number of key/value heads that divides the heads.`,
    );
  }
}
