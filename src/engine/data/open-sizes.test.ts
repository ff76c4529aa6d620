import { describe, expect, it } from 'vitest';
import { openVitFolder, TINY_VIT, vitImages } from '../../../test/support/tiny-vit.ts';
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
  it('are told by the weight of the Conv and by what stands beside the model', async () => {
    expect(await sizesWith({})).toEqual({ num_channels: channels });
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

  it('stay open where nothing readable tells', async () => {
    const told = { num_channels: channels };
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
});
