import type { TrainingRecord } from '../../core/report/training.ts';
import type { StepEvent } from '../../runtime/trainer/loop.ts';
import type { Checkpoint } from './checkpoint.ts';

const POINTS = 300;

/** The losses of a run, step by step, and at its looks at held-out data. */
export class Curve {
  readonly #curve: [number, number][];
  readonly #validation: [number, number, number][];

  constructor(kept: Checkpoint | undefined) {
    this.#curve = (kept?.curve ?? []).map(([step, loss]) => [step, loss]);
    this.#validation = (kept?.validation ?? []).map(([s, loss, error]) => [s, loss, error]);
  }

  add({ step, loss, validation }: StepEvent): void {
    this.#curve.push([step, loss]);
    if (validation === undefined) return;
    const { value, standardError } = validation.loss;
    this.#validation.push([step, value, Number.isFinite(standardError) ? standardError : 0]);
  }

  all(): Pick<TrainingRecord, 'curve' | 'validation'> {
    return { curve: this.#curve, validation: this.#validation };
  }

  /** All so far, for others to keep. */
  snapshot(): Pick<TrainingRecord, 'curve' | 'validation'> {
    return { curve: [...this.#curve], validation: [...this.#validation] };
  }

  /** A few hundred points: means over equal stretches of steps. */
  thinned(): Pick<TrainingRecord, 'curve' | 'validation'> {
    const width = Math.ceil(this.#curve.length / POINTS);
    if (width <= 1) return this.all();
    const curve: [number, number][] = [];
    for (let from = 0; from < this.#curve.length; from += width) {
      const part = this.#curve.slice(from, from + width);
      const mean = part.reduce((sum, [, loss]) => sum + loss, 0) / part.length;
      curve.push([part[part.length - 1][0], mean]);
    }
    return { curve, validation: this.#validation };
  }
}
