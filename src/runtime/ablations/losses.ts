import type { AblationLoss } from '../../core/ablation/types.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { meanByWindow, ratioOfSums, standardError } from '../../core/metrics/estimate.ts';
import { squaredError } from '../../core/metrics/relative-error.ts';
import type { Value } from '../../core/tensor/values.ts';
import { logitsOf } from '../evaluate/logits.ts';
import { Growing } from '../evaluate/growing.ts';
import { valueRows } from '../layer-rows.ts';

/** What a model's answers are compared by. */
export type Measure = AblationLoss['measure'];

/** How far answers move away from those of the ground, batch by batch. */
export interface LossTrack {
  /** `mask` marks padding with 0. */
  add(ground: Value, ablated: Value, mask: Uint8Array | undefined): void;
  /** Examples, and rows of their answers, so far. */
  readonly examples: number;
  readonly rows: number;
  loss(): AblationLoss;
}

/** A track of mean KL(ground ‖ ablated) per row, or of ‖ablated − ground‖²/‖ground‖²; errors by window or example. */
export function lossTrack(measure: Measure): LossTrack {
  return measure === 'kl' ? klTrack() : distanceTrack();
}

function klTrack(): LossTrack {
  const kl = new Growing();
  const windows: number[] = [];
  return {
    add(ground, ablated, mask) {
      const [p, q] = [ground, ablated].map((value) => valueRows(value, mask).x);
      const { classes, rows } = logitsOf('', ground);
      const lengths = rowsByExample(ground, rows, mask);
      const counted = lengths.reduce((sum, length) => sum + length, 0);
      kl.push(compareLogits(p, q, counted, classes, new Int32Array(counted)).kl);
      windows.push(...lengths);
    },
    get examples() {
      return windows.length;
    },
    get rows() {
      return kl.values.length;
    },
    loss() {
      const { value, influences } = meanByWindow(kl.values, windows);
      // Rounding makes a KL of equal answers a hair less than nothing.
      const least = Math.max(0, value);
      return {
        measure: 'kl',
        value: least,
        standardError: standardError(influences),
        n: windows.length,
      };
    },
  };
}

/** How many rows of each example count. */
function rowsByExample({ dims }: Value, rows: number, mask: Uint8Array | undefined): number[] {
  const examples = dims.length > 2 ? dims[0] : rows;
  const each = rows / examples;
  const masked = mask?.length === rows ? mask : undefined;
  return Array.from({ length: examples }, (_, e) =>
    masked === undefined
      ? each
      : masked
          .subarray(e * each, (e + 1) * each)
          .reduce((sum, keep) => sum + Number(keep !== 0), 0),
  ).filter((length) => length > 0);
}

function distanceTrack(): LossTrack {
  const [errors, signals]: [number[], number[]] = [[], []];
  return {
    add(ground, ablated, mask) {
      const [a, b] = [ground, ablated].map((value) => valueRows(value, mask));
      const rows = valueRows(ground).rows;
      let from = 0;
      for (const length of rowsByExample(ground, rows, mask)) {
        const end = from + length * a.columns;
        const { error, signal } = squaredError(a.x.subarray(from, end), b.x.subarray(from, end));
        errors.push(error);
        signals.push(signal);
        from = end;
      }
    },
    get examples() {
      return errors.length;
    },
    get rows() {
      return errors.length;
    },
    loss() {
      const { value, influences, n } = ratioOfSums(errors, signals, errors.length);
      return { measure: 'relative distance', value, standardError: standardError(influences), n };
    },
  };
}
