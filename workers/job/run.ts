import { CancelledError } from '../../src/core/errors/lathe-error.ts';
import { partDataName } from '../../src/core/recipe/part-name.ts';
import type { Recipe } from '../../src/core/recipe/types.ts';
import { chooseData } from '../../src/engine/data/choose.ts';
import type { Host } from '../../src/engine/host.ts';
import type { TrialHooks } from '../../src/engine/job.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { partOf } from '../../src/engine/model/parts.ts';
import { runOrder, type OrderResult } from '../../src/engine/order/run-order.ts';
import type { ProgressEvent } from '../../src/engine/progress.ts';
import { nothingMade, runParts } from '../../src/engine/parts/run-parts.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import type { FinishedLayer } from '../../src/engine/compress/types.ts';
import type { TrainingEvent, TrainingStart } from '../../src/engine/training/events.ts';
import type {
  Interim,
  JobProgress,
  OrderView,
  RunWishes,
  Trial,
  TrainingPoint,
} from '../protocol.ts';
import { Pause } from './pause.ts';

type OnProgress = (progress: JobProgress) => void;

/** Messages to the page per second: more would only keep it busy. */
const EVERY_MS = 50;

/** One run at a time; `cancel` sets the flag that every long loop looks at. */
export class Runner {
  private current: AbortController | undefined;
  /** Nothing may be ended early before something of it was shown. */
  private enoughOf: 'nothing' | 'measuring' | 'seen' = 'nothing';
  private readonly door = new Pause();

  constructor(private readonly host: Host) {}

  async run(
    open: OpenModel,
    recipe: Recipe,
    onProgress: OnProgress,
    { parts = [], again = false }: RunWishes = {},
  ): Promise<Trial> {
    return this.during(onProgress, async (hooks) => {
      if (parts.length > 1) return await this.runAll(open, recipe, { parts, again }, hooks);
      const dataName = partDataName(open, recipe);
      const data = await chooseData(open, recipe);
      const input = { open, recipe, dataName, reuse: !again, ...data };
      return await runTrial(this.host, input, hooks);
    });
  }

  /** The two steps of a recipe both ways round and each alone; what is kept of an earlier time is not run again. */
  async compareOrders(open: OpenModel, recipe: Recipe, onProgress: OnProgress): Promise<OrderView> {
    return this.during(onProgress, async (hooks) => {
      const input = { open, recipe, reuse: true, ...(await chooseData(open, recipe)) };
      return orderView(await runOrder(this.host, input, hooks));
    });
  }

  private async during<Result>(
    onProgress: OnProgress,
    work: (hooks: TrialHooks) => Promise<Result>,
  ): Promise<Result> {
    const controller = new AbortController();
    this.current = controller;
    try {
      return await work(this.hooksOf(controller.signal, onProgress));
    } finally {
      this.current = undefined;
      this.enoughOf = 'nothing';
      this.door.end();
    }
  }

  private hooksOf(signal: AbortSignal, onProgress: OnProgress): TrialHooks {
    const told = throttled(onProgress, this.host.now);
    return {
      signal,
      paused: () => this.door.over(),
      enough: () => this.enoughOf === 'seen',
      ...told,
      onInterim: (interim) => {
        if (this.enoughOf === 'nothing') this.enoughOf = 'measuring';
        told.onInterim(interim);
      },
      onMeasured: (trial) => {
        // A part that follows is measured anew.
        this.enoughOf = 'nothing';
        told.onMeasured(trial);
      },
    };
  }

  private async runAll(
    { folder, part }: OpenModel,
    recipe: Recipe,
    { parts: paths, again }: Required<RunWishes>,
    hooks: TrialHooks,
  ): Promise<Trial> {
    const parts = paths.map((path) => partOf({ path }));
    const data = (open: OpenModel) => chooseData(open, recipe);
    const input = { folder, parts, recipe, data, reuse: !again };
    const { lines, made } = await runParts(this.host, input, hooks);
    const shown = made.find(({ open }) => open.part.path === part.path) ?? made.at(0);
    if (shown === undefined) throw nothingMade(lines);
    return shown.trial;
  }

  /** Measuring ends with what it has. */
  enough(): void {
    if (this.enoughOf === 'measuring') this.enoughOf = 'seen';
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

/** Without the reports, of which each is long: the trials hold them. */
function orderView({ trials, ...found }: OrderResult): OrderView {
  const runs = trials.map(({ run, trial, report, refused }) => ({
    run,
    ...(trial !== undefined && { trial }),
    ...(report && { bytes: report.after.bytes }),
    ...(refused !== undefined && { refused }),
  }));
  return { runs, ...found };
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
    onInterim: (interim: Interim) => onProgress({ ...latest, interim }),
    onMeasured: (trial: Trial) => onProgress({ ...latest, trial }),
    onNotice: (notice: string) => onProgress({ ...latest, notice }),
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
