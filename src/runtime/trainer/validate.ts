import { VALIDATION } from '../../core/training/validation-graph.ts';
import type { DeviceValue, Session } from '../types.ts';
import type { Feeds, WeightFeeds } from './stepper.ts';

export interface Measured {
  readonly value: number;
  readonly standardError: number;
  readonly n: number;
}

export interface Validation {
  /** Nats per label. */
  readonly loss: Measured;
  /** Share of labels with the largest logit. */
  readonly accuracy: Measured;
}

/** A batch of held-out data: `examples` sequences or pictures; padding after them is left out. */
export interface ValidationBatch {
  readonly feeds: Feeds;
  readonly examples: number;
}

/**
 * Mean loss and accuracy over labels, with standard errors by example: a ratio of sums, whose error is
 * √(Σ(aᵢ − r·nᵢ)²)/Σnᵢ · √(k/(k − 1)) over k examples with sums aᵢ over nᵢ labels (Cochran 1977, §6.3).
 */
export async function validate(
  session: Session,
  weights: WeightFeeds,
  batches: readonly ValidationBatch[],
): Promise<Validation> {
  const losses: Sum[] = [];
  const hits: Sum[] = [];
  for (const { feeds, examples } of batches) {
    const results = await session.runOnDevice({ ...feeds, ...weights });
    const nll = await floats(results[VALIDATION.nll]);
    const correct = await floats(results[VALIDATION.correct]);
    const valid = await floats(results[VALIDATION.valid]);
    const rows = nll.length / rowsOf(feeds);
    for (let i = 0; i < examples; i++) {
      const n = total(valid, i, rows);
      if (n === 0) continue;
      losses.push({ a: total(nll, i, rows), n });
      hits.push({ a: total(correct, i, rows), n });
    }
  }
  return { loss: ratio(losses), accuracy: ratio(hits) };
}

interface Sum {
  readonly a: number;
  readonly n: number;
}

function ratio(sums: readonly Sum[]): Measured {
  const n = sums.reduce((sum, s) => sum + s.n, 0);
  const value = sums.reduce((sum, s) => sum + s.a, 0) / n;
  const squares = sums.reduce((sum, s) => sum + (s.a - value * s.n) ** 2, 0);
  const k = sums.length;
  const standardError = k > 1 ? (Math.sqrt(squares) / n) * Math.sqrt(k / (k - 1)) : Infinity;
  return { value, standardError, n };
}

/** Examples a batch has room for: the first size of any of its arrays. */
function rowsOf(feeds: Feeds): number {
  const [first] = Object.values(feeds);
  return first.dims[0];
}

function total(values: Float32Array, example: number, rows: number): number {
  let sum = 0;
  for (let i = example * rows; i < (example + 1) * rows; i++) sum += values[i];
  return sum;
}

async function floats(value: DeviceValue): Promise<Float32Array> {
  const { data } = await value.read();
  value.dispose();
  return data as Float32Array;
}
