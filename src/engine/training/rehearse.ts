import type { TrainingMethod } from '../../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import { poseProblem } from '../../core/training/problem.ts';
import { buildTrainingGraph } from '../../core/training/training-graph.ts';
import { layerRandom } from '../compress/random.ts';
import { calibrationMissing } from '../compress/require-calibration.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { TrialInput } from '../job.ts';
import { trainingData } from './training-data.ts';

/**
 * Builds the training graphs of a plan once, without running anything, so that whatever stands in the way
 * (data, labels, vocabulary, an operator without gradient) is said before the run starts. The model is
 * taken as it is now: what earlier steps do to weights does not matter for this. Returns the hash of the
 * data, or undefined when nothing is trained.
 */
export async function rehearseTraining(input: TrialInput, plan: Plan): Promise<string | undefined> {
  let sha256: string | undefined;
  for (const planned of plan.steps) {
    const { method } = planned;
    if (method.kind === 'training') sha256 = await rehearse(method, planned, input, plan);
  }
  return sha256;
}

async function rehearse(
  method: TrainingMethod,
  { step, targets, index }: PlannedStep,
  { open, calibration }: TrialInput,
  { recipe }: Plan,
): Promise<string> {
  if (calibration === undefined) throw calibrationMissing(method.meta);
  const random = layerRandom(recipe.seed, index, method.meta.id);
  const options = method.meta.options.parse(step.options);
  const { model, anatomy } = open;
  const context = { random, planning: true, original: model };
  const setup = await method.prepare(model, anatomy, targets, options, context);
  const { length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  const data = await trainingData(open, calibration, setup.settings.batchSize, length);
  const { student, trainable, teacher, objective } = setup;
  const posed = poseProblem({ student, trainable, teacher, objective, shape: data.shape });
  data.checkClasses(posed.classes);
  buildTrainingGraph(posed.input, DEFAULT_ADAMW);
  return data.sha256;
}
