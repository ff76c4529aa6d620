import { LatheError } from '../../core/errors/lathe-error.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import type { MethodContext } from '../../core/methods/contract.ts';
import type { Random } from '../../core/random/random.ts';
import type { RunningStep } from './types.ts';

/** Each layer of each step has a stream of its own, so excluding one layer leaves the others' as they were. */
export function layerRandom(seed: number, step: number, layer: string): Random {
  return seededRandom(seed, `step ${step} · ${layer}`);
}

/** What a method may use while it works on `label`; random numbers only where its stage's key knows of them. */
export function methodContext(
  { context, planned }: RunningStep,
  label: string,
  draws: boolean,
): MethodContext {
  const { seed } = context.plan.recipe;
  return {
    random: draws ? layerRandom(seed, planned.index, label) : none(planned.method.meta.id),
    ...(context.signal && { signal: context.signal }),
  };
}

function none(method: string): Random {
  return {
    next: () => {
      throw new LatheError(
        'random-undeclared',
        `The method "${method}" draws random numbers without saying so, and its result would be kept under a key that knows of none; set "draws" in its encoder.`,
        { method },
      );
    },
  };
}
