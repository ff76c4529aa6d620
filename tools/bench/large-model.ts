/**
 * Models of a known size with made-up weights, streamed to a folder: `npx tsx tools/bench/large-model.ts KIND FOLDER`.
 * KIND: `small` (GPT-2's shape, 124 M float32 parameters, one file), `small-external` (the same with its weights
 * beside the graph), `xl` (GPT-2 XL's shape, 1.56 B float16 parameters, external data). Nothing larger than a chunk
 * is ever in memory.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeParts } from '../../src/cli/files/write-parts.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { EncoderParts } from '../../src/core/onnx/build/encoder-parts.ts';
import { plannedValues } from '../../src/core/onnx/build/weight-values.ts';
import type { Model, Tensor, TensorData } from '../../src/core/onnx/types.ts';
import { externalize, modelParts } from '../../src/core/onnx/write.ts';
import { float32ToHalf } from '../../src/core/tensor/half.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';

export interface Gpt2Sizes {
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly half?: boolean;
}

const SMALL = { width: 768, blocks: 12, heads: 12, vocabulary: 50257, positions: 1024 };
const XL = { width: 1600, blocks: 48, heads: 25, vocabulary: 50257, positions: 1024, half: true };

/** Where a score must not count; in float16's range too. */
const MASKED = -65504;

/** GPT-2's graph: pre-norm, packed q/k/v, learned positions, causal, the head tied to the embedding. */
export function gpt2Shape(sizes: Gpt2Sizes): Model {
  const { width, blocks, heads, vocabulary, positions } = sizes;
  const config = { hiddenSize: width, feedForwardWidth: 4 * width, blocks, heads, classes: 2 };
  const parts = new EncoderParts('gpt2', config, (_, dims) =>
    plannedValues(dims.reduce((product, d) => product * d, 1)),
  );
  const { g, constants } = parts;
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const table = parts.weight('transformer.wte.weight', [vocabulary, width]);
  const places = parts.weight('transformer.wpe.weight', [positions, width]);
  const length = g.op('Squeeze', [parts.dimension(ids, 1)]);
  const range = g.op('Range', [constants.integer(0), length, constants.integer(1)]);
  let x = g.op('Add', [g.op('Gather', [table, ids]), g.op('Gather', [places, range])]);
  const mask = causalMask(parts, range);
  for (let i = 0; i < blocks; i++) x = block(parts, sizes, x, `transformer.h.${i}`, mask);
  const normed = parts.layerNorm(x, 'transformer.ln_f');
  const logits = g.op('MatMul', [normed, g.op('Transpose', [table], { perm: [1, 0] })]);
  g.output(logits, 'float32', ['batch', 'sequence', vocabulary], 'logits');
  return withWeights(g.finish(), sizes.half === true);
}

function causalMask({ g, constants }: EncoderParts, range: string): string {
  const [rows, columns] = [1, 0].map((axis) =>
    g.op('Unsqueeze', [range, constants.integers(axis)]),
  );
  const later = g.op('Greater', [columns, rows]);
  return g.op('Where', [later, constants.float(MASKED), constants.float(0)]);
}

function block(parts: EncoderParts, sizes: Gpt2Sizes, x: string, name: string, mask: string) {
  const { g } = parts;
  const attended = attention(parts, sizes, parts.layerNorm(x, `${name}.ln_1`), name, mask);
  const middle = g.op('Add', [x, attended]);
  const normed = parts.layerNorm(middle, `${name}.ln_2`);
  const fed = parts.feedForward(normed, `${name}.mlp.c_fc`, `${name}.mlp.c_proj`);
  return g.op('Add', [middle, fed]);
}

function attention(
  parts: EncoderParts,
  { width, heads }: Gpt2Sizes,
  x: string,
  name: string,
  mask: string,
): string {
  const { g, constants } = parts;
  const size = width / heads;
  const packed = parts.linear(x, `${name}.attn.c_attn`, width, 3 * width);
  const thirds = g.ops('Split', [packed, constants.integers(width, width, width)], 3, { axis: 2 });
  const [q, k, v] = thirds.map((third) =>
    g.op('Reshape', [third, constants.integers(0, 0, heads, size)]),
  );
  const turn = (value: string, perm: number[]) => g.op('Transpose', [value], { perm });
  const products = g.op('MatMul', [turn(q, [0, 2, 1, 3]), turn(k, [0, 2, 3, 1])]);
  const scores = g.op('Div', [products, constants.float(Math.sqrt(size))]);
  const shares = g.op('Softmax', [g.op('Add', [scores, mask])], { axis: -1 });
  const mixed = turn(g.op('MatMul', [shares, turn(v, [0, 2, 1, 3])]), [0, 2, 1, 3]);
  const joined = g.op('Reshape', [mixed, constants.integers(0, 0, width)]);
  return parts.linear(joined, `${name}.attn.c_proj`, width, width);
}

/** Weights in the holes; with `half` every float of the graph is float16, as half-precision exports are. */
function withWeights(model: Model, half: boolean): Model {
  const { graph } = model;
  const dataType = half ? DataType.float16 : DataType.float32;
  const initializers = graph.initializers.map((tensor, index) => {
    if (tensor.dataType !== DataType.float32) return tensor;
    return { ...tensor, dataType, data: madeUp(tensor, index, half) };
  });
  const outputs = graph.outputs.map((output) => ({
    ...output,
    type: output.type && 'dims' in output.type ? { ...output.type, dataType } : output.type,
  }));
  return { ...model, graph: { ...graph, initializers, outputs } };
}

const NOISE = 2 ** 20 - 3;
let noise: Record<'float' | 'half', Uint8Array> | undefined;

function noiseBytes(half: boolean): Uint8Array {
  if (noise === undefined) {
    const values = gaussian(NOISE, 1).map((value) => 0.02 * value);
    const halves = float32ToHalf(values);
    noise = { float: new Uint8Array(values.buffer), half: new Uint8Array(halves.buffer) };
  }
  return noise[half ? 'half' : 'float'];
}

/** Small tensors keep or get simple values (norms 1, biases 0); matrices repeat a million random numbers. */
function madeUp({ name, data, dims }: Tensor, index: number, half: boolean): TensorData {
  const size = half ? 2 : 4;
  const byteLength = size * dims.reduce((product, d) => product * d, 1);
  if (data.planned !== true) return constant(data, byteLength, half);
  if (dims.length < 2) return constantOf(/ln_.*weight$/.test(name) ? 1 : 0, byteLength, half);
  const table = noiseBytes(half);
  const start = size * ((7919 * index) % NOISE);
  return {
    byteLength,
    async read(offset = 0, length = byteLength - offset) {
      const bytes = new Uint8Array(length);
      let at = (start + offset) % table.byteLength;
      for (let done = 0; done < length; at = 0) {
        const piece = table.subarray(at, at + length - done);
        bytes.set(piece, done);
        done += piece.byteLength;
      }
      return bytes;
    },
  };
}

function constantOf(value: number, byteLength: number, half: boolean): TensorData {
  const bytes = half
    ? new Uint8Array(
        new Uint16Array(byteLength / 2).fill(float32ToHalf(Float32Array.of(value))[0]).buffer,
      )
    : new Uint8Array(new Float32Array(byteLength / 4).fill(value).buffer);
  return inMemory(bytes);
}

function constant(data: TensorData, byteLength: number, half: boolean): TensorData {
  if (!half) return data;
  const value = data.readSync?.();
  if (value === undefined) throw new Error('A constant of the graph is not in memory.');
  const [number] = new Float32Array(value.slice().buffer);
  return constantOf(number, byteLength, half);
}

function inMemory(bytes: Uint8Array): TensorData {
  return {
    byteLength: bytes.byteLength,
    read: async (offset = 0, length = bytes.byteLength - offset) =>
      bytes.subarray(offset, offset + length),
    readSync: () => bytes,
  };
}

export type Kind = 'small' | 'small-external' | 'xl';

/** Writes a model folder with a config; returns the path of its graph. */
export async function writeLargeModel(kind: Kind, folder: string): Promise<string> {
  const sizes: Gpt2Sizes = kind === 'xl' ? XL : SMALL;
  return writeGpt2(sizes, folder, kind !== 'small');
}

export async function writeGpt2(sizes: Gpt2Sizes, folder: string, external: boolean) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'model.onnx');
  const model = gpt2Shape(sizes);
  const { model: graph, files } = external
    ? externalize(model, { path: 'model.onnx_data' })
    : { model, files: [] };
  for (const { path, parts } of files) await writeParts(join(folder, path), parts);
  await writeParts(file, modelParts(graph).parts);
  const config = { model_type: 'gpt2', n_positions: sizes.positions, vocab_size: sizes.vocabulary };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return file;
}

async function main([kind, folder]: readonly string[]): Promise<void> {
  if (!['small', 'small-external', 'xl'].includes(kind) || folder === undefined) {
    console.error('Usage: tsx tools/bench/large-model.ts small|small-external|xl FOLDER');
    process.exitCode = 2;
    return;
  }
  console.log(await writeLargeModel(kind as Kind, folder));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
