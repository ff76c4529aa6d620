import { readFile } from 'node:fs/promises';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { modelSize } from '../../core/report/size.ts';
import { PRESETS, presetByName } from '../../core/recipe/presets.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { runTrial, type TrialInput } from '../../engine/run-trial.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import {
  commandArguments,
  text,
  UsageError,
  wholeNumber,
  type CommandArguments,
} from '../arguments.ts';
import { AIM_OPTIONS, aimedRecipe, chosenAim, type Aim } from '../aim.ts';
import { printBaselineTrial } from '../baseline-trial.ts';
import { chosenData } from '../data.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor, weightBytes } from '../device.ts';
import { withHost } from '../host.ts';
import { openArgument } from '../open-argument.ts';
import { dataNameOf, OUTPUT, OUTPUT_OPTIONS, prepareOutputs, writeOutputs } from '../outputs.ts';
import { namesSeveral, PART_OPTION } from '../part.ts';
import { progressLine } from '../progress-line.ts';
import { compressParts } from './compress-parts.ts';

const OPTIONS = {
  ...OUTPUT_OPTIONS,
  ...PART_OPTION,
  ...AIM_OPTIONS,
  baseline: 'boolean',
  'no-measure': 'boolean',
  recipe: 'string',
  data: 'string',
  eval: 'string',
  seed: 'string',
  ...DEVICE_OPTIONS,
  task: 'string',
} as const;

/** A recipe file, or a preset's name. */
export async function readRecipe(reference: string): Promise<Recipe> {
  if (PRESETS.some(({ name }) => name === reference)) return presetByName(reference).recipe;
  const json = await readFile(reference, 'utf8').catch(() => {
    const names = PRESETS.map(({ name }) => name).join(', ');
    throw new LatheError(
      'recipe-missing',
      `There is no recipe file and no preset "${reference}"; the presets are ${names}.`,
    );
  });
  return parseRecipe(json);
}

/** `lathe compress`: one recipe on one model, written and measured. */
export async function compress(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('compress', argv, OPTIONS, [['recipe', 'fit', 'loss'], OUTPUT]);
  const device = chosenDevice(args);
  const aim = chosenAim(args);
  const recipe = await recipeOf(args);
  if (namesSeveral(args)) return compressParts(args, recipeForParts(recipe, aim), device, signal);
  const open = await openArgument(args);
  const input = await trialInput(args, open, aimedAt(open, recipe, aim));
  await prepareOutputs(args, input.open, ['recipe', 'data', 'eval']);
  await withHost(deviceFor(device, weightBytes(input.open.model)), async (host) => {
    const trial = await runTrial(host, input, { signal, progress: progressLine() });
    const written = await new TrialStore(host.storage).written(trial.id);
    await writeOutputs(args, input.open, trial, written, signal);
    if (args.options['baseline'] === true) await printBaselineTrial(host, input, trial, signal);
  });
}

/** A recipe without steps where only the aim is given. */
async function recipeOf(args: CommandArguments): Promise<Recipe> {
  const seed = wholeNumber(args, 'seed');
  const given = text(args, 'recipe');
  const base =
    given === undefined ? parseRecipe({ version: 1, steps: [] }) : await readRecipe(given);
  return seed === undefined ? base : parseRecipe({ ...base, seed });
}

function aimedAt({ model }: OpenModel, recipe: Recipe, aim: Aim | undefined): Recipe {
  return aim === undefined ? recipe : aimedRecipe(recipe, aim, modelSize(model).bytes);
}

/** A size is one file's, a loss may be that of each. */
function recipeForParts(recipe: Recipe, aim: Aim | undefined): Recipe {
  if (aim?.aim === 'size')
    throw new UsageError('--fit is the size of one file; compress the parts one by one.');
  return aim === undefined ? recipe : aimedRecipe(recipe, aim, 0);
}

async function trialInput(
  args: CommandArguments,
  open: OpenModel,
  recipe: Recipe,
): Promise<TrialInput> {
  const data = await chosenData(open, recipe, text(args, 'data'), text(args, 'eval'));
  const measure = args.options['no-measure'] !== true;
  return { open, recipe, dataName: dataNameOf(args, recipe, open), measure, ...data };
}
