import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { DeviceChoice } from '../../src/runtime/types.ts';
import type { JobWorker } from '../job/job-protocol.ts';
import type { ModelFolder } from '../protocol.ts';
import { threadOf, ThreadLink } from '../thread-link.ts';

interface Opened {
  readonly folder: ModelFolder;
  readonly model: { readonly sha256: string };
}

/**
 * A job thread with the open model, thrown away after a cancel, a failure or when another model is
 * opened: WebAssembly heaps never shrink, and a failed session poisons its thread.
 */
export function jobLink(
  opened: () => Opened,
  device: () => Promise<DeviceChoice>,
  page: string,
): ThreadLink<JobWorker> {
  return new ThreadLink<JobWorker>({
    spawn: () =>
      threadOf(new Worker(new URL('../job.worker.ts', import.meta.url), { type: 'module' })),
    failed: jobFailed,
    onStart: async (job) => {
      const { folder, model } = opened();
      await job.open(folder, { sha256: model.sha256 }, await device(), page);
    },
    disposable: true,
  });
}

function jobFailed(said: string): LatheError {
  return new LatheError(
    'job-failed',
    `The computing thread stopped unexpectedly (${said}); everything finished is kept, run again.`,
  );
}
