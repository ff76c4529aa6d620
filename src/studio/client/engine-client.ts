import * as Comlink from 'comlink';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type {
  EngineWorker,
  Forecast,
  JobProgress,
  ModelFolder,
  ModelView,
  Trial,
} from '../../../workers/protocol.ts';
import { latestOnly } from './latest-only.ts';
import { WorkerLink, type Spawn } from './worker-link.ts';

/** How long a cooperative cancel may take before the thread is ended. */
export const CANCEL_GRACE_MS = 1000;

type Direct = Pick<
  EngineWorker,
  | 'updateTrial'
  | 'deleteTrials'
  | 'file'
  | 'bundle'
  | 'continueText'
  | 'examples'
  | 'classify'
  | 'classifyText'
>;

/** The page's side of the engine worker: opens, forecasts, runs, cancels. */
export class EngineClient {
  private readonly link: WorkerLink<EngineWorker>;
  private folder: ModelFolder | undefined;
  private reopening: Promise<unknown> = Promise.resolve();
  private openedIn = 0;
  private running: Promise<unknown> | undefined;

  /** Exact size of a recipe; `undefined` when a newer question overtook this one. */
  readonly forecast: (recipe: Recipe) => Promise<Forecast | undefined>;

  constructor(spawn: Spawn) {
    this.link = new WorkerLink<EngineWorker>(spawn, 'engine');
    this.forecast = latestOnly((recipe) => this.ask((engine) => engine.forecast(recipe)));
  }

  capabilities() {
    return this.link.call((engine) => engine.capabilities());
  }

  trials(): Promise<readonly Trial[]> {
    return this.link.call((engine) => engine.trials());
  }

  async open(folder: ModelFolder): Promise<ModelView> {
    const view = await this.link.call((engine) => engine.open(folder));
    this.folder = folder;
    this.openedIn = this.link.generation;
    return view;
  }

  async run(recipe: Recipe, onProgress: (progress: JobProgress) => void): Promise<Trial> {
    const job = this.ask((engine) => engine.run(recipe, Comlink.proxy(onProgress)));
    this.running = job;
    try {
      return await job;
    } finally {
      this.running = undefined;
    }
  }

  /** Asks politely; after {@link CANCEL_GRACE_MS} ends the thread and reopens the model in a new one. */
  async cancel(): Promise<void> {
    const job = this.running;
    if (job === undefined) return;
    const settled = job.then(
      () => true,
      () => true,
    );
    // In line behind the run itself, which may not have been sent yet.
    void this.ask((engine) => engine.cancel()).catch(() => undefined);
    const grace = new Promise<false>((resolve) => setTimeout(resolve, CANCEL_GRACE_MS, false));
    if (await Promise.race([settled, grace])) return;
    this.link.end(new CancelledError());
    await this.ready();
  }

  /** A training waits after its current step. */
  pause(): Promise<void> {
    return this.ask((engine) => engine.pause());
  }

  resume(): Promise<void> {
    return this.ask((engine) => engine.resume());
  }

  updateTrial: Direct['updateTrial'] = (...args) => this.ask((e) => e.updateTrial(...args));
  deleteTrials: Direct['deleteTrials'] = (...args) => this.ask((e) => e.deleteTrials(...args));
  file: Direct['file'] = (...args) => this.ask((e) => e.file(...args));
  bundle: Direct['bundle'] = (...args) => this.ask((e) => e.bundle(...args));
  continueText: Direct['continueText'] = (...args) => this.ask((e) => e.continueText(...args));
  examples: Direct['examples'] = (...args) => this.ask((e) => e.examples(...args));
  classify: Direct['classify'] = (...args) => this.ask((e) => e.classify(...args));
  classifyText: Direct['classifyText'] = (...args) => this.ask((e) => e.classifyText(...args));

  /** Calls that need the open model wait until a replaced thread has it again. */
  private async ask<Result>(
    perform: (engine: Comlink.Remote<EngineWorker>) => Promise<Result>,
  ): Promise<Result> {
    await this.ready();
    return this.link.call(perform);
  }

  /** A thread that replaced a lost one opens the model again, once. */
  private async ready(): Promise<void> {
    const folder = this.folder;
    const generation = this.link.generation;
    if (folder !== undefined && this.openedIn !== generation) {
      this.openedIn = generation;
      // When this fails, the question itself will say that no model is open.
      this.reopening = this.link.call((engine) => engine.open(folder)).catch(() => undefined);
    }
    await this.reopening;
  }
}
