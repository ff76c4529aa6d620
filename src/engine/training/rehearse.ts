import type { TrainingMethod } from '../../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';
import { calibrationMissing } from '../compress/require-calibration.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { TrialInput } from '../job.ts';
import { checkWriter } from './generated-text.ts';
import { assertTrainingMemory } from './memory.ts';
import { graphOf, setupOf } from './pose.ts';
import { trainingData } from './training-data.ts';

/**
 * Builds the training graphs of a plan once, without running anything, so that whatever stands in the way
 * (data, labels, vocabulary, an operator without gradient) is said before the run starts. The model is
 * taken as it is now. Returns the hash of the
 * data, or undefined when nothing is trained. Throws `memory-too-small` where a device ends at `limit` bytes.
 */
export async function rehearseTraining(
  input: TrialInput,
  plan: Plan,
  limit = Infinity,
): Promise<string | undefined> {
  let sha256: string | undefined;
  for (const planned of plan.steps) {
    const { method } = planned;
    if (method.kind === 'training') sha256 = await rehearse(method, planned, input, plan, limit);
  }
  return sha256;
}

async function rehearse(
  method: TrainingMethod,
  planned: PlannedStep,
  { open, calibration }: TrialInput,
  { recipe }: Plan,
  limit: number,
): Promise<string> {
  if (calibration === undefined) throw calibrationMissing(method.meta);
  const setup = await setupOf(open, recipe, planned, method);
  if (setup.generate !== undefined) checkWriter(open);
  const { length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  const data = await trainingData(open, calibration, setup.settings.batchSize, length);
  const { posed, graph } = graphOf(setup, data.shape);
  data.checkClasses(posed.classes);
  assertTrainingMemory(open.name, graph, data.shape, limit);
  return data.sha256;
}
