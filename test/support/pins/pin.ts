import type { Dataset } from '../../../src/core/data/types.ts';
import { readModel } from '../../../src/core/onnx/read.ts';
import { writeModel } from '../../../src/core/onnx/write.ts';
import { parseRecipe } from '../../../src/core/recipe/schema.ts';
import { buildModel } from '../../../src/engine/build-model.ts';
import { Spill } from '../../../src/engine/compress/spill.ts';
import { calibrationData } from '../../../src/engine/data/calibration.ts';
import { prepareEvaluation } from '../../../src/engine/data/evaluation.ts';
import { sha256Of } from '../../../src/engine/hash.ts';
import type { OpenModel } from '../../../src/engine/model/open.ts';
import { JobProgressBar } from '../../../src/engine/progress.ts';
import { RunDevices } from '../../../src/engine/run-devices.ts';
import { planOrThrow } from '../../../src/engine/prepare-job.ts';
import { rehearseTraining } from '../../../src/engine/training/rehearse.ts';
import { TrialStore } from '../../../src/engine/trials/store.ts';
import { testHost } from '../sample.ts';
import type { PinnedRecipe } from './recipes.ts';

/** Hashes of one recipe's file. */
export interface Pin {
  readonly bytes: number;
  /** Of the whole file, the embedded report with its measured errors included. */
  readonly file: string;
  /** Of the graph and its weights alone: the file without metadata. */
  readonly graph: string;
}

export interface PinnedModel {
  readonly name: string;
  readonly open: OpenModel;
  readonly data?: Dataset;
  /** How much of it is looked at; default: a few short rows. */
  readonly amount?: { readonly samples: number; readonly length: number };
}

const CALIBRATION = { data: 'pinned', samples: 4, length: 48 };

/**
 * Runs a recipe on WASM as a trial does, up to the written file, and hashes that. A recipe that
 * is refused has the sentence of its refusal for a pin.
 */
export async function pinOf(
  model: PinnedModel,
  recipe: PinnedRecipe,
  threads = 1,
): Promise<Pin | string> {
  try {
    return await hashes(model, recipe, threads);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function hashes(
  { open, data, amount }: PinnedModel,
  { steps }: PinnedRecipe,
  threads: number,
): Promise<Pin> {
  const calibration = { ...CALIBRATION, ...amount };
  const recipe = parseRecipe({ version: 1, seed: 7, calibration, steps });
  const host = testHost(undefined, threads);
  const plan = await planOrThrow(open, recipe);
  const input = { open, recipe, ...(data && { calibration: data }) };
  const hooks = { progress: () => {} };
  const job = {
    ...{ host, input, hooks, plan, devices: new RunDevices(host) },
    calibration: data && (await calibrationData(open, data, calibration, recipe.seed)),
    ...{ recalibrated: new Map(), spoken: { open } },
    trainingSha256: await rehearseTraining(input, plan),
    evaluation: await prepareEvaluation(open, undefined),
    unmeasured: undefined,
    spill: new Spill(host.storage, 'pinned'),
    bar: new JobProgressBar(
      [...plan.stages, ''].map((name) => ({ name, weight: 1 })),
      () => {},
      () => 0,
    ),
  };
  const draft = new TrialStore(host.storage).draft('pinned');
  await buildModel(job, draft);
  const { file } = await draft.open();
  const written = await readModel(file);
  return {
    bytes: file.byteLength,
    file: await sha256Of([file]),
    graph: await sha256Of([await writeModel({ ...written, metadata: [] })]),
  };
}
