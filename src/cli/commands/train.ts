import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { keepsAdapter } from '../../core/recipe/kept-adapters.ts';
import { companionBytes } from '../../core/companions/files.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { adapterFiles } from '../../engine/companions.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { readWritten, type WrittenModel } from '../../engine/model/written.ts';
import { runTrial } from '../../engine/run-trial.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import {
  commandArguments,
  requiredText,
  text,
  wholeNumber,
  type CommandArguments,
} from '../arguments.ts';
import { chosenData } from '../data.ts';
import { writeParts } from '../files/write-parts.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor, weightBytes } from '../device.ts';
import { withHost } from '../host.ts';
import { openArgument } from '../open-argument.ts';
import { dataNameOf, OUTPUT, OUTPUT_OPTIONS, prepareOutputs, writeOutputs } from '../outputs.ts';
import { PART_OPTION } from '../part.ts';
import { progressLine } from '../progress-line.ts';
import { trainingLog } from '../training-log.ts';

const OPTIONS = {
  ...OUTPUT_OPTIONS,
  ...PART_OPTION,
  objective: 'string',
  adapter: 'string',
  data: 'string',
  eval: 'string',
  seed: 'string',
  ...DEVICE_OPTIONS,
  task: 'string',
} as const;

/**
 * `lathe train`: one training step on one model, written and measured. A run that was interrupted goes on
 * from its checkpoint when the same command is given again.
 */
export async function train(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('train', argv, OPTIONS, ['objective', 'data', OUTPUT]);
  const device = chosenDevice(args);
  const [data, file] = ['data', 'objective'].map((name) => requiredText(args, name));
  const objective = parseObjective(await readObjective(file), data);
  checkAdapter(args, objective);
  const recipe = { ...objective, seed: wholeNumber(args, 'seed') ?? objective.seed };
  const open = await openArgument(args);
  const chosen = await chosenData(open, recipe, data, text(args, 'eval'));
  await prepareOutputs(args, open, ['objective', 'data', 'eval']);
  const input = { open, recipe, dataName: dataNameOf(args, recipe, open), ...chosen };
  await withHost(deviceFor(device, weightBytes(open.model)), async (host) => {
    const hooks = { signal, progress: progressLine(), onTraining: trainingLog() };
    const trial = await runTrial(host, input, hooks);
    const written = await new TrialStore(host.storage).written(trial.id);
    await writeAdapter(args, open, recipe, written);
    await writeOutputs(args, open, trial, written, signal);
  });
}

function readObjective(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw new LatheError(
      'objective-missing',
      `There is no objective file "${path}"; write one such as { "version": 1, "method": "lora", "options": { "rank": 8 } }.`,
    );
  });
}

/** An adapter can be written only where one is kept, which is known before anything is trained. */
function checkAdapter(args: CommandArguments, objective: Recipe): void {
  if (text(args, 'adapter') === undefined || keepsAdapter(objective)) return;
  throw new LatheError(
    'adapter-not-kept',
    'The objective keeps no adapter, so there is none to write with --adapter; use the method "lora" with the option "result": "adapter".',
  );
}

/** `--adapter DIR`: the kept adapter once more, as PEFT reads it. */
async function writeAdapter(
  args: CommandArguments,
  open: OpenModel,
  recipe: Recipe,
  written: WrittenModel,
): Promise<void> {
  const folder = text(args, 'adapter');
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const files = await adapterFiles(open, recipe, await readWritten(written));
  for (const [path, file] of files) {
    await writeParts(join(folder, basename(path)), [companionBytes(file)]);
  }
}
