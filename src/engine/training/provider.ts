import type { TrainingProvider } from '../compress/types.ts';
import { DEFAULT_CALIBRATION } from '../data/calibration.ts';
import type { Job } from '../job.ts';
import { runTraining } from './run-training.ts';
import { trainingData } from './training-data.ts';

/** Trains on the job's calibration data; undefined when it has none. */
export function trainingProvider(job: Job): TrainingProvider | undefined {
  const { host, input, hooks, plan, trainingSha256 } = job;
  const { open, calibration: dataset } = input;
  if (trainingSha256 === undefined || dataset === undefined) return undefined;
  const { seed, calibration = DEFAULT_CALIBRATION } = plan.recipe;
  return {
    sha256: trainingSha256,
    train: async (setup, key, { signal, progress }) => {
      const data = await trainingData(open, dataset, setup.settings.batchSize, calibration.length);
      const runtime = await host.runtime();
      const run = { runtime, setup, data, seed, key, storage: host.storage, now: host.now };
      return runTraining(run, {
        progress,
        ...(signal && { signal }),
        ...(hooks.paused && { paused: hooks.paused }),
        ...(hooks.onTrainingStart && { onStart: hooks.onTrainingStart }),
        ...(hooks.onTraining && { onEvent: hooks.onTraining }),
      });
    },
  };
}
