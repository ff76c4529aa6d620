import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '../../../src/core/data/types.ts';
import { parseRecipe } from '../../../src/core/recipe/schema.ts';
import type { Recipe } from '../../../src/core/recipe/types.ts';
import type { Model } from '../../../src/core/onnx/types.ts';
import type { Report } from '../../../src/core/report/types.ts';
import { readData } from '../../../src/cli/data.ts';
import { modelFolder } from '../../../src/cli/files/model-folder.ts';
import { hostAt } from '../../../src/cli/host.ts';
import type { Host } from '../../../src/engine/host.ts';
import { openModel, type OpenModel } from '../../../src/engine/model/open.ts';
import { readWritten } from '../../../src/engine/model/written.ts';
import { runTrial } from '../../../src/engine/run-trial.ts';
import { TrialStore } from '../../../src/engine/trials/store.ts';
import { writeModel } from '../../../src/core/onnx/write.ts';
import { baselineRecipe, comparedStep } from '../../../src/core/recipe/baseline.ts';
import type { Metric } from '../../../src/core/metrics/types.ts';
import type { Verdict } from '../../../src/core/metrics/verdict.ts';
import { prepareEvaluation } from '../../../src/engine/data/evaluation.ts';
import { measureFile } from '../../../src/engine/measure/measure.ts';
import { againstBaseline } from '../../../src/engine/measure/against-baseline.ts';
import { createWasmRuntime } from '../../../src/runtime/ort-wasm.ts';
import { checkParity, type Parity } from '../../../src/runtime/parity.ts';
import type { Runtime } from '../../../src/runtime/types.ts';
import { toFloats, type Feeds } from '../../../src/runtime/values.ts';
import { SAMPLES } from '../../samples/shelf.ts';
import { plantedOutliers } from '../../../test/fixtures/models/planted-outliers.ts';
import { asFloat32 } from './as-float32.ts';
import { healingData } from './data.ts';
import { passesOver } from './passing.ts';

export const SUBJECTS = [
  'stories',
  'prose',
  'gpt2-like',
  'planted',
  'mail',
  'handwriting',
  'digits',
] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** A model with the data it is calibrated, healed and measured on. */
export interface Subject {
  readonly name: SubjectName;
  /** MODEL, `--data` and `--eval` on the command line. */
  readonly model: string;
  readonly data: string;
  readonly eval: string;
  readonly open: OpenModel;
  readonly training: Dataset;
  readonly evaluation: Dataset;
}

export interface Run {
  readonly report: Report;
  /** The recipe as it ran, with what data decided written into its options. */
  readonly recipe: Recipe;
  readonly id: string;
}

/** Tokens a sequence has in calibration and training: what each model reads at once, or less for the time it takes. */
const LENGTH: Readonly<Record<SubjectName, number>> = {
  stories: 256,
  prose: 128,
  'gpt2-like': 128,
  planted: 128,
  mail: 128,
  handwriting: 1,
  digits: 1,
};

const GPT2 = fileURLToPath(new URL('../../../test/fixtures/models/gpt2-like', import.meta.url));

/** A model and what a recipe made of it. */
export interface Float32Run {
  readonly before: Model;
  readonly after: Model;
}

/** A run of a method's baseline, and the method's verdict against it. */
export interface BesideBaseline {
  readonly baseline: Run;
  readonly verdict: Verdict;
}

/** What a run has otherwise than its subject. */
export interface Other {
  /** Calibration samples. */
  readonly samples?: number;
  /** A data file to measure on. */
  readonly evaluation?: string | undefined;
  /** A data file to calibrate on. */
  readonly calibration?: string | undefined;
}

/**
 * Runs recipes as the command line does, and keeps every trial and every finished stage in the scratch folder: the
 * same run is not made twice, and recipes that begin alike share their beginnings.
 */
export class Lab {
  readonly scratch: string;
  readonly #host: Host;
  readonly #subjects = new Map<SubjectName, Promise<Subject>>();
  #web: Promise<Runtime> | undefined;
  /** Recipes that were asked for, in order: the subject and the steps. */
  readonly asked: string[] = [];

  constructor(scratch: string, threads: number) {
    this.scratch = scratch;
    this.#host = hostAt(join(scratch, 'runs'), { name: 'node', threads });
  }

  subject(name: SubjectName): Promise<Subject> {
    const known = this.#subjects.get(name) ?? this.#open(name);
    this.#subjects.set(name, known);
    return known;
  }

  async #open(name: SubjectName): Promise<Subject> {
    const own = name === 'gpt2-like' || name === 'planted';
    const model = own ? await this.#ownModel(name) : `sample:${name}`;
    const evaluated = own ? 'sample:prose' : model;
    const open = await openModel(await modelFolder(model));
    const data = healingData(own ? 'gpt2-like' : name, this.scratch);
    return {
      ...{ name, model, data, eval: evaluated, open },
      training: await readData(open, data, 'calibration'),
      evaluation: await readData(open, evaluated, 'evaluation'),
    };
  }

  /** The GPT-2-like model, or the same with outlier channels planted into its norms. */
  async #ownModel(name: 'gpt2-like' | 'planted'): Promise<string> {
    if (name === 'gpt2-like') return GPT2;
    const folder = join(this.scratch, name);
    cpSync(GPT2, folder, { recursive: true });
    const { model } = await openModel(await modelFolder(GPT2));
    const planted = await plantedOutliers(await asFloat32(model));
    writeFileSync(join(folder, 'model.onnx'), await writeModel(planted));
    return folder;
  }

  /** ‖y − ŷ‖ / ‖y‖ of the file's first output on a short input: how far the function has moved. */
  async moved(name: SubjectName, { id }: Run): Promise<number> {
    const { open, evaluation } = await this.subject(name);
    const { shortFeeds } = await prepareEvaluation(open, evaluation);
    const runtime = await this.#host.runtime();
    const made = await readWritten(await new TrialStore(this.#host.storage).written(id));
    const [before, after] = [
      await firstOutput(runtime, open.model, shortFeeds),
      await firstOutput(runtime, made, shortFeeds),
    ];
    const norm = (x: Float32Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    return norm(before.map((value, i) => value - after[i])) / norm(before);
  }

  /** A recipe of these steps on the subject's data. */
  recipe(name: SubjectName, steps: readonly unknown[], samples = 48): Recipe {
    const calibration = { data: 'training', samples, length: LENGTH[name] };
    return parseRecipe({ version: 1, seed: 1, calibration, steps });
  }

  /** Builds and measures; throws the sentence of what refuses. Its forecast must be its size. */
  async run(name: SubjectName, steps: readonly unknown[], other: Other = {}): Promise<Run> {
    if (passesOver()) throw new Error('It is not the turn of what asks for this.');
    const recipe = this.recipe(name, steps, other.samples);
    const { open, training, evaluation: usual } = await this.subject(name);
    const evaluation =
      other.evaluation === undefined ? usual : await readData(open, other.evaluation, 'evaluation');
    const calibration =
      other.calibration === undefined
        ? training
        : await readData(open, other.calibration, 'calibration');
    const input = { open, recipe, calibration, evaluation, reuse: true };
    this.asked.push(`${name}: ${JSON.stringify(steps)}`);
    const started = Date.now();
    const line = recipe.steps.map(({ method }) => method).join(' → ');
    const trial = await runTrial(this.#host, input, { progress: () => {} });
    process.stderr.write(`${name}: ${line}, ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
    if (trial.report === undefined) throw new Error('The trial has no report.');
    return { report: trial.report, recipe: trial.report.recipe, id: trial.id };
  }

  /** As {@link run}, of the subject's model with its numbers stored as float32; nothing is measured. */
  async runFloat32(name: SubjectName, steps: readonly unknown[]): Promise<Float32Run> {
    const { open: given, training } = await this.subject(name);
    const folder = join(this.scratch, 'float32', name);
    const beside = name === 'gpt2-like' ? GPT2 : join(SAMPLES, name);
    cpSync(beside, folder, { recursive: true });
    const path = join(folder, 'model.onnx');
    writeFileSync(path, await writeModel(await asFloat32(given.model)));
    const open = await openModel(await modelFolder(path));
    const recipe = this.recipe(name, steps);
    const input = { open, recipe, calibration: training, measure: false };
    const trial = await runTrial(this.#host, input, { progress: () => {} });
    const made = await new TrialStore(this.#host.storage).written(trial.id);
    return { before: open.model, after: await readWritten(made) };
  }

  /** How far the file's outputs lie apart in onnxruntime-node and in onnxruntime-web's WASM build, on a short input. */
  async parity(name: SubjectName, { id }: Run): Promise<Parity> {
    const { open, evaluation } = await this.subject(name);
    const { shortFeeds } = await prepareEvaluation(open, evaluation);
    const model = await readWritten(await new TrialStore(this.#host.storage).written(id));
    this.#web ??= createWasmRuntime({ threads: 1 });
    return checkParity(await this.#host.runtime(), await this.#web, model, shortFeeds);
  }

  /** KL of the file as onnxruntime-web's WASM build computes it. */
  async klOnWeb(name: SubjectName, { id }: Run): Promise<Metric> {
    const { open, evaluation } = await this.subject(name);
    this.#web ??= createWasmRuntime({ threads: 1 });
    const prepared = await prepareEvaluation(open, evaluation);
    const written = await new TrialStore(this.#host.storage).written(id);
    const hooks = { progress: () => {}, timing: () => {} };
    const measured = await measureFile(await this.#web, open.model, written, prepared, hooks);
    const kl = measured.evaluation?.compressed.kl;
    if (kl === undefined) throw new Error(measured.notMeasured ?? 'KL was not measured.');
    return kl;
  }

  /** The same recipe with its last step's baseline in that step's place, and what comes of setting both side by side. */
  async besideBaseline(name: SubjectName, own: Run): Promise<BesideBaseline | undefined> {
    const at = comparedStep(own.recipe);
    const recipe = at === undefined ? undefined : baselineRecipe(own.recipe, at);
    if (recipe === undefined) return undefined;
    const { open, evaluation } = await this.subject(name);
    const baseline = await this.run(name, recipe.steps);
    const store = new TrialStore(this.#host.storage);
    const [mine, other] = [await store.get(own.id), await store.get(baseline.id)];
    const progress = () => {};
    const trials = { own: mine, baseline: other };
    const verdict = await againstBaseline(this.#host, { open, evaluation }, trials, { progress });
    return { baseline, verdict };
  }

  /** The model that a run wrote. */
  async written({ id }: Run): Promise<Model> {
    return readWritten(await new TrialStore(this.#host.storage).written(id));
  }
}

async function firstOutput(runtime: Runtime, model: Model, feeds: Feeds): Promise<Float32Array> {
  const session = await runtime.open(model);
  const outputs = await session.run(feeds);
  const name = model.graph.outputs[0].name;
  const values = toFloats(outputs[name]);
  await session.release();
  return Float32Array.from(values);
}
