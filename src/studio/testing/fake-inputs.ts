import type { InputProfile, InputQuestion } from '../../../workers/protocol.ts';

const [COLUMNS, BINS, LIMIT] = [64, 2048, 8];

/** A value with a normal bulk, a long tail to the right, and two outlier channels. */
export function fakeInputs({ layer, step }: InputQuestion): InputProfile {
  const counts = Float64Array.from({ length: BINS }, (_, bin) => {
    const x = ((bin + 0.5) / BINS) * 2 * LIMIT - LIMIT;
    const tail = x > 2 && x < 7 ? 3 : 0;
    return Math.round(900 * Math.exp((-x * x) / 0.8)) + tail;
  });
  const maxima = Float32Array.from({ length: COLUMNS }, (_, j) =>
    j === 17 ? 6.8 : j === 40 ? 5.1 : 0.6 + 0.3 * Math.sin(j * 1.7),
  );
  const divided = Float64Array.from(maxima, (most) => Math.sqrt(most));
  return {
    ...{ layer, value: `${layer} input`, rows: 16_384, columns: COLUMNS, counts, limit: LIMIT },
    ...{ maxima, meanSquares: maxima.map((most) => (most / 3) ** 2) },
    ...(step && { divided, automatic: [-2.4, 4.2] as const }),
  };
}
