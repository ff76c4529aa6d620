import { describe, expect, it } from 'vitest';
import { fitPictures } from './fit-pictures.ts';
import { resizePicture, RESAMPLING } from './resize.ts';
import type { Picture, PictureDataset } from './types.ts';

const grey = (width: number, ...data: number[]): Picture => ({
  ...{ width, height: data.length / width, channels: 1 },
  data: Uint8Array.from(data),
});

const dataset = (...pictures: Picture[]): PictureDataset => ({
  ...{ kind: 'pictures', name: 'set', pictures },
});

describe('resizing', () => {
  it('keeps a picture of one value, and one that has the size', () => {
    const flat = grey(3, ...new Array<number>(9).fill(77));
    for (const how of Object.values(RESAMPLING))
      expect(new Set(resizePicture(flat, 7, 2, how).data)).toEqual(new Set([77]));
    expect(resizePicture(flat, 3, 3)).toBe(flat);
  });

  it('averages what falls together: halving is the triangle filter over four pixels', () => {
    // Weights of pixel 0 of 4 → 2: centre 1, distances 0.5, 0.5, 1.5 of reach 2: 3/8, 3/8, 1/8 of their sum 7/8.
    const row = grey(4, 0, 70, 140, 210);
    const expected = Math.round((3 * 0 + 3 * 70 + 1 * 140) / 7);
    expect(resizePicture(row, 2, 1).data[0]).toBe(expected);
  });

  it('goes through the pixels of a cubic where it grows', () => {
    const line = grey(4, 0, 60, 120, 180);
    const grown = resizePicture(line, 8, 1, RESAMPLING.bicubic).data;
    expect(grown[3]).toBeCloseTo(45 + 30, -1);
    expect([...grown]).toEqual([...grown].sort((a, b) => a - b));
  });
});

describe('pictures as a model takes them', () => {
  const input = { name: 'pixel_values', channels: 1, height: 2, width: 2 };

  it('get its size, its channels and the names of their folders as classes', () => {
    const colour: Picture = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) };
    const set = { ...dataset(colour, grey(2, 1, 2, 3, 4)), writtenLabels: ['no', 'yes'] };
    const read = fitPictures(set, input, undefined, ['Yes', 'No']);
    expect(read.arrays['pixel_values'].dims).toEqual([2, 1, 2, 2]);
    // 0.299 · 255 is 76.2; the second picture has the size already.
    expect([...read.arrays['pixel_values'].data]).toEqual([76, 76, 76, 76, 1, 2, 3, 4]);
    expect(read.labels).toEqual(Int32Array.of(1, 0));
  });

  it('count their folders in order where the model has no names', () => {
    const set = { ...dataset(grey(1, 0), grey(1, 0)), writtenLabels: ['dog', 'cat'] };
    expect(fitPictures(set, input, undefined).labels).toEqual(Int32Array.of(1, 0));
  });

  it('are resized by the shorter side and cropped as the preprocessor says', () => {
    const wide = grey(6, ...[10, 10, 20, 30, 40, 40], ...[10, 10, 20, 30, 40, 40]);
    const config = { size: { shortest_edge: 2 }, do_center_crop: true, crop_size: 2 };
    const free = { name: 'x', channels: 1 };
    const { dims, data } = fitPictures(dataset(wide), free, config).arrays['x'];
    expect(dims).toEqual([1, 1, 2, 2]);
    expect([...data]).toEqual([20, 30, 20, 30]);
  });

  it('grey becomes three equal channels', () => {
    const { data } = fitPictures(dataset(grey(1, 9)), { name: 'x', channels: 3 }, undefined).arrays[
      'x'
    ];
    expect([...data]).toEqual([9, 9, 9]);
  });

  it('are refused where sizes differ and nothing says which to take', () => {
    const set = dataset(grey(1, 0), grey(2, 0, 0));
    expect(() => fitPictures(set, { name: 'x' }, undefined)).toThrow(
      'The pictures of "set" differ in size, and neither the input "x" nor a preprocessor_config.json says which size the model takes; make them equally large, or put the preprocessor_config.json that was saved with the model beside it.',
    );
  });
});
