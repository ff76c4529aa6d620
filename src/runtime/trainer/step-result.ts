import { VALUES } from '../../core/training/value-names.ts';
import type { DeviceValue } from '../types.ts';

/** What one optimiser step says about itself. */
export interface StepResult {
  readonly loss: number;
  /** Each term of the loss by name, when there are several. */
  readonly terms: Readonly<Record<string, number>>;
  /** ‖∂L/∂θ‖₂ before clipping; NaN where only gradients were taken. */
  readonly gradientNorm: number;
}

/** Whether loss and gradient are numbers. */
export function isFiniteStep({ loss, gradientNorm }: StepResult): boolean {
  return Number.isFinite(loss) && Number.isFinite(gradientNorm);
}

/** The scalars among a training run's results. */
export async function readStep(
  results: Readonly<Record<string, DeviceValue>>,
): Promise<StepResult> {
  const read = async (name: string): Promise<number> =>
    name in results ? Number((await results[name].read()).data[0]) : NaN;
  const prefix = `${VALUES.loss}/`;
  const terms: Record<string, number> = {};
  for (const name of Object.keys(results)) {
    if (name.startsWith(prefix)) terms[name.slice(prefix.length)] = await read(name);
  }
  const loss = await read(VALUES.loss);
  return { loss, terms, gradientNorm: await read(VALUES.gradientNorm) };
}

/** Means over the batches of one step. */
export function meanOf(results: readonly StepResult[]): StepResult {
  const mean = (pick: (result: StepResult) => number): number =>
    results.reduce((sum, result) => sum + pick(result), 0) / results.length;
  const names = Object.keys(results[0]?.terms ?? {});
  return {
    loss: mean(({ loss }) => loss),
    terms: Object.fromEntries(names.map((name) => [name, mean(({ terms }) => terms[name])])),
    gradientNorm: NaN,
  };
}
