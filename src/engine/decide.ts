import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import type { Ground } from '../core/methods/contract.ts';
import type { DecisionNote } from '../core/methods/decision-note.ts';
import { methodById } from '../core/methods/registry.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { PlannedStep } from '../core/recipe/plan-types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import type { Decision } from '../core/report/types.ts';
import type { Job, TrialInput } from './job.ts';
import { oracleOf } from './oracle.ts';
import { spokenBehind } from './vocabulary/spoken.ts';

type Run = Pick<Job, 'host' | 'devices' | 'hooks'>;

/** The model as the steps before `count` leave it. */
export type RunPrefix = (recipe: Recipe, count: number) => Promise<Ground['model']>;

/**
 * The recipe with everything decided that data decides: each open step's `decide` is asked on the model as the steps
 * before it leave it, and its answer becomes the step's options. A closed recipe comes back as it is, the same object:
 * it is planned, run, embedded and shared without deciding again. `noted` gets what decisions say of themselves. Throws
 * what the methods throw.
 */
export async function closedRecipe(
  run: Run,
  input: TrialInput,
  before: RunPrefix,
  noted: (decision: Decision) => void = () => {},
): Promise<Recipe> {
  let { recipe } = input;
  for (const [index, { disabled, method }] of input.recipe.steps.entries()) {
    if (disabled === true || methodById(method).decide === undefined) continue;
    throwIfCancelled(run.hooks.signal);
    const note = (own: DecisionNote) => {
      noted({ step: index, method, ...own });
    };
    const options = await decided(run, { ...input, recipe }, index, { before, note });
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
  { before, note }: { readonly before: RunPrefix; readonly note: (note: DecisionNote) => void },
): Promise<Options | undefined> {
  const { open, recipe } = input;
  const plan = await planRecipe(open.model, open.anatomy, recipe);
  const step = plan.steps.find((planned) => planned.index === index);
  const decide = step?.method.decide?.bind(step.method);
  // A plan that failed has its sentence, and a closed step has nothing to decide.
  if (step === undefined || decide === undefined || !isOpen(step)) return undefined;
  const at = plan.steps.indexOf(step);
  const ground = { ...step.ground, model: await before(recipe, at) };
  const earlier = plan.steps.slice(0, at);
  const { open: spoken } = await spokenBehind(open, earlier);
  const asking = { step, ground, earlier, spoken, note };
  const answer = await decide(ground, step.targets, step.options, oracleOf(run, input, asking));
  return answer as Options | undefined;
}

function isOpen({ atMost, undecided }: PlannedStep): boolean {
  return atMost !== undefined || undecided !== undefined;
}
