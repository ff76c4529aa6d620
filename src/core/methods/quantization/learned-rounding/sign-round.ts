import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { roundHalfEven } from '../../../kernels/arithmetic.ts';
import { gemm } from '../../../kernels/gemm.ts';
import { maxCode, middleCode, type UniformCodes } from '../../../kernels/uniform.ts';
import { gridOf, groupsOf, type GridShape, type WeightGroup } from './groups.ts';

export interface SignRoundOptions extends GridShape {
  readonly steps: number;
  /** η at first. */
  readonly learningRate: number;
  /** Whether α and β move. */
  readonly ranges: boolean;
}

interface Watch {
  readonly signal?: AbortSignal;
  readonly progress?: (fraction: number) => void;
}

/** What is learned: V [rows, columns] in [−½, ½], and α, β in [0.1, 1] of each group. */
interface Learned {
  readonly v: Float32Array;
  readonly alpha: Float32Array;
  readonly beta: Float32Array;
}

interface Rounding {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly zeros: Uint8Array;
  /** D = Ŵ − W. */
  readonly error: Float32Array;
}

/**
 * argmin over V, α, β of tr(D·H·Dᵀ), D = Ŵ − W, Ŵ = s·(clip(round(W/s + V + z), 0, 2^bits − 1) − z),
 * s = (α·max W − β·min W)/(2^bits − 1), z = round(−β·min W/s), by θ ← θ − η·sign(∂/∂θ), the gradient passing the
 * rounding straight, η falling along a line; the best of all steps is kept. H [columns, columns] = XᵀX.
 * Throws `weight-not-finite`.
 */
export function signRound(
  values: Float32Array,
  h: Float32Array,
  options: SignRoundOptions,
  { signal, progress }: Watch = {},
): UniformCodes {
  const { columns, steps, learningRate, symmetric } = options;
  const groups = groupsOf(values, options);
  const learned = beginning(values.length, groups.length);
  let best = { loss: Infinity, rounding: rounded(values, groups, learned, options) };
  for (let step = 0; step <= steps; step++) {
    throwIfCancelled(signal);
    const rounding = step === 0 ? best.rounding : rounded(values, groups, learned, options);
    const gradient = gemm(values.length / columns, columns, columns, rounding.error, h);
    const loss = dot(gradient, rounding.error);
    if (loss < best.loss) best = { loss, rounding };
    const rate = learningRate * (1 - step / steps);
    if (rate > 0) descend(values, groups, learned, { rounding, gradient, rate }, options);
    progress?.(step / steps);
  }
  const { codes, scales, zeros } = best.rounding;
  return { codes, scales, ...(!symmetric && { zeros }) };
}

function beginning(weights: number, groups: number): Learned {
  return {
    v: new Float32Array(weights),
    alpha: new Float32Array(groups).fill(1),
    beta: new Float32Array(groups).fill(1),
  };
}

function rounded(
  values: Float32Array,
  groups: readonly WeightGroup[],
  { v, alpha, beta }: Learned,
  options: SignRoundOptions,
): Rounding {
  const top = maxCode(options.bits);
  const codes = new Uint8Array(values.length);
  const error = new Float32Array(values.length);
  const scales = new Float32Array(groups.length);
  const zeros = new Uint8Array(groups.length);
  groups.forEach((group, g) => {
    const { scale, zero } = gridOf(group, alpha[g], beta[g], options);
    scales[g] = scale;
    zeros[g] = zero;
    for (let i = group.from; i < group.end; i++) {
      const code = roundHalfEven(values[i] / scale + v[i] + zero);
      codes[i] = Math.min(Math.max(code, 0), top);
      error[i] = scale * (codes[i] - zero) - values[i];
    }
  });
  return { codes, scales, zeros, error };
}

interface Descent {
  readonly rounding: Rounding;
  /** D·H: half of ∂L/∂Ŵ, of which only the sign counts. */
  readonly gradient: Float32Array;
  readonly rate: number;
}

function descend(
  values: Float32Array,
  groups: readonly WeightGroup[],
  learned: Learned,
  { rounding, gradient, rate }: Descent,
  options: SignRoundOptions,
): void {
  const top = maxCode(options.bits);
  const { v } = learned;
  groups.forEach((group, g) => {
    const [scale, zero] = [rounding.scales[g], rounding.zeros[g]];
    const direction = Math.sign(scale);
    let [toScale, toZero] = [0, 0];
    for (let i = group.from; i < group.end; i++) {
      const place = values[i] / scale + v[i] + zero;
      const centred = rounding.codes[i] - zero;
      if (place < 0 || place > top) {
        toScale += gradient[i] * centred;
        toZero -= gradient[i] * scale;
        continue;
      }
      toScale += gradient[i] * (centred - values[i] / scale);
      v[i] = clamp(v[i] - rate * direction * Math.sign(gradient[i]), -0.5, 0.5);
    }
    if (options.ranges)
      moveEnds(group, g, learned, { toScale, toZero, scale, zero, rate }, options);
  });
}

interface EndGradients {
  /** ∂L/∂s with z held, ∂L/∂z with s held. */
  readonly toScale: number;
  readonly toZero: number;
  readonly scale: number;
  readonly zero: number;
  readonly rate: number;
}

/** α and β by the chain rule through s and z = −β·low/s. */
function moveEnds(
  { low, high }: WeightGroup,
  g: number,
  { alpha, beta }: Learned,
  { toScale, toZero, scale, zero, rate }: EndGradients,
  { bits, symmetric }: SignRoundOptions,
): void {
  const move = (ends: Float32Array, gradient: number) => {
    ends[g] = clamp(ends[g] - rate * Math.sign(gradient), 0.1, 1);
  };
  if (symmetric) return move(beta, (toScale * low) / -middleCode(bits));
  const whole = toScale - (toZero * zero) / scale;
  move(alpha, (whole * high) / maxCode(bits));
  move(beta, (-whole * low) / maxCode(bits) - (toZero * low) / scale);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
