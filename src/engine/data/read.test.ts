import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel } from '../../../test/support/sample.ts';
import { readDatasetFile } from '../../core/data/read-dataset.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import type { ExampleDataset } from '../../core/data/types.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { dataFiles, forModel, ownData } from './read.ts';

let digits: OpenModel;
let stored: ExampleDataset;
/** The first of the sample's own pictures as PNG files, under the class that each has. */
let pictures: Record<string, Uint8Array>;

beforeAll(async () => {
  digits = await openModel(await sampleModel('digits'));
  const found = await ownData(digits, 'evaluation');
  if (found?.kind !== 'examples') throw new Error('the sample has pictures');
  stored = found;
  const [images] = Object.values(found.arrays);
  const [height, width] = images.dims.slice(-2);
  const png = (index: number) => {
    const from = index * height * width;
    const data = (images.data as Uint8Array).slice(from, from + height * width);
    return encode({ width, height, data, channels: 1, depth: 8 });
  };
  pictures = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `set/${found.labels?.[i]}/${String(i).padStart(2, '0')}.png`,
      png(i),
    ]),
  );
});

describe('pictures', () => {
  it('become the very arrays that the sample stores', async () => {
    const read = forModel(
      digits,
      await readDatasetFile({ name: 'x.zip', bytes: zipSync(pictures) }),
    );
    if (read.kind !== 'examples') throw new Error('examples were asked for');
    const [name] = Object.keys(stored.arrays);
    const size = read.arrays[name].data.length / read.count;
    const order = Object.keys(pictures)
      .sort()
      .map((path) => Number(/(\d+)\.png/.exec(path)?.[1]));
    order.forEach((original, index) => {
      const own = read.arrays[name].data.slice(index * size, (index + 1) * size);
      const was = stored.arrays[name].data.slice(original * size, (original + 1) * size);
      expect([...own]).toEqual([...was]);
      expect(read.labels?.[index]).toBe(stored.labels?.[original]);
    });
  });

  it('are refused for a model whose only inputs of four axes are its cache', async () => {
    const g = new GraphBuilder();
    const cache = g.input('past_key_values.0.key', 'float32', ['batch', 2, 'past', 8]);
    g.output(g.op('Neg', [cache]), 'float32', ['batch', 2, 'past', 8], 'present.0.key');
    const reader = { ...digits, name: 'gpt', model: g.finish() };
    const read = await readDatasetFile({ name: 'x.zip', bytes: zipSync(pictures) });
    expect(() => forModel(reader, read)).toThrow(
      'The data "x.zip" is pictures, but the model "gpt" takes no image; give data of the kind its inputs take.',
    );
  });

  it('are found in a folder called evaluation', async () => {
    const files = Object.entries(pictures).map(([path, bytes]) => ({
      path: path.replace('set/', 'evaluation/'),
      source: bytesSource(bytes),
    }));
    const folder = { ...digits.folder, files: [...digits.folder.files, ...files] };
    expect(dataFiles(folder, 'evaluation')).toHaveLength(12);
    const read = await ownData({ ...digits, folder }, 'evaluation');
    expect(read).toMatchObject({ kind: 'examples', count: 12 });
  });

  it('are refused by a model that takes none', async () => {
    const stories = await openModel(await sampleModel('stories'));
    const read = await readDatasetFile({ name: 'x.zip', bytes: zipSync(pictures) });
    expect(() => forModel(stories, read)).toThrow(
      'The data "x.zip" is pictures, but the model "stories" takes no image; give data of the kind its inputs take.',
    );
  });
});
