import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { slowSource } from '../../../test/support/onnx.ts';
import { makeGraph, makeModel, makeTensor } from '../onnx/graph/make.ts';
import { readModel } from '../onnx/read.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { externalize } from '../onnx/externalize.ts';
import { joinParts, modelParts } from '../onnx/write.ts';
import { DataType } from '../tensor/data-type.ts';
import { lookAhead } from './look-ahead.ts';
import { recognise } from './recognise.ts';
import { recogniseStored } from './recognise-stored.ts';
import { sameValues } from './same-values.ts';

/** The model with every initializer in data files of a disk. */
async function onDisk(model: Model, shardBytes = 5000) {
  const { model: main, files } = externalize(model, {
    path: 'w.data',
    minimumBytes: 1,
    shardBytes,
  });
  const sources = new Map<string, ReturnType<typeof slowSource>>();
  for (const file of files) sources.set(file.path, slowSource(await joinParts(file)));
  const source = slowSource(await joinParts(modelParts(main)));
  const read = await readModel(source, { external: (path) => sources.get(path) });
  return { read, bytesRead: () => [...sources.values()].reduce((sum, s) => sum + s.bytesRead, 0) };
}

describe('recognising a model on a disk', () => {
  it.each(layoutFixtures)('finds in $name what it finds in memory', async ({ model }) => {
    const built = model();
    const { read } = await onDisk(built);
    expect(read.graph.initializers.some(({ data }) => data.readSync)).toBe(false);
    expect(await recogniseStored(read)).toEqual(recognise(built));
  });

  it('reads the corner of a mask, and of a weight no more than its first row', async () => {
    const mask = Uint8Array.from({ length: 300 * 300 }, (_, k) =>
      k % 300 > Math.floor(k / 300) ? 0 : 1,
    );
    const weight = Float32Array.from({ length: 300 * 300 }, (_, k) => Math.sin(k));
    const initializers = [
      makeTensor('mask', [1, 1, 300, 300], { dataType: DataType.bool, bytes: mask }),
      makeTensor('weight', [300, 300], weight),
      makeTensor('wide', [300, 301], new Float32Array(300 * 301)),
    ];
    const { read, bytesRead } = await onDisk(
      makeModel(makeGraph({ nodes: [], outputs: [], initializers })),
    );
    await lookAhead(read);
    expect(bytesRead()).toBe(300 + 300 * 32 + 300 * 4);
  });
});

describe('comparing stored matrices', () => {
  const values = Float32Array.from({ length: 700 * 30 }, (_, k) => k);
  const turned = Float32Array.from(
    { length: 700 * 30 },
    (_, k) => values[(k % 700) * 30 + Math.floor(k / 700)],
  );
  const stored = (name: string, dims: readonly number[], data: Float32Array): Tensor => {
    const tensor = makeTensor(name, dims, data);
    const { data: inMemory } = tensor;
    const { byteLength } = inMemory;
    return { ...tensor, data: { byteLength, read: (from, count) => inMemory.read(from, count) } };
  };
  const matrix = stored('a', [700, 30], values);
  const changed = (data: Float32Array, at: number) => data.map((v, k) => (k === at ? -1 : v));

  it.each([
    ['a copy', stored('b', [700, 30], values), false, true],
    ['a copy but one', stored('b', [700, 30], changed(values, 20999)), false, false],
    ['a transposed copy', stored('b', [30, 700], turned), true, true],
    ['a transposed copy but one', stored('b', [30, 700], changed(turned, 12345)), true, false],
    ['itself where the other is transposed', matrix, true, false],
  ])('knows %s', async (_, other, transposed, same) => {
    expect(await sameValues(matrix, other, transposed)).toBe(same);
  });
});
