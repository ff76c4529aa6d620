import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import type { Ground, Oracle } from '../core/methods/contract.ts';
import { methodById } from '../core/methods/registry.ts';
import { readWeight } from '../core/methods/weight.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { PlannedStep } from '../core/recipe/plan-types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { calibrationMissing } from './compress/require-calibration.ts';
import { lookProvider } from './compress/look-provider.ts';
import { calibrationOn, DEFAULT_CALIBRATION } from './data/calibration.ts';
import type { Job, TrialInput } from './job.ts';

type Run = Pick<Job, 'host' | 'devices' | 'hooks'>;

/** The model as the steps before `count` leave it. */
export type RunPrefix = (recipe: Recipe, count: number) => Promise<Ground['model']>;

/**
 * The recipe with everything decided that data decides: each open step's `decide` is asked on the model as the steps
 * before it leave it, and its answer becomes the step's options. A closed recipe comes back as it is, the same object:
 * it is planned, run, embedded and shared without deciding again. Throws what the methods throw.
 */
export async function closedRecipe(
  run: Run,
  input: TrialInput,
  before: RunPrefix,
): Promise<Recipe> {
  let { recipe } = input;
  for (const [index, { disabled, method }] of input.recipe.steps.entries()) {
    if (disabled === true || methodById(method).decide === undefined) continue;
    throwIfCancelled(run.hooks.signal);
    const options = await decided(run, { ...input, recipe }, index, before);
    if (options === undefined) continue;
    const steps = recipe.steps.with(index, { ...recipe.steps[index], options });
    recipe = { ...recipe, steps };
  }
  return recipe;
}

type Options = Readonly<Record<string, unknown>>;

async function decided(
  run: Run,
  input: TrialInput,
  index: number,
  before: RunPrefix,
): Promise<Options | undefined> {
  const { open, recipe } = input;
  const plan = await planRecipe(open.model, open.anatomy, recipe);
  const step = plan.steps.find((planned) => planned.index === index);
  const decide = step?.method.decide?.bind(step.method);
  // A plan that failed has its sentence, and a closed step has nothing to decide.
  if (step === undefined || decide === undefined || !isOpen(step)) return undefined;
  const model = await before(recipe, plan.steps.indexOf(step));
  const ground = { ...step.ground, model };
  const answer = await decide(ground, step.targets, step.options, oracle(run, input, step, ground));
  return answer as Options | undefined;
}

function isOpen({ atMost, undecided }: PlannedStep): boolean {
  return atMost !== undefined || undecided !== undefined;
}

function oracle(
  { host, devices, hooks }: Run,
  input: TrialInput,
  step: PlannedStep,
  ground: Ground,
): Oracle<unknown> {
  const { open, recipe, dataName } = input;
  const { method, targets, index } = step;
  const signal = hooks.signal && { signal: hooks.signal };
  const progress = (fraction: number): void => {
    hooks.progress({ stage: `Deciding: ${method.meta.title}`, fraction: fraction * DECIDING });
  };
  return {
    ...signal,
    progress,
    weight: (layer) => readWeight(ground.model, layer),
    plan: (options) =>
      method.plan(ground, targets, options, { index, change: () => undefined, ...signal }),
    fileBytes: async (options) => {
      const changed = { ...recipe.steps[index], options: options as Options };
      const steps = recipe.steps.with(index, changed);
      const plan = await planRecipe(open.model, open.anatomy, { ...recipe, steps }, { dataName });
      return plan.bytes;
    },
    seen: async (looks) => {
      if (input.calibration === undefined) throw calibrationMissing(method.meta);
      const amount = recipe.calibration ?? DEFAULT_CALIBRATION;
      const data = await calibrationOn(host.runtime, open, input.calibration, amount, recipe.seed);
      const provider = lookProvider(host.runtime, data, host.statistics, devices);
      const seen = await provider.collect(ground.model, looks, { ...signal, progress });
      devices.decides(devices.device);
      return seen;
    },
    losses: async () => {
      if (input.calibration === undefined) throw calibrationMissing(method.meta);
      throw new Error('Losses of ablations are not measured yet.');
    },
  };
}

/** The run's own bar follows, so deciding takes little of it. */
const DECIDING = 0.02;
