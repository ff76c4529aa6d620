import { gaussian } from '../../src/core/kernels/testing.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import { memoryData } from '../../src/core/onnx/tensor-data.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';

/** y = x·W with a square W, `weight`. */
export function singleProduct(width: number): Model {
  const values = gaussian(width * width, 1).map((v) => 0.02 * v);
  const type = { dataType: DataType.float32, dims: [{ symbol: 'n' }, { value: width }] };
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: 17 }],
    graph: {
      name: 'product',
      nodes: [
        {
          name: 'product',
          opType: 'MatMul',
          domain: '',
          inputs: ['x', 'weight'],
          outputs: ['y'],
          attributes: [],
        },
      ],
      initializers: [
        {
          name: 'weight',
          dataType: DataType.float32,
          dims: [width, width],
          data: memoryData(new Uint8Array(values.buffer)),
        },
      ],
      inputs: [{ name: 'x', type }],
      outputs: [{ name: 'y', type }],
      valueInfo: [],
    },
    metadata: [],
    functions: [],
  };
}

export interface Size {
  readonly width: number;
  readonly blocks: number;
  readonly vocabulary: number;
}

/** A Llama-like language model with a head of its own; its weights repeat a million seeded random numbers. */
export function languageModel({ width, blocks, vocabulary }: Size): Model {
  const feedForwardWidth = Math.round((width * 8) / 3 / 64) * 64;
  const noise = gaussian(2 ** 20 - 3, 1);
  const matrix = (rows: number, columns: number): Float32Array => {
    const values = new Float32Array(rows * columns);
    const scale = 1 / Math.sqrt(columns);
    for (let i = 0; i < values.length; i++) values[i] = scale * noise[i % noise.length];
    return values;
  };
  const norm = new Float32Array(width).fill(1);
  return buildLlama(
    {
      vocabularySize: vocabulary,
      hiddenSize: width,
      feedForwardWidth,
      blocks,
      heads: width / 64,
      keyValueHeads: width / 64,
      maxPositions: 512,
      rotary: 'half-split',
    },
    {
      embedding: matrix(vocabulary, width),
      blocks: Array.from({ length: blocks }, () => ({
        attentionNorm: norm,
        query: matrix(width, width),
        key: matrix(width, width),
        value: matrix(width, width),
        attentionOutput: matrix(width, width),
        feedForwardNorm: norm,
        gate: matrix(feedForwardWidth, width),
        up: matrix(feedForwardWidth, width),
        down: matrix(width, feedForwardWidth),
      })),
      finalNorm: norm,
      head: matrix(vocabulary, width),
    },
  );
}
