import { describe, expect, it } from 'vitest';
import { openVitFolder, TINY_VIT, vitImages } from '../../../test/support/tiny-vit.ts';
import { imageSides } from '../../core/anatomy/image-sides.ts';
import type { ExampleDataset } from '../../core/data/types.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { openModel } from '../model/open.ts';
import { openSizes } from './open-sizes.ts';

const sizesWith = async (json: Readonly<Record<string, unknown>>, data?: ExampleDataset) =>
  openSizes(await openModel(await openVitFolder(json)), data);

const { channels, imageSize } = TINY_VIT;

function bytesImages(dims: readonly number[]): ExampleDataset {
  const count = dims[0];
  const data = new Uint8Array(dims.reduce((a, b) => a * b, 1));
  const arrays = { pixel_values: { dataType: DataType.uint8, dims, data } };
  return { kind: 'examples', name: 'bytes.npz', count, arrays };
}

describe('sizes that an image input leaves open', () => {
  it('are told by the weights and, before them, by what stands beside the model', async () => {
    const weights = { num_channels: channels, height: imageSize, width: imageSize };
    expect(await sizesWith({})).toEqual(weights);
    const told = { num_channels: channels, height: 12, width: 20 };
    for (const image_size of [[12, 20], { height: 12, width: 20 }]) {
      expect(await sizesWith({ 'config.json': { image_size } })).toEqual(told);
      expect(await sizesWith({ 'config.json': { vision_config: { image_size } } })).toEqual(told);
    }
    const cut = { size: { shortest_edge: 256 }, crop_size: 224 };
    const square = { num_channels: channels, height: 224, width: 224 };
    expect(await sizesWith({ 'preprocessor_config.json': cut })).toEqual(square);
    const both = { 'config.json': { image_size: 224 }, 'preprocessor_config.json': { size: 30 } };
    expect(await sizesWith(both)).toEqual(square);
  });

  it('are those of the data, where it has the array', async () => {
    const config = { 'config.json': { image_size: 30 } };
    const told = { num_channels: channels, height: imageSize, width: imageSize };
    expect(await sizesWith(config, vitImages(4))).toEqual(told);
    expect(await sizesWith({}, bytesImages([2, 3, 8, 10]))).toEqual({
      ...told,
      height: 8,
      width: 10,
    });
    const prepared = { 'preprocessor_config.json': {} };
    expect(await sizesWith(prepared, bytesImages([2, 8, 10, 3]))).toEqual({
      ...told,
      ...{ height: 8, width: 10 },
    });
  });

  it('are those of the table of positions where nothing readable tells', async () => {
    const told = { num_channels: channels, height: imageSize, width: imageSize };
    const odd = {
      'config.json': { image_size: 'large' },
      'preprocessor_config.json': { size: -1 },
    };
    expect(await sizesWith(odd)).toEqual(told);
    expect(await sizesWith({ 'preprocessor_config.json': 7 })).toEqual(told);
    const unclear = { 'preprocessor_config.json': { size: 9 } };
    expect(await sizesWith(unclear, bytesImages([2, 8, 8, 8]))).toMatchObject({ height: 9 });
    const { arrays, ...rest } = vitImages(2);
    expect(await sizesWith({}, { ...rest, arrays: { other: arrays['pixel_values'] } })).toEqual(
      told,
    );
  });

  it('leave tokens, caches and fixed sizes alone, and know features without a name for their size', () => {
    const g = new GraphBuilder('inputs');
    g.input('input_ids', 'int64', ['batch', 'sequence']);
    g.input('past_0', 'float32', ['batch', 2, 'past', 4]);
    g.input('hidden', 'float32', ['batch', 'length', 8]);
    const model = g.finish();
    const data = new Float32Array(2 * 5 * 8);
    const arrays = { hidden: { dataType: DataType.float32, dims: [2, 5, 8], data } };
    const dataset = { kind: 'examples', name: 'h.npz', count: 2, arrays } as const;
    expect(openSizes({ model, config: {}, preprocessor: undefined }, dataset)).toEqual({
      length: 5,
    });
  });

  it('are a second of sound, at the rate the preprocessor states', () => {
    const g = new GraphBuilder('sound');
    g.input('input_values', 'float32', ['batch', 'samples']);
    const model = g.finish();
    const rate = (preprocessor: unknown) => openSizes({ model, config: {}, preprocessor });
    expect(rate(undefined)).toEqual({ samples: 16_000 });
    expect(rate({ sampling_rate: 8000 })).toEqual({ samples: 8000 });
    expect(rate({ sampling_rate: 'fast' })).toEqual({ samples: 16_000 });
  });
});

describe('sides of images that only weights tell', () => {
  const sides = (rows: number, table: 'stored' | 'looked up' | 'none') => {
    const g = new GraphBuilder('patches');
    const image = g.input('pixel_values', 'float32', ['batch', 'c', 'h', 'w']);
    const kernel = g.floats('kernel', [8, 1, 7, 7], new Float32Array(392));
    const maps = g.op('Conv', [image, kernel], { strides: [7, 7], kernel_shape: [7, 7] });
    const flat = g.op('Reshape', [maps, g.integers('shape', [0, 8, -1])]);
    const tokens = g.op('Transpose', [flat], { perm: [0, 2, 1] });
    const positions = g.floats('positions', [1, rows, 8], new Float32Array(rows * 8));
    const every = Array.from({ length: rows }, (_, row) => row);
    const looked = () => g.op('Gather', [positions, g.integers('ids', every)], { axis: 1 });
    const added = table === 'none' ? tokens : table === 'stored' ? positions : looked();
    g.output(g.op('Add', [tokens, added]), 'float32', ['batch', 's', 8], 'out');
    return imageSides(g.finish().graph, 'pixel_values');
  };

  it('are the square of patches that has a row each, with or without class tokens', () => {
    expect(sides(16, 'stored')).toEqual([28, 28]);
    expect(sides(17, 'looked up')).toEqual([28, 28]);
    expect(sides(18, 'stored')).toEqual([28, 28]);
  });

  it('stay unknown without a table or a square', () => {
    expect(sides(16, 'none')).toBeUndefined();
    expect(sides(21, 'stored')).toBeUndefined();
  });
});
