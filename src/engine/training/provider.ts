import type { Dataset } from '../../core/data/types.ts';
import type { TrainWork } from '../../core/methods/contract.ts';
import type { StageHooks, TrainingProvider } from '../compress/types.ts';
import { predictsText } from '../data/batches.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { Job } from '../job.ts';
import { checkWriter, generatedTexts } from './generated-text.ts';
import { generatedData, trainedDocuments } from './packed-text.ts';
import { runTraining } from './run-training.ts';
import { trainingData } from './training-data.ts';
import { spokenBefore } from '../vocabulary/spoken.ts';
import type { TrainingData } from './types.ts';

/** Trains on the job's calibration data, or on what the original writes; undefined when there is no data. */
export function trainingProvider(job: Job): TrainingProvider | undefined {
  const { host, input, hooks, plan, trainingSha256 } = job;
  const { calibration: dataset } = input;
  if (trainingSha256 === undefined || dataset === undefined) return undefined;
  const { seed } = plan.recipe;
  return {
    sha256: trainingSha256,
    train: async ({ work, setup }, key, { signal, progress }) => {
      const share = work.generate === undefined ? 0 : WRITING;
      const { data, generated } = await dataFor(job, dataset, work, {
        ...(signal && { signal }),
        progress: (fraction, detail) => progress(share * fraction, detail),
      });
      const runtime = await host.runtime();
      const { settings } = work;
      const run = {
        runtime,
        setup,
        settings,
        data,
        seed,
        key,
        storage: host.storage,
        now: host.now,
      };
      const { trained, record } = await runTraining(run, {
        progress: (fraction, detail) => progress(share + (1 - share) * fraction, detail),
        ...(signal && { signal }),
        ...(hooks.paused && { paused: hooks.paused }),
        ...(hooks.onTrainingStart && { onStart: hooks.onTrainingStart }),
        ...(hooks.onTraining && { onEvent: hooks.onTraining }),
      });
      return { trained, record: { ...record, ...(generated && { generated }) } };
    },
  };
}

/** Share of a step's time that writing its text takes, roughly. */
const WRITING = 0.4;

async function dataFor(
  { host, input, plan }: Job,
  dataset: Dataset,
  work: TrainWork,
  hooks: StageHooks,
): Promise<{ data: TrainingData; generated?: { texts: number; tokens: number } }> {
  const { generate: generation, settings } = work;
  const { recipe } = plan;
  const { open } = await spokenBefore(work, input.open, plan);
  const { seed, calibration = DEFAULT_CALIBRATION } = recipe;
  const shape = { batch: settings.batchSize, length: calibration.length };
  if (generation === undefined || !predictsText(open, dataset)) {
    return { data: await trainingData(open, dataset, shape.batch, shape.length, host.runtime) };
  }
  checkWriter(open);
  const texts = trainedDocuments(open, dataset, shape.length);
  const { storage } = host;
  const runtime = await host.runtime();
  const writing = { open, texts, generation, length: shape.length, seed, runtime, storage };
  const written = await generatedTexts(writing, hooks);
  const tokens = written.reduce((sum, ids) => sum + ids.length, 0);
  const data = await generatedData(open, dataset, written, shape);
  return { data, generated: { texts: written.length, tokens } };
}
