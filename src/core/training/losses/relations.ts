import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';
import { sharesOf, type AttentionMap } from './attention.ts';
import { realTokens, rowDivergence, visibility } from './row-divergence.ts';
import type { Loss } from './types.ts';

/** Queries, keys or values of one attention, as they lie in a graph. */
export interface HeadVectors {
  readonly value: string;
  /** Batch, heads, tokens, head size, once {@link turned}; heads that were repeated count as often. */
  readonly dims: readonly [number, number, number, number];
  /** The value holds head size before tokens, as keys stand at the product. */
  readonly turned: boolean;
  /** Neighbouring heads that are copies of one. */
  readonly copies: number;
  /** The value is the vectors times this. */
  readonly factor: number;
}

/** Forbidden scores: e to that power is 0. */
const FORBIDDEN = -1e30;

/**
 * Divergence of relations: how alike the tokens' queries (or keys, or values) are to each other. Student's
 * and teacher's vectors are cut into R relation heads, R the greatest common divisor of their numbers of
 * heads, so that widths and head counts may differ. With Aᵣ [n, dᵣ] the vectors of relation head r,
 * Rᵣ = softmax(Aᵣ·Aᵣᵀ/√dᵣ) by rows and L = 1/(R·n)·Σᵣ Σᵢ KL(Rᵣᵢ of the teacher ‖ Rᵣᵢ of the student).
 * Rows hold only the tokens that the teacher's attention lets token i see, itself included: earlier ones
 * in a causal model, none of padding. A student could not know more, and would be asked to guess the rest.
 * `seen` is the teacher's attention map.
 * @see Wang et al. 2021, arXiv:2012.15828, eq. 3–5
 */
export function relationDivergence(
  student: HeadVectors,
  teacher: HeadVectors,
  seen: AttentionMap,
): Loss {
  return (emit) => {
    const heads = commonHeads(student, teacher);
    const visible = visibility(emit, sharesOf(emit, seen));
    const hidden = emit.scale(emit.sub(emit.scalar(1), visible), FORBIDDEN);
    const relation = (vectors: HeadVectors) => {
      const z = emit.add(products(emit, vectors, heads), hidden);
      return { z, shares: emit.unary('Softmax', z, { axis: -1 }) };
    };
    const [p, q] = [relation(teacher), relation(student)];
    const real = realTokens(emit, visible);
    const { value, slope } = rowDivergence(emit, { p: p.shares, q: q.shares, real });
    return { value, seeds: new Map([[q.z, slope]]) };
  };
}

function commonHeads(student: HeadVectors, teacher: HeadVectors): number {
  let [a, b] = [student, teacher].map(({ dims, copies }) => dims[1] / copies);
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** A·Aᵀ/√d of each relation head: [B, R, n, n]. */
function products(emit: Emitter, vectors: HeadVectors, relationHeads: number): string {
  const [batch, heads, tokens, size] = vectors.dims;
  const own = heads / vectors.copies;
  const turned = vectors.turned ? emit.transposeLast(vectors.value) : vectors.value;
  const plain = emit.cast(turned, DataType.float32);
  const copied = emit.reshape(plain, [batch, own, vectors.copies, tokens, size]);
  const once = vectors.copies === 1 ? copied : emit.slice(copied, 2, 0, 1);
  const byToken = emit.transpose(emit.reshape(once, [batch, own, tokens, size]), [0, 2, 1, 3]);
  const width = (own / relationHeads) * size;
  const cut = emit.reshape(byToken, [batch, tokens, relationHeads, width]);
  const a = emit.transpose(cut, [0, 2, 1, 3]);
  const scale = 1 / (vectors.factor ** 2 * Math.sqrt(width));
  return emit.scale(emit.matmul(a, emit.transposeLast(a)), scale);
}
