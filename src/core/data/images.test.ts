import { describe, expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { preprocessImages } from './images.ts';
import type { ExampleDataset } from './types.ts';

function dataset(dims: readonly number[]): ExampleDataset {
  const size = dims.reduce((product, d) => product * d, 1);
  const data = Uint8Array.from({ length: size }, (_, i) => (i * 37) % 256);
  const ids = { dataType: DataType.int64, dims: [dims[0]], data: new BigInt64Array(dims[0]) };
  return {
    kind: 'examples',
    name: 'd',
    arrays: { image: { dataType: DataType.uint8, dims, data }, ids },
    count: dims[0],
  };
}

describe('preprocessImages', () => {
  it('applies (pixel/255 − mean) / std and leaves other arrays alone', () => {
    const before = dataset([2, 3, 3]);
    const { arrays } = preprocessImages(before, { image_mean: [0.1307], image_std: [0.3081] });
    expect(arrays.image.dims).toEqual([2, 1, 3, 3]);
    arrays.image.data.forEach((value, i) => {
      const pixel = Number(before.arrays.image.data[i]);
      expect(value).toBeCloseTo((pixel / 255 - 0.1307) / 0.3081, 6);
    });
    expect(arrays.ids).toBe(before.arrays.ids);
  });

  it('turns channels-last into channels-first with each channel its own mean', () => {
    const config = { do_rescale: false, image_mean: [1, 2, 3], image_std: [1, 2, 4] };
    const last = preprocessImages(dataset([2, 4, 5, 3]), config).arrays.image;
    expect(last.dims).toEqual([2, 3, 4, 5]);
    const pixel = (n: number, c: number, y: number, x: number) =>
      ((((n * 4 + y) * 5 + x) * 3 + c) * 37) % 256;
    const at = (n: number, c: number, y: number, x: number) =>
      last.data[((n * 3 + c) * 4 + y) * 5 + x];
    expect(at(1, 2, 3, 4)).toBeCloseTo((pixel(1, 2, 3, 4) - 3) / 4, 5);
    expect(at(0, 1, 2, 0)).toBeCloseTo((pixel(0, 1, 2, 0) - 2) / 2, 5);
    const raw = preprocessImages(dataset([1, 3, 2, 2]), { do_rescale: false, do_normalize: false });
    expect([...raw.arrays.image.data].slice(0, 3)).toEqual([0, 37, 74]);
  });

  it('says what is wrong', () => {
    expect(() => preprocessImages(dataset([1, 5, 6, 7]), {})).toThrow(
      'The image array "image" has the shape [1, 5, 6, 7], in which channels, height and width cannot be told apart; store it as [images, channels, height, width].',
    );
    expect(() => preprocessImages(dataset([1, 1, 2, 2]), { image_mean: [1, 2, 3] })).toThrow(
      'preprocessor_config.json gives the mean or deviation of 3 channels, but the images "image" have 1; use images of the kind the model was trained on.',
    );
    expect(() => preprocessImages(dataset([1, 1, 2, 2]), { rescale_factor: 'x' })).toThrow(
      'The field "rescale_factor" of preprocessor_config.json is of another kind than expected; give the preprocessor_config.json that was saved with the model.',
    );
  });
});
