import type { Emitter } from '../autodiff/emitter.ts';
import { DataType } from '../tensor/data-type.ts';

/** How the codes of a matrix [rows, columns] are shared out: one grid for `groupSize` columns of a row. */
export interface CodeGroups {
  readonly rows: number;
  readonly columns: number;
  readonly groupSize: number;
  /** Lowest and highest code in use, within 0 … 255. */
  readonly low: number;
  readonly high: number;
}

/**
 * Ŵ = s·(q − z), q = round(clip(W/s + z, low, high)), as ordinary operators whose gradients are those of learned
 * step sizes: ∂Ŵ/∂W = 1 inside the range, else 0; ∂Ŵ/∂s = round(v) − v inside (v = W/s + z), the code at the end
 * − z outside; ∂Ŵ/∂z = 0 inside, −s outside. `w` is [rows, columns], `s` a value of one number per group, `z` too, or
 * a scalar; all float32. Returns Ŵ [rows, columns].
 * @see Esser et al. 2020, arXiv:1902.08153, §2.1; zeros: Bhalgat et al. 2020, arXiv:2004.09576
 */
export function fakeQuantized(
  emit: Emitter,
  { w, s, z }: { readonly w: string; readonly s: string; readonly z: string },
  groups: CodeGroups,
): string {
  const { rows, columns, low, high } = groups;
  const { view, align } = alignment(emit, groups);
  const [scale, zero] = [align(s), align(z)];
  const position = emit.add(emit.div(emit.reshape(w, view), scale), zero);
  const codes = roundedCodes(emit, clipped(emit, position, low, high));
  return emit.reshape(emit.mul(emit.sub(codes, zero), scale), [rows, columns]);
}

/** min(max(x, low), high): beyond the ends no gradient comes back. */
export function clipped(emit: Emitter, x: string, low: number, high: number): string {
  return emit.op('Clip', [x, emit.scalar(low), emit.scalar(high)], emit.dims(x));
}

/**
 * round(x) to even of numbers in 0 … 255, whose gradient is that of x: QuantizeLinear with a step of 1, through
 * which the straight-through estimator lets gradients pass (`autodiff/rules/quantization.ts`), and back.
 */
export function roundedCodes(emit: Emitter, x: string): string {
  const dims = emit.dims(x);
  const one = emit.scalar(1);
  const codes = emit.op('QuantizeLinear', [x, one], dims, { dataType: DataType.uint8 });
  return emit.op('DequantizeLinear', [codes, one], dims, { dataType: DataType.float32 });
}

/** Sizes in which groups are an axis of their own, and grids broadcast along it; a broken last group is spread. */
function alignment(emit: Emitter, { rows, columns, groupSize }: CodeGroups) {
  const count = Math.ceil(columns / groupSize);
  const apart = [rows, count, 1];
  const isScalar = (value: string) => emit.dims(value).length === 0;
  if (count * groupSize === columns) {
    const align = (value: string) => (isScalar(value) ? value : emit.reshape(value, apart));
    return { view: [rows, count, groupSize], align };
  }
  const spread = (value: string) => {
    const all = emit.expand(emit.reshape(value, apart), [rows, count, groupSize]);
    return emit.slice(emit.reshape(all, [rows, count * groupSize]), 1, 0, columns);
  };
  return {
    view: [rows, columns],
    align: (value: string) => (isScalar(value) ? value : spread(value)),
  };
}
