import { describe, expect, it } from 'vitest';
import { adapted, mergedModel } from '../../../../../test/support/adapted.ts';
import { interpret } from '../../../../../test/support/interpret/interpret.ts';
import { f64FromValue } from '../../../../../test/support/interpret/value.ts';
import { distance, longs, runModel, waves } from '../../../../../test/support/run-model.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { GraphBuilder } from '../../../onnx/build/graph-builder.ts';
import { sizeOf } from '../../../onnx/size.ts';
import type { Model } from '../../../onnx/types.ts';
import { toFloat32 } from '../../../tensor/convert.ts';
import { elementCount } from '../../../tensor/data-type.ts';
import { plannedMerge } from './merge.ts';

const ROWS = 5;
const IN = 24;
const OUT = 17;
const SHAPE = { rank: 3, alpha: 8 };
/** What float32 rounds by, relatively: half a unit in the last place. */
const U = 2 ** -24;
/** α/r as the graph holds it. */
const SCALE = Math.fround(SHAPE.alpha / SHAPE.rank);

type Form = 'MatMul' | 'Gemm transB' | 'Transpose, MatMul';

/** y = x·Wᵀ, the weight lying [in, out] for MatMul and [out, in] for the others. */
function oneLayer(form: Form): { readonly model: Model; readonly layer: Layer } {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [ROWS, IN]);
  const weight = waves([IN * OUT], 3).data as Float32Array;
  const dims = form === 'MatMul' ? [IN, OUT] : [OUT, IN];
  const w = g.floats('proj.weight', dims, weight);
  g.output(product(g, form, x, w), 'float32', [ROWS, OUT], 'y');
  const model = g.finish();
  const [layer] = recognise(model).layers;
  return { model, layer };
}

function product(g: GraphBuilder, form: Form, x: string, w: string): string {
  if (form === 'MatMul') return g.op('MatMul', [x, w]);
  if (form === 'Transpose, MatMul') {
    return g.op('MatMul', [x, g.op('Transpose', [w], { perm: [1, 0] })]);
  }
  return g.op('Gemm', [x, w], { transB: 1 });
}

async function numbers(model: Model, name: string): Promise<Float32Array> {
  const tensor = model.graph.initializers.find((t) => t.name === name);
  if (tensor === undefined) throw new Error(`There is no "${name}".`);
  return toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims)).slice();
}

const FORMS = ['MatMul', 'Gemm transB', 'Transpose, MatMul'] as const;

describe.each(FORMS)('merging into a %s', (form) => {
  const { model, layer } = oneLayer(form);
  const { trained, adapters } = adapted(model, [layer], SHAPE, { deviation: 0.1 });

  it('gives W + (α/r)·(A·B)ᵀ, rounded once', async () => {
    const merged = await mergedModel(model, trained, adapters, SCALE);
    const [w, found] = [await numbers(model, layer.weight), await numbers(merged, layer.weight)];
    const [a, b] = [await numbers(trained, adapters[0].a), await numbers(trained, adapters[0].b)];
    let [square, error] = [0, 0];
    for (let o = 0; o < OUT; o++) {
      for (let i = 0; i < IN; i++) {
        const at = form === 'MatMul' ? i * OUT + o : o * IN + i;
        let update = 0;
        for (let k = 0; k < SHAPE.rank; k++) update += a[i * SHAPE.rank + k] * b[k * OUT + o];
        const exact = w[at] + SCALE * update;
        expect(Math.abs(found[at] - exact)).toBeLessThanOrEqual(U * Math.abs(exact) * (1 + 1e-6));
        square += exact ** 2;
        error += (found[at] - exact) ** 2;
      }
    }
    expect(Math.sqrt(error / square)).toBeLessThan(1e-5);
  });

  it('changes the outputs by no more than the rounding of the sums', async () => {
    const merged = await mergedModel(model, trained, adapters, SCALE);
    const feeds = { x: waves([ROWS, IN], 7) };
    const run = async (m: Model) => (await runModel(m, feeds)).get('y')?.data as Float32Array;
    const [one, other] = [await run(merged), await run(trained)];
    const most = await roundingBound(merged, trained, adapters[0], feeds.x.data as Float32Array);
    one.forEach((value, at) => expect(Math.abs(value - other[at])).toBeLessThanOrEqual(most[at]));
  });

  /**
   * A dot product of n terms is off by at most γₙ·Σ|xᵢ||wᵢ|, γₙ = n·u/(1 − n·u) (Higham 2002, §3.1). Here: x·W′
   * and its weights' own rounding, against x·W, x·A, (x·A)·B, the scale and the last sum.
   */
  async function roundingBound(
    merged: Model,
    unmerged: Model,
    { a, b }: (typeof adapters)[number],
    x: Float32Array,
  ): Promise<Float64Array> {
    const all = [merged, unmerged].map((m) => numbers(m, layer.weight));
    const [after, before] = await Promise.all(all);
    const [left, right] = [await numbers(unmerged, a), await numbers(unmerged, b)];
    return Float64Array.from({ length: ROWS * OUT }, (_, at) => {
      const [row, o] = [Math.floor(at / OUT), at % OUT];
      let [one, base, path] = [0, 0, 0];
      for (let i = 0; i < IN; i++) {
        const entry = form === 'MatMul' ? i * OUT + o : o * IN + i;
        const size = Math.abs(x[row * IN + i]);
        one += size * Math.abs(after[entry]);
        base += size * Math.abs(before[entry]);
        for (let k = 0; k < SHAPE.rank; k++) {
          path += size * SCALE * Math.abs(left[i * SHAPE.rank + k] * right[k * OUT + o]);
        }
      }
      return gamma(IN + 2) * one + gamma(IN + 2) * base + gamma(IN + SHAPE.rank + 2) * path;
    });
  }
});

function gamma(n: number): number {
  return (n * U) / (1 - n * U);
}

describe('a weight that something else reads too', () => {
  function tied(): Model {
    const g = new GraphBuilder();
    const ids = g.input('ids', 'int64', [1, ROWS]);
    const table = g.floats('embed.weight', [40, IN], waves([40 * IN], 2).data as Float32Array);
    const x = g.op('Gather', [table, ids]);
    const turned = g.op('Transpose', [table], { perm: [1, 0] });
    g.output(g.op('MatMul', [x, turned]), 'float32', [1, ROWS, 40], 'logits');
    return g.finish();
  }

  it('is left to it; the layer gets its own, as the forecast says', async () => {
    const model = tied();
    const head = recognise(model).layers.filter(({ op }) => op === 'MatMul');
    const { trained, adapters } = adapted(model, head, SHAPE, { deviation: 0.1 });
    const merged = await mergedModel(model, trained, adapters, SCALE);
    const feeds = { ids: longs([1, ROWS], [3, 1, 4, 15, 9]) };
    const run = async (m: Model) => (await runModel(m, feeds)).get('logits');
    expect(distance(await run(merged), await run(trained))).toBeLessThan(1e-4);
    expect(distance(await run(merged), await run(model))).toBeGreaterThan(0.1);
    expect(await numbers(merged, 'embed.weight')).toEqual(await numbers(model, 'embed.weight'));
    expect(sizeOf(plannedMerge(model, head).model)).toEqual(sizeOf(merged));
  });
});

describe('the stories model with a trained adapter beside every product', () => {
  const { model, anatomy } = storiesModel();
  const layers = anatomy.layers.filter(({ op }) => op === 'MatMul');
  const shape = { rank: 8, alpha: 16 };
  const ids = longs([1, 12], [1, 403, 407, 261, 378, 57, 300, 9, 77, 12, 401, 5]);

  it('has the same logits merged, to 1e-5 of their size and to the rounding of its own sums', async () => {
    const { trained, adapters } = adapted(model, layers, shape);
    const merged = await mergedModel(model, trained, adapters, 2);
    const run = async (m: Model) =>
      (await runModel(m, { input_ids: ids })).get('logits')?.data as Float32Array;
    const exact = (m: Model) =>
      interpret(m, { input_ids: f64FromValue(ids) }).get('logits')?.data as Float64Array;
    const [one, other] = [await run(merged), await run(trained)];
    expect(most(other, await run(model))).toBeGreaterThan(1);
    const size = most(other, new Float32Array(other.length));
    expect(most(one, other)).toBeLessThan(1e-5 * size);
    // In double precision only the one rounding of each weight is left: ten times less again.
    expect(most(exact(merged), exact(trained))).toBeLessThan(1e-6 * size);
    // Two runs whose sums round independently are √2 roundings apart; 2 leaves room for the weights'.
    const rounding = rootMeanSquare(await run(model), exact(model));
    expect(rootMeanSquare(one, other)).toBeLessThan(2 * rounding);
  });
});

function most(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((x, y) => Math.max(x, y), 0);
}

function rootMeanSquare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const squares = Array.from(a, (value, i) => (value - b[i]) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / a.length);
}
