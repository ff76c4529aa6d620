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
import { followedBy, readCompanions } from './companions.ts';
import type { Job, TrialInput } from './job.ts';
import type { OpenModel } from './model/open.ts';
import { countTokens } from './vocabulary/corpus.ts';
import { spokenBehind } from './vocabulary/spoken.ts';

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
  if (step?.atMost === undefined || decide === undefined) return undefined;
  const at = plan.steps.indexOf(step);
  const ground = { ...step.ground, model: await before(recipe, at) };
  const earlier = plan.steps.slice(0, at);
  const { open: spoken } = await spokenBehind(open, earlier);
  const asking = { ...run, step, ground, earlier, spoken };
  const answer = await decide(ground, step.targets, step.options, oracle(asking, input));
  return answer as Options | undefined;
}

interface Asking extends Run {
  readonly step: PlannedStep;
  readonly ground: Ground;
  readonly earlier: readonly PlannedStep[];
  /** How data is read behind them. */
  readonly spoken: OpenModel;
}

function oracle(
  { host, devices, hooks, step, ground, earlier, spoken }: Asking,
  input: TrialInput,
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
      const data = await calibrationOn(
        host.runtime,
        spoken,
        input.calibration,
        amount,
        recipe.seed,
      );
      const provider = lookProvider(host.runtime, data, host.statistics, devices);
      const seen = await provider.collect(ground.model, looks, { ...signal, progress });
      devices.decides(devices.device);
      return seen;
    },
    losses: async () => {
      if (input.calibration === undefined) throw calibrationMissing(method.meta);
      throw new Error('Losses of ablations are not measured yet.');
    },
    files: async () => followedBy(await readCompanions(open.folder), earlier),
    tokenCounts: async () => {
      if (input.calibration === undefined) throw calibrationMissing(method.meta);
      return countTokens(spoken, input.calibration);
    },
  };
}

/** The run's own bar follows, so deciding takes little of it. */
const DECIDING = 0.02;
