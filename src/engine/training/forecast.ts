import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Plan, PlannedStep, PlanProblem } from '../../core/recipe/plan-types.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import { windowLength } from '../data/batches.ts';
import { openSizes } from '../data/open-sizes.ts';
import type { OpenModel } from '../model/open.ts';
import { takesTokens } from '../model/task.ts';
import { trainingMemory } from './memory.ts';
import { graphOf, setupOf } from './pose.ts';

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
    if (step.method.kind !== 'training' || isRefused(plan, step)) continue;
    found.push(await ofStep(open, plan, step));
  }
  return {
    peak: Math.max(0, ...found.map(({ peak }) => peak)),
    problems: found.flatMap(({ problems }) => problems),
  };
}

function isRefused({ problems }: Plan, { index }: PlannedStep): boolean {
  return problems.some(
    ({ path }) => path === `steps[${index}]` || path.startsWith(`steps[${index}].`),
  );
}

async function ofStep(
  open: OpenModel,
  { recipe }: Plan,
  planned: PlannedStep,
): Promise<TrainingForecast> {
  if (planned.method.kind !== 'training') return { peak: 0, problems: [] };
  const { length } = recipe.calibration ?? DEFAULT_CALIBRATION;
  try {
    const setup = await setupOf(open, recipe, planned, planned.method);
    const tokens = takesTokens(open.model) && { length: windowLength(open, length) };
    const shape = { batch: setup.settings.batchSize, sizes: openSizes(open), ...tokens };
    const { graph } = graphOf(setup, shape);
    return { peak: trainingMemory(graph), problems: [] };
  } catch (error) {
    if (!(error instanceof LatheError)) throw error;
    // The data will tell.
    if (error.code === 'size-open') return { peak: 0, problems: [] };
    return { peak: 0, problems: [{ path: `steps[${planned.index}]`, message: error.message }] };
  }
}
