/** Answers like the engine worker, with made-up numbers. Only the harness and tests import it. */
import { LatheError, CancelledError } from '../../core/errors/lathe-error.ts';
import { recipeLine } from '../../core/recipe/describe.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { Report } from '../../core/report/types.ts';
import type {
  Amount,
  PartKind,
  PartProgress,
  DeviceWish,
  EngineWorker,
  Forecast,
  InputQuestion,
  ModelFolder,
  ModelView,
  OrderView,
  ReadQuestion,
  StorageView,
  StoredKind,
  Trial,
} from '../../../workers/protocol.ts';
import { interimOf } from './fake-interim.ts';
import { picture } from './fake-picture.ts';
import { fakeView } from './fake-model.ts';
import { fakeInputs } from './fake-inputs.ts';
import { fakeDistances, fakeLosses } from './fake-structure.ts';
import { fakeReading, fakeTagging } from './fake-reading.ts';
import { fakeOrder } from './fake-order.ts';
import { fakeForecast, fakeReport } from './fake-report.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class FakeEngine implements EngineWorker {
  private view: ModelView | undefined;
  private cancelled = false;
  private ended = false;
  private list: Trial[] = [];
  private kept: StorageView['others'] = [
    { kind: 'stages', bytes: 4_200_000 },
    { kind: 'samples', bytes: 21_000_000 },
    { kind: 'app', bytes: 48_000_000 },
  ];

  /** Milliseconds of one layer; `stubborn` ignores cancel, as a hung kernel would. */
  constructor(
    private readonly pace = 60,
    private readonly stubborn = false,
  ) {}

  async useDevice(_wish: DeviceWish): Promise<void> {}

  async capabilities() {
    return {
      device: 'wasm' as const,
      threads: 2,
      reason: 'No WebGPU adapter answered, so WASM computes with 2 threads.',
      crossOriginIsolated: true,
      webgpu: { available: false },
      storage: { usedBytes: 4_200_000, quotaBytes: 2_000_000_000 },
    };
  }

  async open(folder: ModelFolder): Promise<ModelView> {
    await wait(this.pace);
    if (folder.files.some(({ path }) => path.endsWith('.gguf'))) {
      throw new LatheError(
        'not-onnx',
        'This file is a GGUF (llama.cpp). Export the model to ONNX first, for example with Optimum, and drop that.',
        { found: 'GGUF' },
      );
    }
    this.view = fakeView(folder, folder.name === 'digits' ? 'classifier' : 'language-model');
    return this.view;
  }

  async unpack() {
    return undefined;
  }

  async provenance() {
    return undefined;
  }

  async adopt(): Promise<Trial> {
    throw new LatheError('no-report', 'Made-up files carry no report.');
  }

  async trainingForecast() {
    return { peak: 0, problems: [] };
  }

  async forecast(recipe: Recipe): Promise<Forecast> {
    return fakeForecast(recipe, this.opened());
  }

  async run(recipe: Recipe, onProgress: Parameters<EngineWorker['run']>[1]): Promise<Trial> {
    this.cancelled = false;
    const view = this.opened();
    const report = fakeReport(recipe, view);
    const total = report.layers.length + 4;
    for (let at = 0; at < total; at += 1) {
      await wait(this.pace);
      if (this.cancelled && !this.stubborn) throw new CancelledError();
      const layer = report.layers[at - 2];
      onProgress({
        stage: at < 2 ? 'Collecting statistics' : layer ? 'GPTQ' : 'Measuring the compressed model',
        detail: layer ? `layer ${at - 1} of ${report.layers.length}` : undefined,
        fraction: (at + 1) / total,
        secondsLeft: ((total - at) * this.pace) / 1000,
        ...(layer ? { layer } : {}),
        ...(at > total - 4 ? { interim: interimOf(report, at - (total - 4)) } : {}),
      });
    }
    await this.measure(report, onProgress);
    const trial: Trial = {
      id: `trial-${this.list.length + 1}`,
      model: view,
      name: recipe.name ?? recipeLine(recipe),
      recipe,
      createdAt: Date.now(),
      state: 'done',
      report,
    };
    this.list.push(trial);
    return trial;
  }

  async compareOrders(): Promise<OrderView> {
    await wait(this.pace);
    if (this.cancelled) throw new CancelledError();
    return fakeOrder;
  }

  private async measure(
    { after, evaluation }: Report,
    onProgress: Parameters<EngineWorker['run']>[1],
  ): Promise<void> {
    this.ended = false;
    if (evaluation === undefined) return;
    const { original, compressed, difference } = evaluation;
    const told = { bytes: after.bytes, of: 60, original, compressed, difference };
    for (let done = 4; done < 60 && !this.ended; done += 7) {
      await wait(this.pace);
      if (this.cancelled && !this.stubborn) throw new CancelledError();
      const interim = { ...told, done };
      onProgress({ stage: 'Measuring the compressed model', fraction: 1, interim });
    }
  }

  enough(): void {
    this.ended = true;
  }

  cancel(): void {
    this.cancelled = true;
  }

  pause(): void {}

  resume(): void {}

  async trials() {
    return this.list;
  }

  async updateTrial(
    id: string,
    change: Parameters<EngineWorker['updateTrial']>[1],
  ): Promise<Trial> {
    const at = this.list.findIndex((trial) => trial.id === id);
    this.list[at] = { ...this.list[at], ...change };
    return this.list[at];
  }

  async deleteTrials(ids: readonly string[]) {
    this.list = this.list.filter(({ id }) => !ids.includes(id));
  }

  async storage(): Promise<StorageView> {
    return {
      trials: Object.fromEntries(
        this.list.map(({ id, report }) => [id, (report?.after.bytes ?? 0) + 6000]),
      ),
      lost: this.list.length > 0 ? ['3f9a0c2e'] : [],
      others: this.kept,
      forgets: false,
    };
  }

  async clearStorage(kind: StoredKind): Promise<void> {
    this.kept = this.kept.filter((item) => item.kind !== kind);
  }

  async file() {
    return new Blob(['made up']);
  }

  async files() {
    return [{ path: 'model.onnx', blob: new Blob(['made up']) }];
  }

  async bundle() {
    return [{ path: 'onnx/model_q4.onnx', blob: new Blob(['made up']) }];
  }

  async continueText(_trial: string, prompt: string, tokens: number) {
    await wait(300);
    const words =
      ' there was a little girl named Lily . She loved to play outside in the park with her mom and'.split(
        /(?= )/,
      );
    const side = (other: boolean) =>
      Array.from({ length: tokens }, (_, at) => ({
        id: other && at % 7 === 5 ? 1000 + at : at % words.length,
        text: other && at % 7 === 5 ? ' big' : words[at % words.length],
        probability: 0.4 + 0.5 * Math.abs(Math.sin(at)),
        kl: other ? 0.6 * Math.sin(at * 1.3) ** 4 : undefined,
      }));
    return { prompt: [{ id: 1, text: prompt }], original: side(false), compressed: side(true) };
  }

  async tryData() {
    const documents = Array.from({ length: 12 }, (_, at) => ({
      beginning: `Story ${at + 1}: there was a little girl named Lily`,
      tokens: 180 + 7 * at,
    }));
    const classifies = this.opened().task === 'classifier';
    return {
      name: 'evaluation.txt',
      count: classifies ? 200 : documents.length,
      ...(!classifies && { documents }),
    };
  }

  async dataHash() {
    return '';
  }

  async readText(_trial: string, question: ReadQuestion) {
    await wait(this.pace);
    return fakeReading(question);
  }

  async examples(indices: readonly number[]) {
    return indices.map((index) => ({
      index,
      label: String(index % 10),
      image: { width: 28, height: 28, rgba: picture(index) },
    }));
  }

  async classify(_trial: string, example: number) {
    const labels = Array.from({ length: 10 }, (_, at) => String(at));
    const original = labels.map((_, at) => (at === example % 10 ? 0.83 : 0.17 / 9));
    const flip = example % 8 === 3;
    const compressed = labels.map((_, at) =>
      at === example % 10 ? (flip ? 0.31 : 0.78) : flip && at === (example + 4) % 10 ? 0.52 : 0.02,
    );
    return { labels, original, compressed, expected: example % 10 };
  }

  async classifyText(_trial: string, text: string) {
    const spam = 1 / (1 + Math.exp(2 - text.length / 20));
    return {
      labels: ['ham', 'spam'],
      original: [1 - spam, spam],
      compressed: [0.9 - spam * 0.8, 0.1 + spam * 0.8],
    };
  }

  async tagText(_trial: string, text: string) {
    return fakeTagging(text);
  }

  async partLosses(
    kind: PartKind,
    _amount: Amount | undefined,
    onProgress: (progress: PartProgress) => void,
  ) {
    const found = fakeLosses(kind, this.opened());
    onProgress({ fraction: 1, found });
    return found;
  }

  async blockDistances() {
    return fakeDistances(this.opened());
  }

  async droppedTokens() {
    return undefined;
  }

  stopLooking(): void {}

  async inputProfile(question: InputQuestion) {
    await wait(this.pace);
    return fakeInputs(question);
  }

  stopInputs(): void {}

  /** Trials as if they had been run. */
  seed(trials: readonly Trial[]): void {
    this.list.push(...trials);
  }

  private opened(): ModelView {
    if (this.view === undefined) throw new LatheError('no-model', 'No model is open.');
    return this.view;
  }
}
