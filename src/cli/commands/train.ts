import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dropoutOf, keepsAdapter } from '../../core/adapters/keeps.ts';
import { peftFiles } from '../../core/adapters/peft.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { dataFile, openModel, readDataset, type OpenModel } from '../../engine/model/open.ts';
import { runTrial } from '../../engine/run-trial.ts';
import { TrialStore } from '../../engine/trials/store.ts';
import {
  choice,
  commandArguments,
  requiredText,
  text,
  wholeNumber,
  type CommandArguments,
} from '../arguments.ts';
import { evaluationOf, readData } from '../data.ts';
import { inputPaths, modelFolder } from '../files/model-folder.ts';
import { prepareOutput } from '../files/output.ts';
import { writeJson, writeModelFiles } from '../files/write-model.ts';
import { RUNTIMES, withHost } from '../host.ts';
import { progressLine } from '../progress-line.ts';
import { printReport } from '../report-text.ts';
import { trainingLog } from '../training-log.ts';

const OPTIONS = {
  objective: 'string',
  out: 'string',
  adapter: 'string',
  data: 'string',
  eval: 'string',
  report: 'string',
  seed: 'string',
  runtime: 'string',
} as const;

/**
 * `lathe train`: one training step on one model, written and measured. A run that was interrupted goes on
 * from its checkpoint when the same command is given again.
 */
export async function train(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('train', argv, OPTIONS, ['objective', 'data', 'out']);
  const runtime = choice(args, 'runtime', RUNTIMES) ?? 'wasm';
  const [out, data, file] = ['out', 'data', 'objective'].map((name) => requiredText(args, name));
  const objective = parseObjective(await readObjective(file), data);
  checkAdapter(args, objective);
  const seed = wholeNumber(args, 'seed') ?? objective.seed;
  const open = await openModel(await modelFolder(args.model));
  const calibration = await readData(data, 'calibration');
  const evaluation = (await evaluationOf(text(args, 'eval'))) ?? (await ownEvaluation(open));
  const report = text(args, 'report');
  const inputs = [file, data, ...(await inputPaths(args.model, open))];
  await prepareOutput(out, inputs);
  if (report !== undefined) await prepareOutput(report, [...inputs, out]);
  const dataName = `${basename(out)}_data`;
  const input = { open, recipe: { ...objective, seed }, calibration, evaluation, dataName };
  await withHost(runtime, async (host) => {
    const hooks = { signal, progress: progressLine(), onTraining: trainingLog() };
    const trial = await runTrial(host, input, hooks);
    if (trial.report === undefined) return;
    await writeModelFiles(out, await new TrialStore(host.storage).written(trial.id), signal);
    await writeAdapter(args, open, out, dropoutOf(objective));
    if (report !== undefined) await writeJson(report, trial.report);
    printReport(out, trial.report);
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
  out: string,
  dropout: number,
): Promise<void> {
  const folder = text(args, 'adapter');
  if (folder === undefined) return;
  const { model } = await openModel(await modelFolder(out));
  const task = open.task === 'language-model' ? 'CAUSAL_LM' : 'SEQ_CLS';
  const { weights, config } = await peftFiles(model, open.name, task, dropout);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'adapter_model.safetensors'), weights);
  await writeFile(join(folder, 'adapter_config.json'), config);
}

/** The evaluation data that lies beside the model, so that a training is judged without being asked. */
async function ownEvaluation(open: OpenModel) {
  const file = dataFile(open.folder, 'evaluation');
  return file && readDataset(file);
}
