import type { TrainWork } from '../../core/methods/contract.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';
import { calibrationMissing } from '../compress/require-calibration.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { OnDevice } from '../encoder-decoder/encode.ts';
import type { TrialInput } from '../job.ts';
import { checkWriter } from './generated-text.ts';
import { assertTrainingMemory } from './memory.ts';
import { graphOf } from './pose.ts';
import { spokenBefore } from '../vocabulary/spoken.ts';
import { trainingData } from './training-data.ts';

/**
 * Builds the training graphs of a plan once, without running anything, so that whatever stands in the way
 * (data, labels, vocabulary, an operator without gradient) is said before the run starts. Returns the hash
 * of the data, or undefined when nothing is trained. Throws `memory-too-small` where a device ends at `limit` bytes.
 */
export async function rehearseTraining(
  input: TrialInput,
  plan: Plan,
  limit = Infinity,
  runtime?: OnDevice,
): Promise<string | undefined> {
  let sha256: string | undefined;
  for (const planned of plan.steps) {
    for (const work of planned.work) {
      if (work.kind !== 'train') continue;
      const { open } = await spokenBefore(work, input.open, plan);
      sha256 = await rehearse(work, planned, { ...input, open }, plan, { limit, runtime });
    }
  }
  return sha256;
}

async function rehearse(
  work: TrainWork,
  { method, ground }: PlannedStep,
  { open, calibration }: TrialInput,
  { recipe }: Plan,
  { limit, runtime }: { readonly limit: number; readonly runtime: OnDevice | undefined },
): Promise<string> {
  if (calibration === undefined) throw calibrationMissing(method.meta);
  const setup = await work.setup(ground, {});
  if (work.generate !== undefined) checkWriter(open);
  const { length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  const data = await trainingData(open, calibration, work.settings.batchSize, length, runtime);
  const { posed, graph } = graphOf(setup, data.shape);
  data.checkClasses(posed.classes);
  assertTrainingMemory(open.name, graph, data.shape, limit);
  return data.sha256;
}
