import type { LogitsComparison } from './logits-comparison.ts';

/** Plain float64 oracle of `compareLogits`, row by row with Math.exp and Math.log. */
export function compareLogitsOracle(
  p: Float32Array,
  q: Float32Array,
  rows: number,
  vocabulary: number,
  targets: ArrayLike<number>,
): LogitsComparison {
  const out: LogitsComparison = {
    nllP: new Float64Array(rows),
    nllQ: new Float64Array(rows),
    kl: new Float64Array(rows),
    sameTop: new Float64Array(rows),
    deltaP: new Float64Array(rows),
  };
  for (let r = 0; r < rows; r++) {
    const a = p.subarray(r * vocabulary, (r + 1) * vocabulary);
    const b = q.subarray(r * vocabulary, (r + 1) * vocabulary);
    const logP = logNormaliser(a);
    const logQ = logNormaliser(b);
    let kl = 0;
    for (let i = 0; i < vocabulary; i++) {
      const probability = Math.exp(a[i] - logP);
      if (probability > 0) kl += probability * (a[i] - logP - (b[i] - logQ));
    }
    out.nllP[r] = logP - a[targets[r]];
    out.nllQ[r] = logQ - b[targets[r]];
    out.kl[r] = kl;
    out.sameTop[r] = argmax(a) === argmax(b) ? 1 : 0;
    out.deltaP[r] = Math.exp(-out.nllQ[r]) - Math.exp(-out.nllP[r]);
  }
  return out;
}

/** Plain float64 oracle of `negativeLogLikelihood`. */
export function negativeLogLikelihoodOracle(
  p: Float32Array,
  rows: number,
  vocabulary: number,
  targets: ArrayLike<number>,
): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => {
    const row = p.subarray(r * vocabulary, (r + 1) * vocabulary);
    return logNormaliser(row) - row[targets[r]];
  });
}

function logNormaliser(logits: Float32Array): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}
