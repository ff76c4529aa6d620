/** A disposable thread for everything that opens sessions; see `job/job-protocol.ts`. */
import { expose } from 'comlink';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { openedPart } from '../src/engine/encoder-decoder/whole.ts';
import { ownData } from '../src/engine/data/read.ts';
import { droppedTokens } from '../src/engine/vocabulary/dropped.ts';
import { openModel, type OpenModel } from '../src/engine/model/open.ts';
import { installErrorCodec } from './errors.ts';
import { jobHost } from './job/host.ts';
import { engineFolder } from './folder.ts';
import { workplaceOf, type Workplace } from './job/workplace.ts';
import type { JobWorker } from './job/job-protocol.ts';
import { ORIGINAL } from './protocol.ts';
import {
  classify,
  classifyText,
  continueText,
  exampleData,
  examplesAt,
  writeBoth,
  type Shown,
} from './job/try-it.ts';
import { triedData, type Tried } from './job/try-data.ts';
import { pieceOf, readText } from './job/try-read.ts';
import { tagText } from './job/try-tags.ts';
import type { SiblingSessions } from './job/sibling-sessions.ts';
import type { SpokenPair } from './job/spoken-pair.ts';
import { lookAtBlocks, lookAtInputs, lookAtParts } from './job/structure.ts';

installErrorCodec();

/** Made with the first model: a thread computes where it was told to until it ends. */
let workplace: Promise<Workplace> | undefined;
let opened: Promise<OpenModel> | undefined;
let examples: Promise<Shown | undefined> | undefined;
let tried: Promise<Tried | undefined> | undefined;

function here(): Promise<Workplace> {
  if (workplace === undefined) throw noModel();
  return workplace;
}

function model(): Promise<OpenModel> {
  if (opened === undefined) throw noModel();
  return opened;
}

/** Asks two models side by side, both in the tokens of the original. */
async function sideBySide<Result>(
  left: string,
  right: string,
  ask: (spoken: SpokenPair, siblings: SiblingSessions) => Promise<Result>,
): Promise<Result> {
  const open = await model();
  return (await here()).trying(({ pair: sessions, siblings, spoken }) =>
    sessions.use(open.model, left, right, async (pair) =>
      ask(await spoken(open, { left, right }, pair), siblings),
    ),
  );
}

function otherTokens(): LatheError {
  return new LatheError(
    'tokens-differ',
    'One of these models keeps only some of the tokens, so a text is not the same tokens to both and cannot be compared token by token; its distance is in the report, and both can write a text.',
  );
}

function noModel(): LatheError {
  return new LatheError('no-model', 'No model is open; open one first.');
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
  async open(folder, known, device, page) {
    workplace ??= jobHost(device, page).then(workplaceOf);
    examples = tried = undefined;
    opened = openModel(engineFolder(folder), known);
    await opened;
  },
  async run(recipe, onProgress, wishes) {
    return (await here()).runner.run(await model(), recipe, onProgress, wishes);
  },
  async compareOrders(recipe, onProgress) {
    return (await here()).runner.compareOrders(await model(), recipe, onProgress);
  },
  enough() {
    void here().then(({ runner }) => runner.enough());
  },
  cancel() {
    void here().then(({ runner }) => runner.cancel());
  },
  pause() {
    void here().then(({ runner }) => runner.pause());
  },
  resume() {
    void here().then(({ runner }) => runner.resume());
  },
  async continueText(trialId, prompt, tokens, leftId = ORIGINAL) {
    return sideBySide(leftId, trialId, async ({ open, pair }, siblings) =>
      openedPart(open) === undefined
        ? continueText(open, pair, prompt, tokens)
        : writeBoth(open, pair, await siblings.of(open), prompt, tokens),
    );
  },
  async tryData() {
    return (await (tried ??= triedData(await model())))?.data;
  },
  async dataHash() {
    return (await (tried ??= triedData(await model())))?.hash();
  },
  async readText(trialId, question, leftId = ORIGINAL) {
    const open = await model();
    const { pieces = [] } = (await (tried ??= triedData(open))) ?? {};
    const piece = pieceOf(open, question, pieces);
    return sideBySide(leftId, trialId, async ({ pair, cut }, siblings) => {
      if (cut) throw otherTokens();
      const beside = piece.kind === 'pair' ? await siblings.of(open) : {};
      return readText(open, pair, beside, piece, question.cached);
    });
  },
  async examples(indices) {
    return examplesAt(await model(), await exampleSet(), indices);
  },
  async classify(trialId, example, leftId = ORIGINAL) {
    const data = await exampleSet();
    return sideBySide(leftId, trialId, ({ open, pair }) => classify(open, pair, data, example));
  },
  async classifyText(trialId, text, leftId = ORIGINAL) {
    return sideBySide(leftId, trialId, ({ open, pair }) => classifyText(open, pair, text));
  },
  async tagText(trialId, text, leftId = ORIGINAL) {
    return sideBySide(leftId, trialId, ({ open, pair }) => tagText(open, pair, text));
  },
  async partLosses(kind, amount, onProgress) {
    return lookAtParts((await here()).host, await model(), { kind, amount }, onProgress);
  },
  async droppedTokens(recipe) {
    const open = await model();
    return droppedTokens(open, recipe, await ownData(open, 'calibration'));
  },
  async blockDistances(amount) {
    return lookAtBlocks((await here()).host, await model(), amount);
  },
  async inputProfile(question, onProgress) {
    return lookAtInputs((await here()).host, await model(), question, onProgress);
  },
};

expose(worker);
