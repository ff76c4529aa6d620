import { expect, it } from 'vitest';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { inferShapes } from '../../core/onnx/shape/infer.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import { beginPath } from './path.ts';

const WIDTH = 8;
const floats = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));

/** GPT-2's beginning: onnxruntime makes one EmbedLayerNormalization of it and forgets who else wants the positions. */
function embedding() {
  const g = new GraphBuilder('embedding');
  const ids = g.input('ids', 'int64', ['batch', 'sequence']);
  const size = g.op('Gather', [g.op('Shape', [ids]), g.integers('one', [1], [])], { axis: 0 });
  const length = g.op('Squeeze', [g.op('Unsqueeze', [size, g.integers('first', [0])])]);
  const range = g.op('Range', [g.integers('start', [0], []), length, g.integers('step', [1], [])]);
  const table = g.floats('table', [10, WIDTH], floats(10 * WIDTH));
  const places = g.floats('places', [10, WIDTH], floats(10 * WIDTH));
  const sum = g.op('Add', [g.op('Gather', [table, ids]), g.op('Gather', [places, range])]);
  const norm = [
    g.floats('gamma', [WIDTH], floats(WIDTH)),
    g.floats('beta', [WIDTH], floats(WIDTH)),
  ];
  const normed = g.op('LayerNormalization', [sum, ...norm], { axis: -1 });
  g.output(normed, 'float32', ['batch', 'sequence', WIDTH], 'normed');
  g.output(range, 'int64', ['sequence'], 'positions');
  return g.finish();
}

it('gives a value that a fusion swallows, by running that part without fusions', async () => {
  const runtime = await createWasmRuntime({ threads: 1 });
  const model = embedding();
  const feeds = { ids: { dataType: 7, dims: [1, 3], data: BigInt64Array.of(4n, 1n, 7n) } };
  // What this is about: asked directly, onnxruntime fails.
  const session = await runtime.open(model);
  await expect(session.run(feeds)).rejects.toMatchObject({ code: 'output-fused-away' });
  await session.release();
  const path = beginPath(runtime, [{ feeds }], inferShapes(model));
  const part = { inputs: ['ids'], outputs: ['positions', 'normed'] };
  await path.advance(model, { values: [], looks: [], part, kept: new Set() });
  expect(path.value(0, 'positions')?.data).toEqual(BigInt64Array.of(0n, 1n, 2n));
  expect(path.value(0, 'normed')?.dims).toEqual([1, 3, WIDTH]);
});
