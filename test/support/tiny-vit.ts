import { initialWeights } from '../../src/core/onnx/build/initial-weights.ts';
import { buildVit, type VitConfig } from '../../src/core/onnx/build/vit.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import type { ExampleDataset } from '../../src/core/data/types.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';

export const TINY_VIT: VitConfig = {
  imageSize: 12,
  patchSize: 4,
  channels: 3,
  hiddenSize: 16,
  feedForwardWidth: 32,
  blocks: 1,
  heads: 2,
  classes: 2,
};

const OPEN = ['batch_size', 'num_channels', 'height', 'width'];

/** A vision transformer with all four axes of `pixel_values` open, as Optimum exports every one. */
export function openVit(): Model {
  const model = buildVit(TINY_VIT, initialWeights(5, 0.2));
  const inputs = model.graph.inputs.map((input) => ({
    ...input,
    ...(input.type && { type: { ...input.type, dims: OPEN.map((symbol) => ({ symbol })) } }),
  }));
  return { ...model, graph: { ...model.graph, inputs } };
}

/** The same as a folder with the JSON files given, by name. */
export async function openVitFolder(
  json: Readonly<Record<string, unknown>> = {},
): Promise<ModelFolder> {
  const company = Object.entries(json).map(([path, value]) => ({
    path,
    source: bytesSource(new TextEncoder().encode(JSON.stringify(value))),
  }));
  const model = { path: 'model.onnx', source: bytesSource(await writeModel(openVit())) };
  return { name: 'tiny-vit', origin: 'file', files: [model, ...company] };
}

/** Images of two classes: the first is bright on top, the second below. */
export function vitImages(count: number, seed = 1): ExampleDataset {
  const { imageSize: side, channels } = TINY_VIT;
  const random = seededRandom(seed, 'images');
  const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
  const data = Float32Array.from({ length: count * channels * side * side }, (_, at) => {
    const row = Math.floor(at / side) % side;
    const image = Math.floor(at / (channels * side * side));
    return Number(row < side / 2 === (labels[image] === 0)) + 0.3 * random.next();
  });
  const pixels = { dataType: DataType.float32, dims: [count, channels, side, side], data };
  return { kind: 'examples', name: 'images.npz', count, labels, arrays: { pixel_values: pixels } };
}
