import { CancelledError } from '../../src/core/errors/lathe-error.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import type { Host } from '../../src/engine/host.ts';
import { companion } from '../../src/engine/model/folder.ts';
import { dataFile, readDataset, type OpenModel } from '../../src/engine/model/open.ts';
import type { ProgressEvent } from '../../src/engine/progress.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import type { FinishedLayer } from '../../src/engine/compress/types.ts';
import type { TrainingEvent, TrainingStart } from '../../src/engine/training/events.ts';
import type { JobProgress, Trial, TrainingPoint } from '../protocol.ts';
import { Pause } from './pause.ts';

type OnProgress = (progress: JobProgress) => void;

/** Messages to the page per second: more would only keep it busy. */
const EVERY_MS = 50;

/** One run at a time; `cancel` sets the flag that every long loop looks at. */
export class Runner {
  private current: AbortController | undefined;
  private readonly door = new Pause();

  constructor(private readonly host: Host) {}

  async run(open: OpenModel, recipe: Recipe, onProgress: OnProgress): Promise<Trial> {
    const controller = new AbortController();
    this.current = controller;
    try {
      const evaluationFile = dataFile(open.folder, 'evaluation');
      const evaluation = evaluationFile && (await readDataset(evaluationFile));
      return await runTrial(
        this.host,
        {
          ...{ open, recipe, calibration: () => calibrationOf(open, recipe) },
          ...(evaluation && { evaluation }),
        },
        {
          signal: controller.signal,
          paused: () => this.door.over(),
          ...throttled(onProgress, this.host.now),
        },
      );
    } finally {
      this.current = undefined;
      this.door.end();
    }
  }

  cancel(): void {
    this.current?.abort(new CancelledError());
    // What waits has to come out to see that it was cancelled.
    this.door.end();
  }

  pause(): void {
    if (this.current !== undefined) this.door.begin();
  }

  resume(): void {
    this.door.end();
  }
}

async function calibrationOf(open: OpenModel, { calibration }: Recipe) {
  const named = calibration && companion(open.folder, calibration.data);
  const file = named ?? dataFile(open.folder, 'calibration');
  return file && readDataset(file);
}

/** Finished layers and steps of a training always go out; plain ticks at most every {@link EVERY_MS}. */
function throttled(onProgress: OnProgress, now: () => number) {
  let last = -Infinity;
  let latest: ProgressEvent = { stage: 'Preparing', fraction: 0 };
  return {
    progress(event: ProgressEvent): void {
      const due = event.stage !== latest.stage || now() - last >= EVERY_MS || event.fraction === 1;
      latest = event;
      if (!due) return;
      last = now();
      onProgress(event);
    },
    onLayer({ name, relativeError, baselineRelativeError, errorKind }: FinishedLayer): void {
      const baseline = baselineRelativeError !== undefined && { baselineRelativeError };
      onProgress({ ...latest, layer: { name, relativeError, errorKind, ...baseline } });
    },
    onTrainingStart: (trainingStart: TrainingStart) => onProgress({ ...latest, trainingStart }),
    onTraining: (event: TrainingEvent) => onProgress({ ...latest, training: pointOf(event) }),
  };
}

function pointOf(event: TrainingEvent): TrainingPoint {
  const { step, steps, loss, learningRate, labelsPerSecond, secondsLeft, validation } = event;
  return {
    ...{ step, steps, loss, learningRate, labelsPerSecond, secondsLeft },
    ...(validation && { validation: validation.loss }),
  };
}
