/** The engine thread: holds the open model, forecasts at once, and hands all computing to job threads. */
import { expose, proxy, type Remote } from 'comlink';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { openModel, type OpenModel } from '../src/engine/model/open.ts';
import { exportedTrial } from '../src/engine/parts/from-store.ts';
import { asBlob } from '../src/engine/sources/blob.ts';
import { TrialStore } from '../src/engine/trials/store.ts';
import type { DeviceChoice } from '../src/runtime/types.ts';
import { adopt } from './engine/adopt.ts';
import { capabilities } from './engine/capabilities.ts';
import { deviceFor } from './engine/device.ts';
import { forecast, trainingForecast } from './engine/forecast.ts';
import { jobLink } from './engine/job-link.ts';
import { modelView } from './engine/model-view.ts';
import { returnedFile } from './engine/provenance.ts';
import { clearStorage, storageView } from './engine/storage-view.ts';
import { unpack } from './engine/unpack.ts';
import { installErrorCodec } from './errors.ts';
import { engineFolder } from './folder.ts';
import type { JobWorker } from './job/job-protocol.ts';
import type { DeviceWish, EngineWorker, JobProgress, ModelFolder } from './protocol.ts';
import { runsGoingOn } from './run-locks.ts';
import { workerStorage } from './storage.ts';

installErrorCodec();

/** Names this page among others that share its storage. */
const page = crypto.randomUUID();
const store = workerStorage().then(
  (storage) => new TrialStore(storage, () => runsGoingOn(running === undefined ? page : undefined)),
);
let opened: { readonly folder: ModelFolder; readonly model: OpenModel } | undefined;
let running: Promise<unknown> | undefined;

/** Runs have a thread of their own, so that trying a model out never waits for one. */
const runs = jobLink(current, device, page);
const trials = jobLink(current, device, page);
/** Looking at a model's parts takes a while, too, and is ended with its thread. */
const parts = jobLink(current, device, page);
/** What was seen of inputs is kept with the thread, so that a slider need not wait for it again. */
const inputs = jobLink(current, device, page);

let wish: DeviceWish = 'auto';
/** A run keeps the thread it is in, but the next one needs a fresh one, to compute elsewhere. */
let changed = false;

function device(): Promise<DeviceChoice> {
  return deviceFor(wish);
}

function current(): NonNullable<typeof opened> {
  if (opened === undefined) throw new LatheError('no-model', 'No model is open; open one first.');
  return opened;
}

async function trialFile(id: string): Promise<Blob> {
  return asBlob(await (await store).file(id));
}

type OnProgress = (progress: JobProgress) => void;

/** One at a time, in the thread of runs. */
async function alone<Result>(
  onProgress: OnProgress,
  work: (job: Remote<JobWorker>, listen: OnProgress) => Promise<Result>,
): Promise<Result> {
  if (running !== undefined) {
    throw new LatheError('busy', 'A run is going on; wait for it or cancel it first.');
  }
  const listen = (progress: JobProgress): void => {
    // A thread whose graphics device failed gets no second one.
    changed ||= progress.notice !== undefined;
    onProgress(progress);
  };
  const job = runs.call((thread) => work(thread, proxy(listen)));
  running = job;
  try {
    return await job;
  } finally {
    running = undefined;
    if (changed) runs.end();
    changed = false;
  }
}

const worker: EngineWorker = {
  capabilities: async () => capabilities(await workerStorage(), await device()),
  async useDevice(wanted) {
    if (wanted === wish) return;
    wish = wanted;
    trials.end();
    parts.end();
    inputs.end();
    if (running === undefined) runs.end();
    else changed = true;
  },
  async open(folder) {
    const model = await openModel(engineFolder(folder));
    const view = await modelView(model);
    runs.end();
    trials.end();
    parts.end();
    inputs.end();
    opened = { folder, model };
    return view;
  },
  unpack,
  async provenance(folder) {
    const returned = await returnedFile(engineFolder(folder));
    if (returned === undefined) return undefined;
    const { sha256, report, measured } = returned;
    return { sha256, report, ...(measured && { measured }) };
  },
  adopt: async (folder, original, known) =>
    adopt(await store, engineFolder(folder), original, known),
  forecast: async (recipe) => forecast(current().model, recipe),
  trainingForecast: async (recipe) => trainingForecast(current().model, recipe),
  async run(recipe, onProgress, wishes) {
    const trial = await alone(onProgress, (job, listen) => job.run(recipe, listen, wishes));
    // What could not be run may have left the thread's runtime broken.
    if (trial.report?.notMeasured !== undefined) runs.end();
    return trial;
  },
  compareOrders: async (recipe, onProgress) =>
    alone(onProgress, (job, listen) => job.compareOrders(recipe, listen)),
  cancel(within) {
    if (running !== undefined) void runs.cancel(running, (job) => job.cancel(), within);
  },
  enough: () => runs.tell((job) => job.enough()),
  pause: () => runs.tell((job) => job.pause()),
  resume: () => runs.tell((job) => job.resume()),
  trials: async () => (await store).list(),
  updateTrial: async (id, change) => (await store).change(id, change),
  deleteTrials: async (ids) => (await store).remove(ids),
  storage: async () => storageView(await store),
  async clearStorage(kind) {
    if (running !== undefined) {
      throw new LatheError('busy', 'A run is going on; wait for it or cancel it first.');
    }
    await clearStorage(await store, kind);
  },
  file: trialFile,
  async files(id) {
    const { file, data } = await (await store).written(id);
    const sources = [{ path: 'model.onnx', source: file }, ...data];
    return Promise.all(
      sources.map(async ({ path, source }) => ({ path, blob: await asBlob(source) })),
    );
  },
  async bundle(id) {
    const { model } = current();
    const files = await exportedTrial(model, await store, id);
    return Promise.all(
      files.map(async ({ path, source }) => ({ path, blob: await asBlob(source) })),
    );
  },
  continueText: async (...args) => trials.call((job) => job.continueText(...args)),
  tryData: async () => trials.call((job) => job.tryData()),
  dataHash: async () => trials.call((job) => job.dataHash()),
  readText: async (...args) => trials.call((job) => job.readText(...args)),
  examples: async (...args) => trials.call((job) => job.examples(...args)),
  classify: async (...args) => trials.call((job) => job.classify(...args)),
  classifyText: async (...args) => trials.call((job) => job.classifyText(...args)),
  tagText: async (...args) => trials.call((job) => job.tagText(...args)),
  partLosses: async (kind, amount, onProgress) =>
    parts.call((job) => job.partLosses(kind, amount, proxy(onProgress))),
  blockDistances: async (amount) => parts.call((job) => job.blockDistances(amount)),
  inputProfile: async (question, onProgress) =>
    inputs.call((job) => job.inputProfile(question, proxy(onProgress))),
  droppedTokens: async (recipe) => parts.call((job) => job.droppedTokens(recipe)),
  stopLooking: () => parts.end(),
  stopInputs: () => inputs.end(),
};

expose(worker);
