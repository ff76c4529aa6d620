import { readFile, writeFile } from 'node:fs/promises';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { sourceData } from '../../core/onnx/tensor-data.ts';
import { PRESETS, presetByName } from '../../core/recipe/presets.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { openModel } from '../../engine/model/open.ts';
import { runTrial } from '../../engine/run-trial.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import { choice, commandArguments, requiredText, text, wholeNumber } from '../arguments.ts';
import { calibrationOf, readData } from '../data.ts';
import { modelFolder } from '../files/model-folder.ts';
import { writeParts } from '../files/write-parts.ts';
import { withHost } from '../host.ts';
import { progressLine } from '../progress-line.ts';
import { printReport } from '../report-text.ts';

const OPTIONS = {
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
  const seed = wholeNumber(args, 'seed');
  const runtime = choice(args, 'runtime', ['wasm', 'node']) ?? 'wasm';
  const base = await readRecipe(requiredText(args, 'recipe'));
  const recipe = seed === undefined ? base : { ...base, seed };
  const open = await openModel(await modelFolder(args.model));
  const calibration = await calibrationOf(open, text(args, 'data'), recipe.calibration?.data);
  const evalReference = text(args, 'eval');
  const evaluation = evalReference && (await readData(evalReference, 'evaluation'));
  await withHost(runtime, async (host) => {
    const trial = await runTrial(
      host,
      { open, recipe, ...(calibration && { calibration }), ...(evaluation && { evaluation }) },
      { signal, progress: progressLine() },
    );
    const { report } = trial;
    if (report === undefined) return;
    const file = await new TrialStore(host.storage).file(trial.id);
    await writeParts(requiredText(args, 'out'), [sourceData(file, 0, file.byteLength)], signal);
    const reportFile = text(args, 'report');
    if (reportFile !== undefined) await writeFile(reportFile, JSON.stringify(report, null, 2));
    printReport(requiredText(args, 'out'), report);
  });
}
