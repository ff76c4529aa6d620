import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';
import { logSumExp, meanOverRows, rowsOf } from './rows.ts';
import type { Loss } from './types.ts';

export type Direction = 'forward' | 'reverse' | 'jensen-shannon';

export interface DivergenceOptions {
  readonly direction: Direction;
  /** τ ≥ 1 softens both distributions. */
  readonly temperature: number;
}

interface Distribution {
  readonly log: string;
  readonly p: string;
}

/**
 * Divergence between softmax(t/τ) = p of the teacher and softmax(s/τ) = q of the student, times τ²
 * (Hinton's scaling, which keeps the gradient's size), mean over the rows that have a label:
 * forward KL(p‖q), reverse KL(q‖p), or Jensen–Shannon ½KL(p‖m) + ½KL(q‖m) with m = (p + q)/2.
 * With z = s/τ: ∂/∂z of forward is q − p, of reverse q ⊙ (log(q/p) − KL(q‖p)), of Jensen–Shannon
 * ½·q ⊙ (log(q/m) − KL(q‖m)). Nothing flows into the teacher.
 * @see Hinton et al. 2015, arXiv:1503.02531; Gu et al. 2024, arXiv:2306.08543; Agarwal et al. 2024, arXiv:2306.13649
 */
export function divergence(
  student: string,
  teacher: string,
  labels: string,
  { direction, temperature }: DivergenceOptions,
): Loss {
  return (emit) => {
    const rows = rowsOf(emit, student, labels);
    const p = softened(
      emit,
      emit.cast(emit.flattenLeading(teacher), DataType.float32),
      temperature,
    );
    const q = softened(emit, rows.logits, temperature);
    const { kl, slope } = PARTS[direction](emit, p, q);
    const value = emit.scale(meanOverRows(emit, kl, rows), temperature ** 2);
    const scale = emit.scale(emit.div(rows.valid, rows.count), temperature);
    const gradient = emit.reshape(emit.mul(slope, scale), emit.dims(student));
    return { value, seeds: new Map([[student, gradient]]) };
  };
}

/** Divergence of each row [N, 1] and its derivative by z [N, classes]. */
type Parts = (emit: Emitter, p: Distribution, q: Distribution) => { kl: string; slope: string };

const PARTS: Readonly<Record<Direction, Parts>> = {
  forward: (emit, p, q) => ({
    kl: expectation(emit, p.p, emit.sub(p.log, q.log)),
    slope: emit.sub(q.p, p.p),
  }),
  reverse: (emit, p, q) => {
    const ratio = emit.sub(q.log, p.log);
    const kl = expectation(emit, q.p, ratio);
    return { kl, slope: emit.mul(q.p, emit.sub(ratio, kl)) };
  },
  'jensen-shannon': (emit, p, q) => {
    const middle = emit.unary('Log', emit.scale(emit.add(p.p, q.p), 0.5));
    const ratio = emit.sub(q.log, middle);
    const fromStudent = expectation(emit, q.p, ratio);
    const fromTeacher = expectation(emit, p.p, emit.sub(p.log, middle));
    const slope = emit.mul(q.p, emit.sub(ratio, fromStudent));
    return {
      kl: emit.scale(emit.add(fromTeacher, fromStudent), 0.5),
      slope: emit.scale(slope, 0.5),
    };
  },
};

function softened(emit: Emitter, rows: string, temperature: number): Distribution {
  const z = emit.scale(rows, 1 / temperature);
  const p = emit.unary('Softmax', z, { axis: -1 });
  return { log: emit.sub(z, logSumExp(emit, z, p)), p };
}

/** Σ p ⊙ x along each row: [N, 1]. */
function expectation(emit: Emitter, p: string, x: string): string {
  return emit.reduceSum(emit.mul(p, x), [1]);
}
