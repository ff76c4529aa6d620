import type { Random } from '../../../random/random.ts';
import type { Ground, Method, TrainingSetup } from '../../contract.ts';
import { differentiable } from '../differentiable.ts';
import { trainedBytes, withHoles } from '../train-holes.ts';
import { trainedLines } from '../trained-lines.ts';
import { smallWeights } from '../trainable-weights.ts';
import { settingsOf } from '../training-options.ts';
import { insertMaskedAdapters, mergedAdapters } from './masked-adapters.ts';
import { meta, type HealOptions } from './meta.ts';
import { healingObjective } from './objective.ts';
import { opened, placedIn, withPacked } from './packed.ts';
import { healableWeights, type Healable } from './weights.ts';

/**
 * min over θ of ½·CE(labels) + ½·τ²·KL(original ‖ healed) (or one of the two alone) by AdamW, where θ are the chosen
 * weights W, or A and B of W + (α/r)·(A·B)∘M, M the pattern of W's non-zeros, with biases and norms; entries that
 * are zero stay zero. The file keeps its size: everything is written back where it was.
 */
export const heal: Method<HealOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { model } = ground;
    const chosen = healableWeights(model, options.how === 'norms' ? [] : targets);
    const small = smallWeights(model);
    const { warnings } = healingObjective(ground, options);
    if (chosen.touched.length === 0 && small.length === 0) {
      return { model, lines: [], skipped: chosen.skipped, work: [] };
    }
    const packed = chosen.packed.map(({ kept }) => kept.name);
    const planned = withHoles(model, [...new Set([...chosen.names, ...packed, ...small])]);
    return {
      model: planned,
      lines: trainedLines(model, planned, chosen.touched),
      skipped: chosen.skipped,
      ...(warnings.length > 0 && { warnings }),
      work: [
        {
          kind: 'train',
          settings: settingsOf(options),
          setup: (own, { random }) => setupOf(own, chosen, small, options, random),
        },
      ],
    };
  },
};

async function setupOf(
  ground: Ground,
  chosen: Healable,
  small: readonly string[],
  options: HealOptions,
  random: Random | undefined,
): Promise<TrainingSetup> {
  const planning = random === undefined;
  const own = await opened(ground.model, chosen.packed, planning);
  const base = await differentiable(own, planning);
  const packed = placedIn(base, chosen.packed);
  const matrices = [...new Set([...chosen.names, ...packed.map(({ dense }) => dense.name)])];
  const { student, adapted } =
    options.how === 'lora'
      ? insertMaskedAdapters(base, matrices, options, random)
      : { student: base, adapted: [] };
  const inside = new Set(adapted.map(({ weight }) => weight));
  const whole = matrices.filter((name) => !inside.has(name));
  return {
    student,
    trainable: [...whole, ...adapted.flatMap(({ a, b }) => [a, b]), ...small],
    teacher: options.from === 'labels' ? undefined : ground.original,
    objective: healingObjective(ground, options).objective,
    keepZeros: whole,
    finish: async (trained) => {
      const own = await trainedBytes(trained, [...whole, ...small]);
      const merged = await mergedAdapters(trained, adapted, options);
      return withPacked(new Map([...own, ...merged]), packed);
    },
  };
}
