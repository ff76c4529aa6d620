import { DataType } from '../../../src/core/tensor/data-type.ts';
import { erf } from './erf.ts';
import type { Call, Kernel, Kernels } from './kernel.ts';
import { broadcastDims, broadcastIndex } from './positions.ts';
import { generate, isFloat, type F64Value } from './value.ts';

const unary =
  (f: (x: number, call: Call) => number): Kernel =>
  (call) => {
    const x = call.input(0);
    return generate(x.dataType, x.dims, (i) => f(x.data[i], call));
  };

/** f over any number of inputs broadcast together; of the first input's type unless stated. */
export function zip(
  inputs: readonly F64Value[],
  f: (...values: number[]) => number,
  dataType = inputs[0].dataType,
): F64Value {
  const dims = broadcastDims(...inputs.map((value) => value.dims));
  const indices = inputs.map((value) => broadcastIndex(value.dims, dims));
  return generate(dataType, dims, (i) => f(...inputs.map(({ data }, k) => data[indices[k][i]])));
}

const binary =
  (f: (a: number, b: number) => number): Kernel =>
  (call) =>
    zip([call.input(0), call.input(1)], f);

const compare =
  (f: (a: number, b: number) => boolean): Kernel =>
  (call) =>
    zip([call.input(0), call.input(1)], (a, b) => Number(f(a, b)), DataType.bool);

const fold =
  (f: (a: number, b: number) => number): Kernel =>
  (call) =>
    zip(call.all(), (...values) => values.reduce(f));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Both forms of Gelu. */
function gelu(x: number, call: Call): number {
  if (call.text('approximate', 'none') === 'none') return (x / 2) * (1 + erf(x / Math.SQRT2));
  return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function roundToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const divide: Kernel = (call) => {
  const whole = !isFloat(call.input(0).dataType);
  return zip([call.input(0), call.input(1)], (a, b) => (whole ? Math.trunc(a / b) : a / b));
};

const modulo: Kernel = (call) => {
  const likeC = call.int('fmod', 0) === 1;
  return zip([call.input(0), call.input(1)], (a, b) => (likeC ? a % b : a - b * Math.floor(a / b)));
};

const clip: Kernel = (call) => {
  const low = call.inputs[1]?.data[0] ?? call.float('min', -Infinity);
  const high = call.inputs[2]?.data[0] ?? call.float('max', Infinity);
  const x = call.input(0);
  return generate(x.dataType, x.dims, (i) => Math.min(Math.max(x.data[i], low), high));
};

const where: Kernel = (call) => {
  const [condition, a, b] = [call.input(0), call.input(1), call.input(2)];
  return zip([condition, a, b], (c, x, y) => (c === 0 ? y : x), a.dataType);
};

/** From a float to an integer: towards zero; to bool: not zero; floats are not rounded. */
const cast: Kernel = (call) => {
  const x = call.input(0);
  const to = call.int('to', DataType.float32);
  if (to === DataType.bool) return generate(to, x.dims, (i) => Number(x.data[i] !== 0));
  return generate(to, x.dims, (i) => (isFloat(to) ? x.data[i] : Math.trunc(x.data[i])));
};

const castLike: Kernel = (call) => {
  const [x, like] = [call.input(0), call.input(1)];
  return { ...x, dataType: like.dataType };
};

const mean: Kernel = (call) => zip(call.all(), (...v) => v.reduce((a, b) => a + b, 0) / v.length);

const rectifiers: Kernels = {
  Relu: unary((x) => Math.max(x, 0)),
  LeakyRelu: unary((x, c) => (x < 0 ? c.float('alpha', 0.01) * x : x)),
  Elu: unary((x, c) => (x < 0 ? c.float('alpha', 1) * Math.expm1(x) : x)),
  ThresholdedRelu: unary((x, c) => (x > c.float('alpha', 1) ? x : 0)),
  PRelu: binary((x, slope) => (x < 0 ? slope * x : x)),
  HardSigmoid: unary((x, c) =>
    Math.max(0, Math.min(1, c.float('alpha', 0.2) * x + c.float('beta', 0.5))),
  ),
  HardSwish: unary((x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
};

const activations: Kernels = {
  Sigmoid: unary(sigmoid),
  Tanh: unary(Math.tanh),
  Erf: unary(erf),
  Gelu: unary(gelu),
  FastGelu: unary(
    (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ),
  QuickGelu: unary((x, c) => x * sigmoid(c.float('alpha', 1.702) * x)),
  Swish: unary((x, c) => x * sigmoid(c.float('alpha', 1) * x)),
  Softplus: unary(softplus),
  Softsign: unary((x) => x / (1 + Math.abs(x))),
  Mish: unary((x) => x * Math.tanh(softplus(x))),
};

const functions: Kernels = {
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Reciprocal: unary((x) => 1 / x),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary(roundToEven),
  Not: unary((x) => Number(x === 0)),
  Identity: unary((x) => x),
};

const pairs: Kernels = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: divide,
  Mod: modulo,
  Pow: binary((a, b) => a ** b),
  Min: fold((a, b) => Math.min(a, b)),
  Max: fold((a, b) => Math.max(a, b)),
  Sum: fold((a, b) => a + b),
  Mean: mean,
};

const logic: Kernels = {
  Equal: compare((a, b) => a === b),
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  And: compare((a, b) => a !== 0 && b !== 0),
  Or: compare((a, b) => a !== 0 || b !== 0),
  Xor: compare((a, b) => (a !== 0) !== (b !== 0)),
  IsNaN: (call) => zip([call.input(0)], (x) => Number(Number.isNaN(x)), DataType.bool),
  IsInf: (call) =>
    zip(
      [call.input(0)],
      (x) =>
        Number(
          (x === Infinity && call.int('detect_positive', 1) === 1) ||
            (x === -Infinity && call.int('detect_negative', 1) === 1),
        ),
      DataType.bool,
    ),
};

export const elementwise: Kernels = {
  ...rectifiers,
  ...activations,
  ...functions,
  ...pairs,
  ...logic,
  Clip: clip,
  Where: where,
  Cast: cast,
  CastLike: castLike,
};
