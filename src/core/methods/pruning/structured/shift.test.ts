import { expect, it } from 'vitest';
import { randomFloats } from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { findLayers } from '../../../anatomy/layers.ts';
import { fillHoles, holesOf } from '../../../onnx/fill.ts';
import { GraphBuilder } from '../../../onnx/build/graph-builder.ts';
import type { Model } from '../../../onnx/types.ts';
import { fromFloat32 } from '../../../tensor/convert.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { shiftedBiases, withShifts } from './shift.ts';

const [IN, OUT, ROWS] = [5, 3, 4];
const shift = Float32Array.of(0.5, -2, 8);
const feeds = { x: { dims: [ROWS, IN], data: randomFloats(ROWS * IN, 7) } };

/** y of a model before and after the shift of all its layers. */
async function beforeAndAfter(model: Model) {
  const layers = findLayers(model);
  const { model: open, holes } = withShifts(
    model,
    model,
    layers.map((layer) => [layer]),
  );
  let filled = open;
  for (const own of holes) filled = fillHoles(filled, await shiftedBiases(model, own, shift));
  expect(holesOf(filled)).toEqual([]);
  const [{ y: a }, { y: b }] = [await runModel(model, feeds), await runModel(filled, feeds)];
  return { added: b.map((value, i) => value - a[i]), holes: holes.flat(), model: filled };
}

const wanted = Float32Array.from({ length: ROWS * OUT }, (_, i) => shift[i % OUT]);
const farthest = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));

function graph(build: (g: GraphBuilder, x: string, w: string) => string): Model {
  const g = new GraphBuilder('shifted');
  const x = g.input('x', 'float32', [ROWS, IN]);
  const y = build(g, x, g.floats('w', [IN, OUT], randomFloats(IN * OUT, 1)));
  g.output(y, 'float32', [ROWS, OUT], 'y');
  return g.finish();
}

const bias = (g: GraphBuilder): string => g.floats('b', [OUT], randomFloats(OUT, 3));

it.each<[string, Model, string | undefined, number]>([
  [
    'an Add that is there',
    graph((g, x, w) => g.op('Add', [g.op('MatMul', [x, w]), bias(g)])),
    'b',
    0,
  ],
  ['the C of a Gemm', graph((g, x, w) => g.op('Gemm', [x, w, bias(g)])), 'b', 0],
  ['a new C of a Gemm', graph((g, x, w) => g.op('Gemm', [x, w])), undefined, 0],
  ['a new Add', graph((g, x, w) => g.op('Tanh', [g.op('MatMul', [x, w])])), undefined, 1],
])('a shift goes into %s', async (name, model, replaces, nodes) => {
  const found = await beforeAndAfter(model);
  expect(found.holes.map((hole) => hole.replaces)).toEqual([replaces]);
  expect(found.model.graph.nodes.length - model.graph.nodes.length).toBe(nodes);
  if (name !== 'a new Add') expect(farthest(found.added, wanted)).toBeLessThan(2 ** -19);
  else expect(farthest(found.added, new Float32Array(ROWS * OUT))).toBeGreaterThan(0.1);
});

it('a bias that something else reads stays as it is, and a new one is added', async () => {
  const model = graph((g, x, w) => {
    const b = bias(g);
    const sum = g.op('Add', [g.op('MatMul', [x, w]), b]);
    return g.op('Mul', [
      sum,
      g.op('Add', [b, g.floats('one', [OUT], new Float32Array(OUT).fill(1))]),
    ]);
  });
  const { holes, model: filled } = await beforeAndAfter(model);
  expect(holes.map(({ replaces }) => replaces)).toEqual([undefined]);
  expect(filled.graph.initializers.find(({ name }) => name === 'b')?.data).toBe(
    model.graph.initializers.find(({ name }) => name === 'b')?.data,
  );
});

it('a half-precision product gets a half-precision bias', async () => {
  const model = graph((g, x) => {
    const half = g.op('Cast', [x], { to: DataType.float16 });
    const bytes = fromFloat32(DataType.float16, randomFloats(IN * OUT, 1));
    const w = g.initializer('half', [IN, OUT], { dataType: DataType.float16, bytes });
    return g.op('Cast', [g.op('MatMul', [half, w])], { to: DataType.float32 });
  });
  const { holes, added } = await beforeAndAfter(model);
  expect(holes.map(({ dataType }) => dataType)).toEqual([DataType.float16]);
  // Half a unit in the last place of sums below 16, twice.
  expect(farthest(added, wanted)).toBeLessThanOrEqual(2 ** -7);
});
