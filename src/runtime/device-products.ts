import { GraphBuilder } from '../core/onnx/build/graph-builder.ts';
import type { Model } from '../core/onnx/types.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Runtime, Session } from './types.ts';

/** (W·H) ⊙ W summed along its rows, of any size. */
function rowForms(): Model {
  const g = new GraphBuilder('quadratic form');
  const w = g.input('w', 'float32', ['rows', 'columns']);
  const h = g.input('h', 'float32', ['columns', 'columns']);
  const axes = g.integers('axes', [1]);
  const products = g.op('Mul', [g.op('MatMul', [w, h]), w]);
  g.output(g.op('ReduceSum', [products, axes], { keepdims: 0 }), 'float32', ['rows'], 'forms');
  return g.finish({ opset: 17 });
}

/** One session for all layers of a runtime, as long as that is: it holds no weights. */
const sessions = new WeakMap<Runtime, Promise<Session>>();

function sessionOn(runtime: Runtime): Promise<Session> {
  const known = sessions.get(runtime) ?? runtime.open(rowForms());
  sessions.set(runtime, known);
  return known;
}

/**
 * Σ_r w_r·H·w_rᵀ over a matrix W [rows, columns], made on the device: product and rows in float32 in the
 * device's order, their sum in float64. Off by at most 2·columns·2⁻²⁴ · Σ |W||H||W|.
 */
export async function quadraticFormOn(
  runtime: Runtime,
  matrix: Float32Array,
  h: Float32Array,
  columns: number,
): Promise<number> {
  const session = await sessionOn(runtime);
  const rows = matrix.length / columns;
  const { forms } = await session.run({
    w: { dataType: DataType.float32, dims: [rows, columns], data: matrix },
    h: { dataType: DataType.float32, dims: [columns, columns], data: h },
  });
  let total = 0;
  for (const form of forms.data as Float32Array) total += form;
  return Math.max(0, total);
}

/** {@link quadraticFormOn} as a share of W's own, for several Ŵ: tr(D·H·Dᵀ) / tr(W·H·Wᵀ) with D = W − Ŵ. */
export function outputErrorsOn(
  runtime: Runtime,
  weight: Float32Array,
  h: Float32Array,
  columns: number,
): (decoded: Float32Array) => Promise<number> {
  let known: Promise<number> | undefined;
  return async (decoded) => {
    const whole = await (known ??= quadraticFormOn(runtime, weight, h, columns));
    if (whole === 0) return 0;
    const difference = weight.map((value, i) => value - decoded[i]);
    return (await quadraticFormOn(runtime, difference, h, columns)) / whole;
  };
}
