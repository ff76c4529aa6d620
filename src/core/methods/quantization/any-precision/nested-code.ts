import type { Width } from './nested-grid.ts';

/** The widths that count, ascending, and how much. */
export interface Objective {
  readonly parent: Width;
  readonly widths: readonly Width[];
  /** λ_n, one for each width. */
  readonly weights: readonly number[];
}

/** The widths that are asked for most. WHY not all: five bits lie between four and six, whose codes they share. */
const COUNTED: readonly Width[] = [2, 3, 4, 6, 8];

/** λ_n = 4^(balance·(n − parent)): squared errors of a width shrink fourfold with each bit. */
export function objective(parent: Width, balance: number): Objective {
  const widths = COUNTED.filter((bits) => bits <= parent);
  return { parent, widths, weights: widths.map((bits) => 4 ** (balance * (bits - parent))) };
}

/**
 * q = argmin Σ_n λ_n·(x_n − p_n(q))², where p_n(q) = (q >> d)·2^d + (2^d − 1)/2, d = parent − n, is what the top n bits of
 * q stand for, in steps of the parent, and x_n what width n would like. Exact: branch and bound from the narrowest width
 * on, a bound being what the wider ones cost at least. `at` holds x_n.
 */
export class NestedCode {
  readonly at: Float64Array;
  readonly #weights: Float64Array;
  /** Steps of the parent per part of a width; the last is 1 where the parent counts. */
  readonly #steps: Float64Array;
  readonly #shifts: Uint8Array;
  readonly #children: Uint8Array;
  /** What widths from k on cost at least. */
  readonly #bounds: Float64Array;
  readonly #last: number;
  readonly #top: number;
  #best = 0;
  #least = Infinity;

  constructor({ parent, widths, weights }: Objective) {
    this.#weights = Float64Array.from(weights);
    this.#steps = Float64Array.from(widths, (bits) => 2 ** (parent - bits));
    this.#shifts = Uint8Array.from(widths, (bits) => parent - bits);
    this.#children = Uint8Array.from(widths, (b, k) => 2 ** (b - (k === 0 ? 0 : widths[k - 1])));
    this.#bounds = new Float64Array(widths.length + 1);
    this.#last = widths.length - 1;
    this.#top = 2 ** parent - 1;
    this.at = new Float64Array(widths.length);
  }

  find(): number {
    this.#bound();
    this.#try(this.#guess());
    if (this.#least > this.#bounds[0]) this.#descend(0, 0, 0);
    return this.#best;
  }

  #bound(): void {
    for (let k = this.#last; k >= 0; k--) {
      const nearest = clamped(this.at[k], this.#top) >> this.#shifts[k];
      this.#bounds[k] = this.#bounds[k + 1] + this.#cost(k, nearest);
    }
  }

  /** The nearest code to what the widths would like on average. */
  #guess(): number {
    let [sum, all] = [0, 0];
    for (let k = 0; k <= this.#last; k++) {
      sum += this.#weights[k] * this.at[k];
      all += this.#weights[k];
    }
    return clamped(sum / all, this.#top);
  }

  #try(code: number): void {
    let cost = 0;
    for (let k = 0; k <= this.#last; k++) cost += this.#cost(k, code >> this.#shifts[k]);
    this.#best = code;
    this.#least = cost;
  }

  #cost(k: number, top: number): number {
    const step = this.#steps[k];
    const off = this.at[k] - (top * step + (step - 1) / 2);
    return this.#weights[k] * off * off;
  }

  #descend(k: number, prefix: number, before: number): void {
    const children = this.#children[k];
    const first = prefix * children;
    const rest = this.#bounds[k + 1];
    for (let top = first; top < first + children; top++) {
      const cost = before + this.#cost(k, top);
      if (cost + rest >= this.#least) continue;
      if (k < this.#last) this.#descend(k + 1, top, cost);
      else {
        this.#best = top << this.#shifts[k];
        this.#least = cost;
      }
    }
  }
}

/** The code whose part a position lies in. */
function clamped(at: number, top: number): number {
  return Math.min(top, Math.max(0, Math.floor(at + 0.5)));
}
