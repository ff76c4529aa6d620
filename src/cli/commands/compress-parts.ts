import type { Recipe } from '../../core/recipe/types.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { exportedParts } from '../../engine/export/folder.ts';
import { partsByWords } from '../../engine/model/part-words.ts';
import { nothingMade, runParts } from '../../engine/parts/run-parts.ts';
import { TASKS } from '../../engine/model/task.ts';
import { choice, requiredText, text, UsageError, type CommandArguments } from '../arguments.ts';
import { chosenData } from '../data.ts';
import { folderPaths, modelFolder } from '../files/model-folder.ts';
import { prepareOutput, prepareWholeFolder } from '../files/output.ts';
import { writeFolder } from '../files/write-folder.ts';
import { writeJson } from '../files/write-model.ts';
import { deviceFor, type ChosenDevice } from '../device.ts';
import { withHost } from '../host.ts';
import { joinedReport, printParts } from '../parts-text.ts';
import { progressLine } from '../progress-line.ts';

/** `lathe compress FOLDER --part all|a,b`: one recipe on several parts, written as one folder. */
export async function compressParts(
  args: CommandArguments,
  recipe: Recipe,
  device: ChosenDevice,
  signal: AbortSignal,
): Promise<void> {
  const task = choice(args, 'task', TASKS);
  const folder = { ...(await modelFolder(args.model)), ...(task && { task }) };
  const parts = partsByWords(folder, requiredText(args, 'part'));
  const out = outputFolder(args);
  const report = text(args, 'report');
  const inputs = await folderPaths(args.model, folder);
  await prepareWholeFolder(out, inputs, report === undefined ? [] : [report]);
  if (report !== undefined) await prepareOutput(report, inputs);
  const largest = Math.max(...folder.files.map(({ source }) => source.byteLength));
  await withHost(deviceFor(device, largest), async (host) => {
    const [calibration, evaluation] = [text(args, 'data'), text(args, 'eval')];
    const data = (open: OpenModel) => chosenData(open, recipe, calibration, evaluation);
    const measure = args.options['no-measure'] !== true;
    const input = { folder, parts, recipe, data, measure };
    const run = await runParts(host, input, { signal, progress: progressLine() });
    if (run.made.length === 0) throw nothingMade(run.lines);
    await writeFolder(out, await exportedParts(run.made), signal);
    if (report !== undefined) await writeJson(report, joinedReport(run));
    printParts(out, run);
  });
}

function outputFolder(args: CommandArguments): string {
  const [out, folder] = [text(args, 'out'), text(args, 'folder')];
  if (out !== undefined && folder !== undefined) {
    throw new UsageError(
      'lathe compress of several parts writes one folder; give --out or --folder, not both.',
    );
  }
  return folder ?? requiredText(args, 'out');
}
