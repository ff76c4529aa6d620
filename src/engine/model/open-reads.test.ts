import { expect, it } from 'vitest';
import { findDuplicates } from '../../core/onnx/duplicates.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import type { ByteSource } from '../../core/onnx/types.ts';
import { externalize, joinParts, writeModel } from '../../core/onnx/write.ts';
import { openModel } from './open.ts';

/** Weights of half a megabyte each, no two alike. */
const WEIGHTS = 16;
const WIDTH = 360;

function chain() {
  const g = new GraphBuilder('chain');
  let value = g.input('x', 'float32', ['n', WIDTH]);
  for (let i = 0; i < WEIGHTS; i++) {
    const weight = Float32Array.from({ length: WIDTH * WIDTH }, (_, k) => Math.sin(k + i));
    value = g.op('MatMul', [value, g.floats(`w${i}`, [WIDTH, WIDTH], weight)]);
  }
  g.output(value, 'float32', ['n', WIDTH], 'y');
  return g.finish();
}

/** Counts what is read, as a file would be: nothing at once, no views. */
function counted(
  bytes: Uint8Array,
): ByteSource & { read: ByteSource['read']; taken: () => number } {
  const inner = bytesSource(bytes);
  let taken = 0;
  return {
    byteLength: inner.byteLength,
    taken: () => taken,
    read: async (offset, length) => {
      taken += length;
      return (await inner.read(offset, length)).slice();
    },
  };
}

it('reads a model once when it opens it, and hardly more to find duplicates', async () => {
  const source = counted(await writeModel(chain()));
  const folder = { name: 'm', origin: 'file', files: [{ path: 'model.onnx', source }] };
  const { model, sha256 } = await openModel(folder);
  const opened = source.taken();
  // Once for the hash, and the graph around the weights.
  expect(opened).toBeLessThan(1.1 * source.byteLength);
  await findDuplicates(model);
  expect(source.taken() - opened).toBeLessThan(0.02 * source.byteLength);
  const before = source.taken();
  const again = await openModel(folder, { sha256 });
  expect(again.sha256).toBe(sha256);
  // Whoever knows the hash reads the graph alone.
  expect(source.taken() - before).toBeLessThan(0.1 * source.byteLength);
});

it('reads weights beside the graph once as well', async () => {
  const { model, files } = externalize(chain(), { path: 'model.onnx_data' });
  const graph = counted(await writeModel(model));
  const data = counted(await joinParts(files[0]));
  const folder = {
    ...{ name: 'm', origin: 'file' },
    files: [
      { path: 'model.onnx', source: graph },
      { path: 'model.onnx_data', source: data },
    ],
  };
  const opened = await openModel(folder);
  // Once for the hash, and the few small tensors that recognition looks into.
  expect(data.taken()).toBeGreaterThanOrEqual(data.byteLength);
  expect(data.taken()).toBeLessThan(1.01 * data.byteLength);
  await findDuplicates(opened.model);
  expect(data.taken()).toBeLessThan(1.02 * data.byteLength);
});
