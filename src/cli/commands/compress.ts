import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { PRESETS, presetByName } from '../../core/recipe/presets.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { openModel, type OpenModel } from '../../engine/model/open.ts';
import { runTrial, type TrialRequest } from '../../engine/run-trial.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import {
  choice,
  commandArguments,
  requiredText,
  text,
  wholeNumber,
  type CommandArguments,
} from '../arguments.ts';
import { printBaselineTrial } from '../baseline-trial.ts';
import { calibrationOf, evaluationOf, once } from '../data.ts';
import { inputPaths, modelFolder } from '../files/model-folder.ts';
import { prepareOutput } from '../files/output.ts';
import { writeJson, writeModelFiles } from '../files/write-model.ts';
import { RUNTIMES, withHost } from '../host.ts';
import { progressLine } from '../progress-line.ts';
import { printReport } from '../report-text.ts';

const OPTIONS = {
  baseline: 'boolean',
  recipe: 'string',
  out: 'string',
  data: 'string',
  eval: 'string',
  report: 'string',
  seed: 'string',
  runtime: 'string',
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
  const args = commandArguments('compress', argv, OPTIONS, ['recipe', 'out']);
  const runtime = choice(args, 'runtime', RUNTIMES) ?? 'wasm';
  const out = requiredText(args, 'out');
  const input = { ...(await trialInput(args)), dataName: `${basename(out)}_data` };
  await checkOutputs(args, input.open);
  await withHost(runtime, async (host) => {
    const trial = await runTrial(host, input, { signal, progress: progressLine() });
    if (trial.report === undefined) return;
    const written = await new TrialStore(host.storage).written(trial.id);
    await writeModelFiles(out, written, signal);
    const reportFile = text(args, 'report');
    if (reportFile !== undefined) await writeJson(reportFile, trial.report);
    printReport(out, trial.report);
    if (args.options['baseline'] === true) await printBaselineTrial(host, input, trial, signal);
  });
}

async function trialInput(args: CommandArguments): Promise<TrialRequest> {
  const seed = wholeNumber(args, 'seed');
  const base = await readRecipe(requiredText(args, 'recipe'));
  const recipe = seed === undefined ? base : parseRecipe({ ...base, seed });
  const open = await openModel(await modelFolder(args.model));
  const asked = text(args, 'data');
  const read = once(() => calibrationOf(open, asked, recipe.calibration?.data));
  // What was asked for is read at once, so that a wrong path is no surprise; what lies there only if needed.
  const calibration = asked === undefined ? read : await read();
  const evaluation = await evaluationOf(text(args, 'eval'));
  return { open, recipe, ...(calibration && { calibration }), ...(evaluation && { evaluation }) };
}

/** Where results go is settled before the work starts. */
async function checkOutputs(args: CommandArguments, open: OpenModel): Promise<void> {
  const given = ['recipe', 'data', 'eval'].flatMap((name) => text(args, name) ?? []);
  const inputs = [...given, ...(await inputPaths(args.model, open))];
  const out = requiredText(args, 'out');
  await prepareOutput(out, inputs);
  const report = text(args, 'report');
  if (report !== undefined) await prepareOutput(report, [...inputs, out]);
}
