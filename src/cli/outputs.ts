import { basename } from 'node:path';
import type { Recipe } from '../core/recipe/types.ts';
import { exportedFolder } from '../engine/export/folder.ts';
import { partDataName } from '../core/recipe/part-name.ts';
import type { OpenModel } from '../engine/model/open.ts';
import type { WrittenModel } from '../engine/model/written.ts';
import type { Trial } from '../engine/trials/types.ts';
import { text, type CommandArguments } from './arguments.ts';
import { inputPaths } from './files/model-folder.ts';
import { prepareOutput, prepareWholeFolder } from './files/output.ts';
import { writeFolder } from './files/write-folder.ts';
import { writeJson, writeModelFiles } from './files/write-model.ts';
import { printReport } from './report-text.ts';

/** The options that say where a result goes. */
export const OUTPUT_OPTIONS = { out: 'string', folder: 'string', report: 'string' } as const;

/** One of these has to be given. */
export const OUTPUT = ['out', 'folder'] as const;

/** The data file's name, should one be needed: beside OUT as beside every model, in DIR where loaders look. */
export function dataNameOf(args: CommandArguments, recipe: Recipe, open: OpenModel): string {
  const out = text(args, 'out');
  return out === undefined ? partDataName(open, recipe) : `${basename(out)}_data`;
}

/** Where results go is settled before the work starts; `given` are the options that name files to read. */
export async function prepareOutputs(
  args: CommandArguments,
  open: OpenModel,
  given: readonly string[],
): Promise<void> {
  const named = given.flatMap((name) => text(args, name) ?? []);
  const inputs = [...named, ...(await inputPaths(args.model, open))];
  const [out, folder, report] = ['out', 'folder', 'report'].map((name) => text(args, name));
  const files = [out, report].filter((path) => path !== undefined);
  if (folder !== undefined) await prepareWholeFolder(folder, inputs, files);
  if (out !== undefined) await prepareOutput(out, inputs);
  if (report !== undefined)
    await prepareOutput(report, out === undefined ? inputs : [...inputs, out]);
}

/** Writes a finished trial to every place that was asked for, and its report to stdout. */
export async function writeOutputs(
  args: CommandArguments,
  open: OpenModel,
  trial: Trial,
  written: WrittenModel,
  signal: AbortSignal,
): Promise<void> {
  const [out, folder, report] = ['out', 'folder', 'report'].map((name) => text(args, name));
  if (out !== undefined) await writeModelFiles(out, written, signal);
  if (folder !== undefined) {
    await writeFolder(folder, await exportedFolder(open, trial, written), signal);
  }
  if (trial.report === undefined) return;
  if (report !== undefined) await writeJson(report, trial.report);
  printReport([out, folder].filter((path) => path !== undefined).join(', '), trial.report);
}
