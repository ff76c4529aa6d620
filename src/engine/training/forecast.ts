import { LatheError } from '../../core/errors/lathe-error.ts';
import type { TrainWork } from '../../core/methods/contract.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { Plan, PlannedStep, PlanProblem } from '../../core/recipe/plan-types.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import { windowLength } from '../data/batches.ts';
import { openSizes } from '../data/open-sizes.ts';
import type { OpenModel } from '../model/open.ts';
import { takesTokens } from '../model/task.ts';
import { trainingMemory } from './memory.ts';
import { graphOf } from './pose.ts';

/** What the training steps of a plan will take, and what stands in their way, known without any data. */
export interface TrainingForecast {
  /** Bytes on the device at the largest moment; 0 when nothing is trained. */
  readonly peak: number;
  readonly problems: readonly PlanProblem[];
}

/** Steps whose plan failed already have their sentence. */
export async function forecastTraining(open: OpenModel, plan: Plan): Promise<TrainingForecast> {
  const found: TrainingForecast[] = [];
  for (const step of plan.steps) {
    for (const work of step.work) {
      if (work.kind === 'train') found.push(await remembered(open, plan, step, work));
    }
  }
  return {
    peak: Math.max(0, ...found.map(({ peak }) => peak)),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** Forecasts by the model a training starts from, which is the same object as long as nothing before it changed. */
const known = new WeakMap<Model, Map<string, Promise<TrainingForecast>>>();

/** A training graph is built once per problem: how long and how fast it trains changes no graph. */
function remembered(
  open: OpenModel,
  plan: Plan,
  step: PlannedStep,
  work: TrainWork,
): Promise<TrainingForecast> {
  const { model } = step.ground;
  const kept = known.get(model) ?? new Map<string, Promise<TrainingForecast>>();
  known.set(model, kept);
  const { index, method, targets, options } = step;
  const problem = Object.entries(options).filter(([name]) => !Object.hasOwn(work.settings, name));
  const { length } = plan.recipe.calibration ?? DEFAULT_CALIBRATION;
  const names = targets.map(({ name }) => name);
  const { batchSize } = work.settings;
  const key = JSON.stringify([index, method.meta.id, names, problem, batchSize, length]);
  const found = kept.get(key) ?? ofWork(open, plan, step, work);
  kept.set(key, found);
  // What failed for another reason than the recipe must not answer for the next question.
  found.catch(() => kept.delete(key));
  return found;
}

async function ofWork(
  open: OpenModel,
  { recipe }: Plan,
  { ground, index }: PlannedStep,
  work: TrainWork,
): Promise<TrainingForecast> {
  const { length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  try {
    const setup = await work.setup(ground, {});
    const tokens = takesTokens(open.model) && { length: windowLength(open, length) };
    const shape = { batch: work.settings.batchSize, sizes: openSizes(open), ...tokens };
    const { graph } = graphOf(setup, shape);
    return { peak: trainingMemory(graph), problems: [] };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    // The data will tell.
    if (error.code === 'size-open') return { peak: 0, problems: [] };
    return { peak: 0, problems: [{ path: `steps[${index}]`, message: error.message }] };
  }
}
