/** A disposable thread for everything that opens sessions; see `job/job-protocol.ts`. */
import { expose } from 'comlink';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { openedPart } from '../src/engine/encoder-decoder/whole.ts';
import { openModel, type OpenModel } from '../src/engine/model/open.ts';
import { TrialStore } from '../src/engine/trials/store.ts';
import { installErrorCodec } from './errors.ts';
import { engineFolder } from './folder.ts';
import { jobHost } from './job/host.ts';
import type { JobWorker } from './job/job-protocol.ts';
import { Runner } from './job/run.ts';
import { ORIGINAL } from './protocol.ts';
import { SiblingSessions } from './job/sibling-sessions.ts';
import { SessionPair } from './job/session-pair.ts';
import {
  classify,
  classifyText,
  continueText,
  exampleData,
  someExamples,
  writeBoth,
  type Shown,
} from './job/try-it.ts';

installErrorCodec();

const host = jobHost();
const runner = host.then((h) => new Runner(h));
const sessions = host.then((h) => new SessionPair(h.runtime, new TrialStore(h.storage)));
const others = host.then((h) => new SiblingSessions(h.runtime));
let opened: Promise<OpenModel> | undefined;
let examples: Promise<Shown | undefined> | undefined;

function model(): Promise<OpenModel> {
  if (opened === undefined) throw new LatheError('no-model', 'No model is open; open one first.');
  return opened;
}

async function exampleSet(): Promise<Shown> {
  examples ??= exampleData(await model());
  const dataset = await examples;
  if (dataset !== undefined) return dataset;
  throw new LatheError(
    'no-examples',
    'This model came without examples; add evaluation data (.npz, .csv, .jsonl, .parquet or pictures) to try it on some.',
  );
}

const worker: JobWorker = {
  async open(folder, known) {
    examples = undefined;
    opened = openModel(engineFolder(folder), known);
    await opened;
  },
  async run(recipe, onProgress, parts) {
    return (await runner).run(await model(), recipe, onProgress, parts);
  },
  cancel() {
    void runner.then((r) => r.cancel());
  },
  pause() {
    void runner.then((r) => r.pause());
  },
  resume() {
    void runner.then((r) => r.resume());
  },
  async continueText(trialId, prompt, tokens, leftId = ORIGINAL) {
    const open = await model();
    const beside = openedPart(open) && (await others);
    return (await sessions).use(open.model, leftId, trialId, async (pair) =>
      beside === undefined
        ? continueText(open, pair, prompt, tokens)
        : writeBoth(open, pair, await beside.of(open), prompt, tokens),
    );
  },
  async examples(count, seed) {
    return someExamples(await model(), await exampleSet(), count, seed);
  },
  async classify(trialId, example, leftId = ORIGINAL) {
    const open = await model();
    const data = await exampleSet();
    return (await sessions).use(open.model, leftId, trialId, (pair) =>
      classify(open, pair, data, example),
    );
  },
  async classifyText(trialId, text, leftId = ORIGINAL) {
    const open = await model();
    return (await sessions).use(open.model, leftId, trialId, (pair) =>
      classifyText(open, pair, text),
    );
  },
};

expose(worker);
