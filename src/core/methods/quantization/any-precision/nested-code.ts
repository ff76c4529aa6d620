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
 * on. `at` holds x_n.
 */
export class NestedCode {
  readonly #widths: readonly Width[];
  readonly #weights: readonly number[];
  /** Steps of the parent per part of a width, and from a part's begin to its middle. */
  readonly #steps: readonly number[];
  readonly #children: readonly number[];
  readonly #parent: Width;
  readonly at: Float64Array;
  #best = 0;
  #least = Infinity;

  constructor({ parent, widths, weights }: Objective) {
    this.#parent = parent;
    this.#widths = widths;
    this.#weights = weights;
    this.#steps = widths.map((bits) => 2 ** (parent - bits));
    this.#children = widths.map((bits, k) => 2 ** (bits - (k === 0 ? 0 : widths[k - 1])));
    this.at = new Float64Array(widths.length);
  }

  find(): number {
    this.#least = Infinity;
    this.#try(this.#guess());
    this.#descend(0, 0, 0);
    return this.#best;
  }

  /** The nearest code to what the widths would like on average. */
  #guess(): number {
    let [sum, all] = [0, 0];
    for (let k = 0; k < this.at.length; k++) {
      sum += this.#weights[k] * this.at[k];
      all += this.#weights[k];
    }
    return Math.min(2 ** this.#parent - 1, Math.max(0, Math.floor(sum / all + 0.5)));
  }

  #try(code: number): void {
    let cost = 0;
    for (let k = 0; k < this.at.length; k++)
      cost += this.#cost(k, code >> (this.#parent - this.#widths[k]));
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
    for (let top = first; top < first + children; top++) {
      const cost = before + this.#cost(k, top);
      if (cost >= this.#least) continue;
      if (k + 1 < this.at.length) this.#descend(k + 1, top, cost);
      else {
        this.#best = top << (this.#parent - this.#widths[k]);
        this.#least = cost;
      }
    }
  }
}
