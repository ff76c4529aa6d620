import { qr } from '../../../linalg/qr.ts';
import type { Random } from '../../../random/random.ts';
import { normal } from '../../../random/seeded.ts';
import { turnBy, type Turn } from '../../../stream/index.ts';
import { hadamardTurn } from './hadamard-turn.ts';

/** An orthogonal matrix [n, n] drawn evenly from all: Q of a matrix of normal numbers (Mezzadri 2007). */
export function drawnOrthogonal(n: number, random: Random): Float64Array {
  if (n === 1) return Float64Array.of(1);
  return qr(
    Float64Array.from({ length: n * n }, () => normal(random)),
    n,
    n,
  ).q;
}

/** A rotation of `width` columns: drawn whole, or a Hadamard matrix of the power of two in it ⊗ one drawn for the rest, with drawn signs. */
export function drawnTurn(width: number, kind: 'hadamard' | 'orthogonal', random: Random): Turn {
  if (kind === 'orthogonal') return turnBy(drawnOrthogonal(width, random), width);
  const rest = width / powerOfTwoIn(width);
  const signs = Float64Array.from({ length: width }, () => (random.next() < 0.5 ? -1 : 1));
  return hadamardTurn(signs, drawnOrthogonal(rest, random), rest);
}

/** The largest power of two that divides n. */
function powerOfTwoIn(n: number): number {
  return n & -n;
}
