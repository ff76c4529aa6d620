import { openStored } from '../../../encodings/index.ts';
import type { Random } from '../../../random/random.ts';
import type {
  EncodedPlace,
  Encoder,
  Ground,
  Method,
  StepPlan,
  TrainingSetup,
  Work,
} from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { differentiable } from '../../tuning/differentiable.ts';
import { healingObjective } from '../../tuning/heal/objective.ts';
import { trainedBytes, withHoles } from '../../tuning/train-holes.ts';
import { smallWeights } from '../../tuning/trainable-weights.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { readWeight } from '../../weight.ts';
import { planUniform } from '../uniform-plan.ts';
import { codesFilled } from './codes.ts';
import { meta, type QatOptions } from './meta.ts';
import { startOf } from './start.ts';
import { withLearnedGrids, type Begin } from './student.ts';

/** The forms are those of every uniform quantizer; what fills them is a training. */
const forms = encoderMethod<QatOptions>(meta, {
  shareable: true,
  form: planUniform,
  encode: () => Promise.reject(new Error('Codes come of the training.')),
} satisfies Encoder<QatOptions>);

/**
 * min over W, s (and z) of CE(labels), τ²·KL(original ‖ rounded) or half of each, the model computing with
 * Ŵ = s·(round(clip(W/s + z)) − z) and gradients passing the rounding straight (STE); biases and norms may learn
 * too. The file holds the codes that the model was trained with, so it computes what was trained.
 */
export const qat: Method<QatOptions> = {
  meta,
  plan: async (ground, targets, given, context) => {
    const options = settled(given);
    const planned = await forms.plan(ground, targets, options, context);
    const [encode] = planned.work;
    if (encode?.kind !== 'encode') return planned;
    const small = options.others ? smallWeights(ground.model) : [];
    const { warnings } = healingObjective(ground, options);
    return {
      ...planned,
      ...withWarnings(planned, warnings),
      // Against the weight it began with a trained one has no error that says anything: none is measured.
      lines: planned.lines.map(({ encoded: _, ...line }) => line),
      model: withHoles(planned.model, small),
      work: [training(encode.layers, small, options)],
    };
  },
};

/** Three values lie on both sides of zero: there is no zero point to store. */
function settled(options: QatOptions): QatOptions {
  const ternary = options.ternary && options.bits === 2;
  return { ...options, ternary, symmetric: options.symmetric || ternary };
}

function withWarnings({ warnings = [] }: StepPlan, more: readonly string[]) {
  const all = [...warnings, ...more];
  return all.length > 0 && { warnings: all };
}

function training(
  places: readonly EncodedPlace[],
  small: readonly string[],
  options: QatOptions,
): Work {
  return {
    kind: 'train',
    settings: settingsOf(options),
    setup: (ground, { random }) => setupOf(ground, places, small, options, random),
  };
}

async function setupOf(
  ground: Ground,
  places: readonly EncodedPlace[],
  small: readonly string[],
  options: QatOptions,
  random: Random | undefined,
): Promise<TrainingSetup> {
  const planning = random === undefined;
  const layers = places.map(({ layer }) => layer);
  const base = await differentiable(openStored(ground.model, layers), planning);
  const begin: Begin = async (layer, kind) => {
    const { values } = await readWeight(ground.model, layer);
    return { values, start: startOf(values, kind, kind.groupSize, options) };
  };
  const { student, learned } = await withLearnedGrids(
    base,
    places,
    options,
    planning ? undefined : begin,
  );
  const moved = options.stepRate > 0;
  const trainable = learned.flatMap(({ names: { weight, growth, shift } }) => [
    weight,
    ...(moved ? [growth, ...(shift === undefined ? [] : [shift])] : []),
  ]);
  return {
    student,
    trainable: [...trainable, ...small],
    teacher: options.from === 'labels' ? undefined : ground.original,
    objective: healingObjective(ground, options).objective,
    keepZeros: false,
    finish: async (trained) =>
      new Map([...(await trainedBytes(trained, small)), ...(await codesFilled(trained, learned))]),
  };
}
