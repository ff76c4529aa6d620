import { elementCount } from '../../../src/core/tensor/data-type.ts';
import { zip } from './elementwise.ts';
import type { Call, Kernel, Kernels } from './kernel.ts';
import { wrap } from './positions.ts';
import { generate, type F64Value } from './value.ts';

/** f on every line of elements along one axis. */
function alongAxis(x: F64Value, axis: number, f: (run: Float64Array) => Float64Array): F64Value {
  const count = x.dims[axis];
  const inner = elementCount(x.dims.slice(axis + 1));
  const data = new Float64Array(x.data.length);
  const run = new Float64Array(count);
  for (let start = 0; start < x.data.length; start += inner * count) {
    for (let k = 0; k < inner; k++) {
      for (let i = 0; i < count; i++) run[i] = x.data[start + i * inner + k];
      f(run).forEach((value, i) => (data[start + i * inner + k] = value));
    }
  }
  return { ...x, data };
}

function softmax(run: Float64Array): Float64Array {
  const top = Math.max(...run);
  const powers = run.map((x) => Math.exp(x - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
}

function logSoftmax(run: Float64Array): Float64Array {
  const top = Math.max(...run);
  const total = run.reduce((sum, x) => sum + Math.exp(x - top), 0);
  return run.map((x) => x - top - Math.log(total));
}

/** Below opset 13 the axes from `axis` on are one. */
const soft =
  (f: (run: Float64Array) => Float64Array): Kernel =>
  (call) => {
    const x = call.input(0);
    if (call.opset >= 13) {
      const axis = wrap(call.int('axis', -1), x.dims.length);
      return alongAxis(x, axis, f);
    }
    const axis = wrap(call.int('axis', 1), x.dims.length);
    const columns = elementCount(x.dims.slice(axis));
    const flat = { ...x, dims: [x.data.length / columns, columns] };
    return { ...alongAxis(flat, 1, f), dims: x.dims };
  };

interface Moments {
  readonly mean: F64Value;
  readonly inverse: F64Value;
}

/** Mean and 1/√(variance + ε) over the axes from `axis` on; the mean is 0 for RMS norms. */
function moments(call: Call, x: F64Value, axis: number, centred: boolean): Moments {
  const count = elementCount(x.dims.slice(axis));
  const dims = x.dims.map((size, k) => (k < axis ? size : 1));
  const row = (i: number) => x.data.subarray(i * count, (i + 1) * count);
  const mean = generate(x.dataType, dims, (i) =>
    centred ? row(i).reduce((a, b) => a + b, 0) / count : 0,
  );
  const inverse = generate(x.dataType, dims, (i) => {
    const squares = row(i).reduce((sum, value) => sum + (value - mean.data[i]) ** 2, 0);
    return 1 / Math.sqrt(squares / count + call.float('epsilon', 1e-5));
  });
  return { mean, inverse };
}

const layerNorm: Kernel = (call) => {
  const x = call.input(0);
  const { mean, inverse } = moments(call, x, wrap(call.int('axis', -1), x.dims.length), true);
  const normed = zip([x, mean, inverse, call.input(1)], (v, m, r, gamma) => (v - m) * r * gamma);
  const shift = call.inputs[2];
  return [shift ? zip([normed, shift], (a, b) => a + b) : normed, mean, inverse];
};

const rmsNorm: Kernel = (call) => {
  const x = call.input(0);
  const { inverse } = moments(call, x, wrap(call.int('axis', -1), x.dims.length), false);
  return [zip([x, inverse, call.input(1)], (v, r, gamma) => v * r * gamma), inverse];
};

/** One number per channel, ready to broadcast over [batch, channels, …]. */
const perChannel = (v: F64Value, rank: number): F64Value => ({
  ...v,
  dims: [v.data.length, ...new Array<number>(rank - 2).fill(1)],
});

const batchNorm: Kernel = (call) => {
  const [x, ...rest] = call.all();
  const [gamma, beta, mean, variance] = rest.map((v) => perChannel(v, x.dims.length));
  const epsilon = call.float('epsilon', 1e-5);
  return zip(
    [x, gamma, beta, mean, variance],
    (v, g, b, m, s) => ((v - m) / Math.sqrt(s + epsilon)) * g + b,
  );
};

/** Without `training_mode`: the identity, and a mask of ones. */
const dropout: Kernel = (call) => {
  const x = call.input(0);
  if (call.inputs[2]?.data[0]) throw new Error('Dropout in training mode is random.');
  return [x, generate(9, x.dims, () => 1)];
};

export const normalization: Kernels = {
  Softmax: soft(softmax),
  LogSoftmax: soft(logSoftmax),
  LayerNormalization: layerNorm,
  RMSNormalization: rmsNorm,
  SimplifiedLayerNormalization: rmsNorm,
  BatchNormalization: batchNorm,
  Dropout: dropout,
};
