import { assertRows, watchFinite } from '../../core/statistics/activations.ts';
import { mirrorUpper } from '../../core/kernels/syrk.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { Moments } from '../../core/statistics/moments/moments.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { DeviceValue, Runtime, Session } from '../types.ts';

/** H + XᵀX of any size. Gemm alone, which graphics devices have a kernel for. */
function momentsGraph(): Model {
  const g = new GraphBuilder('moments');
  const x = g.input('x', 'float32', ['rows', 'columns']);
  const h = g.input('h', 'float32', ['columns', 'columns']);
  g.output(g.op('Gemm', [x, x, h], { transA: 1 }), 'float32', ['columns', 'columns'], 'next');
  return g.finish();
}

/** One session for all layers of a runtime, as long as that is: it holds no weights. */
const sessions = new WeakMap<Runtime, Promise<Session>>();

function sessionOn(runtime: Runtime): Promise<Session> {
  const known = sessions.get(runtime) ?? runtime.open(momentsGraph(), { keepOnDevice: ['next'] });
  sessions.set(runtime, known);
  return known;
}

/** Collects XᵀX where the products are made. */
export interface DeviceMoments {
  add(x: Float32Array, rows: number): Promise<void>;
  finish(): Promise<Moments>;
}

/**
 * H = XᵀX = Σ_r x_rᵀx_r as `createMoments` has it, made on the device and kept there until it is wanted. Rows
 * enter as they come and sums are in float32 in the device's order, so the last bits are the device's own;
 * the lower half is made the upper half's mirror. Throws `activations-shape`, `activations-not-finite`.
 */
export function deviceMoments(runtime: Runtime, columns: number): DeviceMoments {
  const watch = watchFinite(columns);
  let h: Value | DeviceValue = square(columns, new Float32Array(columns * columns));
  let seen = 0;
  return {
    async add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      seen += rows;
      if (rows === 0) return;
      const session = await sessionOn(runtime);
      const fed = { dataType: DataType.float32, dims: [rows, columns], data: x };
      const { next } = await session.runOnDevice({ x: fed, h });
      if ('dispose' in h) h.dispose();
      h = next;
    },
    async finish() {
      watch.assert();
      const values = Float32Array.from(await floatsOf(h));
      mirrorUpper(values, columns);
      return { rows: seen, columns, values };
    },
  };
}

function square(columns: number, data: Float32Array): Value {
  return { dataType: DataType.float32, dims: [columns, columns], data };
}

async function floatsOf(value: Value | DeviceValue): Promise<Float32Array> {
  if (!('read' in value)) return value.data as Float32Array;
  const { data } = await value.read();
  value.dispose();
  return data as Float32Array;
}
