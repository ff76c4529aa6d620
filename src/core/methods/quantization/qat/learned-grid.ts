import type { Emitter } from '../../../autodiff/emitter.ts';
import { middleCode } from '../../../kernels/uniform.ts';
import {
  clipped,
  fakeQuantized,
  roundedCodes,
  type CodeGroups,
} from '../../../training/fake-quantization.ts';
import { grownScale } from '../learned-scale.ts';
import type { QatOptions } from './meta.ts';

/** Initializers that one weight is made of while it trains, all float32. */
export interface GridNames {
  /** W [rows, columns]. */
  readonly weight: string;
  /** s₀ and u, one per group: s = s₀·e^{κu}. */
  readonly start: string;
  readonly growth: string;
  /** z₀ and t, one per group: z = round(z₀ + κt). No z₀: symmetric; no t: the zeros stay. */
  readonly zero?: string;
  readonly shift?: string;
}

/** What a weight's codes are, beside which numbers its grids hold. */
export interface GridKind extends CodeGroups {
  readonly bits: QatOptions['bits'];
  /** What steps are stored as. */
  readonly scaleType: number;
  /** κ. */
  readonly pace: number;
}

/** κ: Adam moves u by about the learning rate η in a step, and so s by `stepRate` of itself. */
export function paceOf({
  stepRate,
  learningRate,
}: Pick<QatOptions, 'stepRate' | 'learningRate'>): number {
  return stepRate / learningRate;
}

/** The values s and z of a learned grid, and Ŵ [rows, columns]. */
export interface WrittenGrid {
  readonly s: string;
  readonly z: string;
  readonly output: string;
}

/** Ŵ of a weight whose grids are learned. */
export function learnedGrid(emit: Emitter, names: GridNames, kind: GridKind): WrittenGrid {
  const { weight, start, growth } = names;
  const { pace, scaleType: dataType } = kind;
  const s = grownScale(emit, { start, growth, pace, dataType });
  const z = zerosOf(emit, names, kind);
  return { s, z, output: fakeQuantized(emit, { w: weight, s, z }, kind) };
}

function zerosOf(emit: Emitter, { zero, shift }: GridNames, { bits, pace }: GridKind): string {
  if (zero === undefined) return emit.scalar(middleCode(bits));
  if (shift === undefined) return zero;
  const moved = emit.add(zero, emit.scale(shift, pace));
  return roundedCodes(emit, clipped(emit, moved, 0, 2 ** bits - 1));
}
