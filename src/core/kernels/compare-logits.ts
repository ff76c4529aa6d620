import { compareLogitsOracle } from './compare-logits-oracle.ts';
import { kernels, type Kernels } from './load.ts';
import type { LogitsComparison } from './logits-comparison.ts';

export type { LogitsComparison } from './logits-comparison.ts';

/** Logits copied into the arena at once, per model. */
const WINDOW = 1 << 16;

/** Float64 results per row of the kernel. */
const SUMS = 6;

/**
 * Compares two models' logits [rows, vocabulary] row by row. `targets` [rows] are the true entries.
 * With a = p − max p, b = q − max q, t = b − a, Zp = Σeᵃ, Zq = Σeᵇ: NLL = ln Z − a_target and
 * KL = ln(Zq/Zp) − Σeᵃt/Zp, Zq/Zp − 1 = (Σeᵃt + Σeᵃ(eᵗ − 1 − t))/Zp. WHY so: ln Zp and ln Zq share no
 * rounding error and their difference would drown a small KL; written like this it keeps its digits.
 * eˣ is float32 (relative error below 1.5e-7), sums are float64: NLL is good to 1e-6. KL of equal rows is
 * exactly 0, no KL is below −1e-7. Entries more than 87 below the maximum (−∞ too) count as 87 below:
 * probability 1.6e-38. A row with a NaN gives NaN.
 */
export function compareLogits(
  p: Float32Array,
  q: Float32Array,
  rows: number,
  vocabulary: number,
  targets: ArrayLike<number>,
): LogitsComparison {
  const wasm = kernels();
  if (wasm === undefined) return compareLogitsOracle(p, q, rows, vocabulary, targets);
  const out = emptyComparison(rows);
  const step = Math.min(rows, Math.max(1, Math.floor(WINDOW / vocabulary)));
  wasm.arena.scope(() => {
    const { arena } = wasm;
    const [pp, pq] = [arena.alloc(4 * step * vocabulary), arena.alloc(4 * step * vocabulary)];
    const [sums, same] = [arena.alloc(8 * SUMS * step), arena.alloc(step)];
    for (let r = 0; r < rows; r += step) {
      const n = Math.min(step, rows - r);
      arena.write(pp, p.subarray(r * vocabulary, (r + n) * vocabulary));
      arena.write(pq, q.subarray(r * vocabulary, (r + n) * vocabulary));
      wasm.compareRows({ p: pp, q: pq, rows: n, n: vocabulary, out: sums, same });
      readRows(wasm, sums, same, r, n, out);
    }
  });
  finish(out, p, q, vocabulary, targets);
  return out;
}

function emptyComparison(rows: number): LogitsComparison {
  const column = (): Float64Array => new Float64Array(rows);
  return { nllP: column(), nllQ: column(), kl: column(), sameTop: column(), deltaP: column() };
}

/** Fills kl, sameTop, and into nllP/nllQ the log normalisers max + ln Z. */
function readRows(
  wasm: Kernels,
  sums: number,
  same: number,
  first: number,
  count: number,
  out: LogitsComparison,
): void {
  const values = wasm.arena.doubles(sums, SUMS * count);
  const tops = wasm.arena.bytes(same, count);
  for (let i = 0; i < count; i++) {
    const [maxP, maxQ, zp, zq, change, excess] = values.subarray(i * SUMS, (i + 1) * SUMS);
    const growth = (change + excess) / zp;
    const logRatio = Math.abs(growth) < 0.5 ? Math.log1p(growth) : Math.log(zq / zp);
    out.kl[first + i] = logRatio - change / zp;
    out.nllP[first + i] = maxP + Math.log(zp);
    out.nllQ[first + i] = maxQ + Math.log(zq);
    out.sameTop[first + i] = tops[i];
  }
}

function finish(
  out: LogitsComparison,
  p: Float32Array,
  q: Float32Array,
  vocabulary: number,
  targets: ArrayLike<number>,
): void {
  for (let r = 0; r < out.kl.length; r++) {
    out.nllP[r] -= p[r * vocabulary + targets[r]];
    out.nllQ[r] -= q[r * vocabulary + targets[r]];
    out.deltaP[r] = Math.exp(-out.nllQ[r]) - Math.exp(-out.nllP[r]);
  }
}
