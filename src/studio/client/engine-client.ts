import * as Comlink from 'comlink';
import type { Recipe } from '../../core/recipe/types.ts';
import type {
  DeviceWish,
  EngineWorker,
  Forecast,
  InputProfile,
  InputQuestion,
  JobProgress,
  ModelFolder,
  Amount,
  ModelView,
  OrderView,
  PartKind,
  PartLoss,
  PartProgress,
  RunWishes,
  Trial,
  TrainingForecast,
} from '../../../workers/protocol.ts';
import { ThreadLink, type Spawn } from '../../../workers/thread-link.ts';
import { latestOnly } from './latest-only.ts';
import { workerFailed } from './worker-failed.ts';

type Direct = Pick<
  EngineWorker,
  | 'unpack'
  | 'provenance'
  | 'adopt'
  | 'updateTrial'
  | 'deleteTrials'
  | 'storage'
  | 'clearStorage'
  | 'file'
  | 'files'
  | 'bundle'
  | 'continueText'
  | 'tryData'
  | 'dataHash'
  | 'readText'
  | 'examples'
  | 'classify'
  | 'classifyText'
  | 'tagText'
  | 'blockDistances'
  | 'droppedTokens'
>;

/** The page's side of the engine worker: opens, forecasts, runs, cancels. */
export class EngineClient {
  private readonly link: ThreadLink<EngineWorker>;
  private folder: ModelFolder | undefined;
  private running: Promise<unknown> | undefined;

  /** Exact size of a recipe; `undefined` when a newer question overtook this one. */
  readonly forecast: (recipe: Recipe) => Promise<Forecast | undefined>;

  /** What its trainings take, and what stands in their way; `undefined` when overtaken. */
  readonly trainingForecast: (recipe: Recipe) => Promise<TrainingForecast | undefined>;

  /** What a layer reads; `undefined` when a newer question overtook this one. */
  readonly inputProfile: (asked: {
    readonly question: InputQuestion;
    readonly onProgress: (fraction: number) => void;
  }) => Promise<InputProfile | undefined>;

  /** `wish` is asked whenever a thread is started. */
  constructor(spawn: Spawn, wish: () => DeviceWish = () => 'auto') {
    this.link = new ThreadLink<EngineWorker>({
      spawn,
      failed: workerFailed('engine'),
      // When this fails, the question itself will say that no model is open.
      onStart: async (engine) => {
        await engine.useDevice(wish());
        if (this.folder !== undefined) await engine.open(this.folder).catch(() => undefined);
      },
    });
    this.forecast = latestOnly((recipe) => this.link.call((engine) => engine.forecast(recipe)));
    this.inputProfile = latestOnly(({ question, onProgress }) => {
      const told = Comlink.proxy(onProgress);
      return this.link.call((engine) => engine.inputProfile(question, told));
    });
    this.trainingForecast = latestOnly((recipe) =>
      this.link.call((engine) => engine.trainingForecast(recipe)),
    );
  }

  /** What another recipe than the one on the bench would weigh; it overtakes nothing. */
  sizeOf(recipe: Recipe): Promise<Forecast> {
    return this.link.call((engine) => engine.forecast(recipe));
  }

  capabilities() {
    return this.link.call((engine) => engine.capabilities());
  }

  useDevice(wish: DeviceWish): Promise<void> {
    return this.link.call((engine) => engine.useDevice(wish));
  }

  trials(): Promise<readonly Trial[]> {
    return this.link.call((engine) => engine.trials());
  }

  async open(folder: ModelFolder): Promise<ModelView> {
    const view = await this.link.call((engine) => engine.open(folder));
    this.folder = folder;
    return view;
  }

  run(
    recipe: Recipe,
    onProgress: (progress: JobProgress) => void,
    wishes?: RunWishes,
  ): Promise<Trial> {
    return this.during(
      this.link.call((engine) => engine.run(recipe, Comlink.proxy(onProgress), wishes)),
    );
  }

  /** Both ways round and each step alone; `cancel` ends it. */
  compareOrders(recipe: Recipe, onProgress: (progress: JobProgress) => void): Promise<OrderView> {
    return this.during(
      this.link.call((engine) => engine.compareOrders(recipe, Comlink.proxy(onProgress))),
    );
  }

  private async during<Result>(job: Promise<Result>): Promise<Result> {
    this.running = job;
    try {
      return await job;
    } finally {
      this.running = undefined;
    }
  }

  /** Asks politely; if that takes too long, ends the thread and reopens the model in a new one. */
  async cancel(): Promise<void> {
    const job = this.running;
    if (job === undefined) return;
    await this.link.cancel(job, (engine, within) => engine.cancel(within));
    await this.link.ready().catch(() => undefined);
  }

  /** Measuring ends with what it has. */
  enough(): Promise<void> {
    return this.link.call((engine) => engine.enough());
  }

  /** A training waits after its current step. */
  pause(): Promise<void> {
    return this.link.call((engine) => engine.pause());
  }

  resume(): Promise<void> {
    return this.link.call((engine) => engine.resume());
  }

  /** What the open model loses without each of its parts; ends early with `stopLooking`. */
  partLosses(
    kind: PartKind,
    amount: Amount | undefined,
    onProgress: (progress: PartProgress) => void,
  ): Promise<readonly PartLoss[]> {
    const told = Comlink.proxy(onProgress);
    return this.link.call((engine) => engine.partLosses(kind, amount, told));
  }

  stopLooking(): void {
    this.link.tell((engine) => engine.stopLooking());
  }

  stopInputs(): void {
    this.link.tell((engine) => engine.stopInputs());
  }

  blockDistances: Direct['blockDistances'] = (...args) =>
    this.link.call((e) => e.blockDistances(...args));
  droppedTokens: Direct['droppedTokens'] = (...args) =>
    this.link.call((e) => e.droppedTokens(...args));
  unpack: Direct['unpack'] = (...args) => this.link.call((e) => e.unpack(...args));
  provenance: Direct['provenance'] = (...args) => this.link.call((e) => e.provenance(...args));
  adopt: Direct['adopt'] = (...args) => this.link.call((e) => e.adopt(...args));
  updateTrial: Direct['updateTrial'] = (...args) => this.link.call((e) => e.updateTrial(...args));
  deleteTrials: Direct['deleteTrials'] = (...args) =>
    this.link.call((e) => e.deleteTrials(...args));
  storage: Direct['storage'] = () => this.link.call((e) => e.storage());
  clearStorage: Direct['clearStorage'] = (...args) =>
    this.link.call((e) => e.clearStorage(...args));
  files: Direct['files'] = (...args) => this.link.call((e) => e.files(...args));
  file: Direct['file'] = (...args) => this.link.call((e) => e.file(...args));
  bundle: Direct['bundle'] = (...args) => this.link.call((e) => e.bundle(...args));
  continueText: Direct['continueText'] = (...args) =>
    this.link.call((e) => e.continueText(...args));
  tryData: Direct['tryData'] = () => this.link.call((e) => e.tryData());
  dataHash: Direct['dataHash'] = () => this.link.call((e) => e.dataHash());
  readText: Direct['readText'] = (...args) => this.link.call((e) => e.readText(...args));
  examples: Direct['examples'] = (...args) => this.link.call((e) => e.examples(...args));
  classify: Direct['classify'] = (...args) => this.link.call((e) => e.classify(...args));
  classifyText: Direct['classifyText'] = (...args) =>
    this.link.call((e) => e.classifyText(...args));
  tagText: Direct['tagText'] = (...args) => this.link.call((e) => e.tagText(...args));
}
