import { readFile } from 'node:fs/promises';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { PRESETS, presetByName } from '../../core/recipe/presets.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { runTrial, type TrialInput } from '../../engine/run-trial.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import {
  commandArguments,
  requiredText,
  text,
  wholeNumber,
  type CommandArguments,
} from '../arguments.ts';
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
  const args = commandArguments('compress', argv, OPTIONS, ['recipe', OUTPUT]);
  const device = chosenDevice(args);
  const recipe = await recipeOf(args);
  if (namesSeveral(args)) return compressParts(args, recipe, device, signal);
  const input = await trialInput(args, recipe);
  await prepareOutputs(args, input.open, ['recipe', 'data', 'eval']);
  await withHost(deviceFor(device, weightBytes(input.open.model)), async (host) => {
    const trial = await runTrial(host, input, { signal, progress: progressLine() });
    const written = await new TrialStore(host.storage).written(trial.id);
    await writeOutputs(args, input.open, trial, written, signal);
    if (args.options['baseline'] === true) await printBaselineTrial(host, input, trial, signal);
  });
}

async function recipeOf(args: CommandArguments): Promise<Recipe> {
  const seed = wholeNumber(args, 'seed');
  const base = await readRecipe(requiredText(args, 'recipe'));
  return seed === undefined ? base : parseRecipe({ ...base, seed });
}

async function trialInput(args: CommandArguments, recipe: Recipe): Promise<TrialInput> {
  const open = await openArgument(args);
  const data = await chosenData(open, recipe, text(args, 'data'), text(args, 'eval'));
  const measure = args.options['no-measure'] !== true;
  return { open, recipe, dataName: dataNameOf(args, recipe, open), measure, ...data };
}
