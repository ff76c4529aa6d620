import { CancelledError, LatheError } from '../../core/errors/lathe-error.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { recipeLine } from '../../core/recipe/describe.ts';
import type { Recipe, Step } from '../../core/recipe/types.ts';
import {
  orderFinding,
  orderLosses,
  type OrderFinding,
  type OrderLosses,
  type OrderRun,
} from '../../core/report/order.ts';
import type { Report } from '../../core/report/types.ts';
import type { Host } from '../host.ts';
import type { TrialHooks, TrialInput } from '../job.ts';
import { runTrial } from '../run-trial.ts';

/** One of the four recipes, and what came of it. */
export interface OrderTrial {
  readonly run: OrderRun;
  /** "wanda 50 %, gptq 4 bits" */
  readonly recipe: string;
  readonly report?: Report;
  /** The trial that is kept of it. */
  readonly trial?: string;
  /** Why this way round cannot be run. */
  readonly refused?: string;
}

export interface OrderResult {
  readonly trials: readonly OrderTrial[];
  readonly losses: readonly OrderLosses[];
  readonly finding?: OrderFinding;
}

/**
 * The order experiment: the two steps of a recipe one after the other, the other way round, and each alone, all
 * measured on the same data. What begins alike is computed once (the stage cache). Throws `order-two-steps`, and
 * what either step alone throws; that a way round cannot be run is a result.
 */
export async function runOrder(
  host: Host,
  input: TrialInput,
  hooks: TrialHooks,
): Promise<OrderResult> {
  const recipes = orderRecipes(input.recipe);
  const trials: OrderTrial[] = [];
  for (const [at, [run, recipe]] of recipes.entries()) {
    // How long one of them still takes says little of all.
    const progress: TrialHooks['progress'] = ({ stage, detail, fraction }) =>
      hooks.progress({
        stage: `Run ${at + 1} of ${recipes.length}: ${stage}`,
        ...(detail !== undefined && { detail }),
        fraction: (at + fraction) / recipes.length,
      });
    trials.push(await runOne(host, { ...input, recipe }, { ...hooks, progress }, run));
  }
  const reports = Object.fromEntries(
    trials.flatMap(({ run, report }) => (report ? [[run, report]] : [])),
  );
  const losses = orderLosses(reports);
  const finding = orderFinding(losses);
  return { trials, losses, ...(finding && { finding }) };
}

/** The four recipes, those that share a beginning beside each other. Throws `order-two-steps`. */
export function orderRecipes(recipe: Recipe): readonly (readonly [OrderRun, Recipe])[] {
  const steps = recipe.steps.filter(({ disabled }) => disabled !== true);
  if (steps.length !== 2) throw notTwo(steps.length);
  const [a, b] = steps;
  const of = (...chosen: readonly Step[]): Recipe => {
    const { version, seed, calibration } = recipe;
    return { version, seed, ...(calibration && { calibration }), steps: chosen };
  };
  return [
    ['a', of(a)],
    ['ab', of(a, b)],
    ['b', of(b)],
    ['ba', of(b, a)],
  ];
}

async function runOne(
  host: Host,
  input: TrialInput,
  hooks: TrialHooks,
  run: OrderRun,
): Promise<OrderTrial> {
  const named = { run, recipe: recipeLine(input.recipe) };
  try {
    const idle = run.length > 1 ? await idleStep(input) : undefined;
    if (idle !== undefined) return { ...named, refused: idle };
    const { id, report } = await runTrial(host, input, hooks);
    return { ...named, trial: id, ...(report && { report }) };
  } catch (error) {
    const refusal = error instanceof LatheError && !(error instanceof CancelledError);
    if (run.length === 1 || !refusal) throw error;
    return { ...named, refused: error.message };
  }
}

/** Why one of two steps would do nothing behind the other: a loss of both would then be the loss of one. */
async function idleStep({ open, recipe }: TrialInput): Promise<string | undefined> {
  const { steps, problems } = await planRecipe(open.model, open.anatomy, recipe);
  if (problems.length > 0) return undefined;
  const idle = steps.find(({ work, model, ground }) => work.length === 0 && model === ground.model);
  const why = idle?.skipped.at(0)?.reason ?? '';
  return (
    idle && `${idle.method.meta.title} would change nothing behind the other step. ${why}`.trim()
  );
}

function notTwo(count: number): LatheError {
  return new LatheError(
    'order-two-steps',
    `The order of two steps is compared, and this recipe has ${count}; disable or remove steps until two are left.`,
    { count },
  );
}
