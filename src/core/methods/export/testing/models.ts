import type { Layer } from '../../../anatomy/types.ts';
import { GraphBuilder } from '../../../onnx/build/graph-builder.ts';
import type { Model } from '../../../onnx/types.ts';

/** Seeded uniform numbers in [-1, 1) (mulberry32), so that tests see the same values everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * 2 - 1;
  };
}

export function randomFloats(count: number, seed: number): Float32Array {
  const next = seeded(seed);
  return Float32Array.from({ length: count }, next);
}

export type TestOp = 'MatMul' | 'Gemm' | 'Gemm-transB' | 'Conv' | 'Gather';

export interface TestModel {
  readonly model: Model;
  readonly layer: Layer;
  /** W [rows, columns]. */
  readonly weight: Float32Array;
  readonly input: { readonly dims: readonly number[]; readonly data: Float32Array | BigInt64Array };
}

/** A model of one layer over random weights; `rows` outputs, `columns` inputs. */
export function oneLayerModel(
  op: TestOp,
  rows: number,
  columns: number,
  { opset = 17, seed = 1 }: { opset?: number; seed?: number } = {},
): TestModel {
  const weight = randomFloats(rows * columns, seed);
  const g = new GraphBuilder('one');
  const built = BUILDERS[op](g, weight, rows, columns);
  const model = g.finish({ opset, irVersion: opset >= 21 ? 10 : 8 });
  const layer: Layer = {
    name: 'w',
    output: 'y',
    weight: 'w',
    input: 'x',
    outFeatures: rows,
    inFeatures: columns,
    role: op === 'Gather' ? 'embedding' : 'other',
    group: op === 'Gather' ? 'embedding' : 'other',
    op: op === 'Gemm-transB' ? 'Gemm' : op,
    layout: op === 'MatMul' || op === 'Gemm' ? 'in-out' : 'out-in',
  };
  return { model, layer, weight, input: { ...built } };
}

type Build = (
  g: GraphBuilder,
  weight: Float32Array,
  rows: number,
  columns: number,
) => TestModel['input'];

const TOKENS = 5;

function product(gemm: boolean, transB: boolean): Build {
  return (g, weight, rows, columns) => {
    const dims = gemm ? [TOKENS, columns] : [1, TOKENS, columns];
    const x = g.input('x', 'float32', dims);
    const w = transB
      ? g.floats('w', [rows, columns], weight)
      : g.floats('w', [columns, rows], transposed(weight, rows, columns));
    const y = gemm
      ? g.op('Gemm', [x, w, g.floats('b', [rows], randomFloats(rows, 9))], {
          transB: transB ? 1 : 0,
        })
      : g.op('MatMul', [x, w]);
    g.output(y, 'float32', [...dims.slice(0, -1), rows], 'y');
    return { dims, data: randomFloats(TOKENS * columns, 7) };
  };
}

const BUILDERS: Record<TestOp, Build> = {
  MatMul: product(false, false),
  Gemm: product(true, false),
  'Gemm-transB': product(true, true),
  /** A 3×3 kernel over columns/9 channels; the picture is the kernel's size, so each output is one dot product. */
  Conv: (g, weight, rows, columns) => {
    const dims = [TOKENS, columns / 9, 3, 3];
    const x = g.input('x', 'float32', dims);
    const w = g.floats('w', [rows, columns / 9, 3, 3], weight);
    g.output(g.op('Conv', [x, w]), 'float32', [TOKENS, rows, 1, 1], 'y');
    return { dims, data: randomFloats(TOKENS * columns, 7) };
  },
  Gather: (g, weight, rows, columns) => {
    const x = g.input('x', 'int64', [1, TOKENS]);
    const w = g.floats('w', [rows, columns], weight);
    g.output(g.op('Gather', [w, x], { axis: 0 }), 'float32', [1, TOKENS, columns], 'y');
    const next = seeded(5);
    const data = BigInt64Array.from({ length: TOKENS }, () =>
      BigInt(Math.floor(((next() + 1) / 2) * rows)),
    );
    return { dims: [1, TOKENS], data };
  },
};

export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  return out;
}

/** What a layer with weight `w` [rows, columns] must give, computed in float64. */
export function expectedOutput(
  op: TestOp,
  w: Float32Array,
  rows: number,
  columns: number,
  { data }: TestModel['input'],
): Float64Array {
  if (op === 'Gather') {
    const picked = [...(data as BigInt64Array)].map(Number);
    return Float64Array.from(
      picked.flatMap((i) => [...w.subarray(i * columns, (i + 1) * columns)]),
    );
  }
  const bias = op.startsWith('Gemm') ? randomFloats(rows, 9) : undefined;
  const out = new Float64Array(TOKENS * rows);
  for (let t = 0; t < TOKENS; t++)
    for (let r = 0; r < rows; r++) {
      let sum = bias?.[r] ?? 0;
      for (let c = 0; c < columns; c++) sum += Number(data[t * columns + c]) * w[r * columns + c];
      out[t * rows + r] = sum;
    }
  return out;
}
