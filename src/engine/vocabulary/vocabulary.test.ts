import { beforeAll, describe, expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../../test/support/sample.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { readEmbedded } from '../../core/report/embed.ts';
import { tokensOf as keptOf } from '../../../test/support/kept-tokens.ts';
import { exportedFolder } from '../export/folder.ts';
import { ownData } from '../data/read.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { readWritten } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';
import { keptStretches } from './kept-windows.ts';
import { spokenBehind } from './spoken.ts';

let stories: OpenModel;
let calibration: TextDataset;
let evaluation: TextDataset;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  calibration = await text('calibration', 12);
  evaluation = await text('evaluation', 3);
});

async function text(purpose: 'calibration' | 'evaluation', documents: number) {
  const dataset = await ownData(stories, purpose);
  if (dataset?.kind !== 'text') throw new Error(`the sample has no ${purpose}`);
  return {
    ...dataset,
    documents: dataset.documents.slice(0, documents).map((one) => one.slice(0, 200)),
  };
}

const HALF = { method: 'vocabulary', options: { coverage: 0.9 } };

async function run(...steps: readonly unknown[]) {
  const host = testHost();
  const input = { open: stories, recipe: recipe(...steps), calibration, evaluation };
  const trial = await runTrial(host, input, { progress: () => undefined });
  const written = await new TrialStore(host.storage).written(trial.id);
  const files = await exportedFolder(stories, trial, written);
  const again = await openModel({ name: 'again', origin: 'file', files });
  return { trial, written, again };
}

describe('a trial with fewer tokens', () => {
  it('scores them as the original does, in a file as large as it was planned to be', async () => {
    const { trial, written, again } = await run(HALF);
    const { report } = trial;
    expect(report?.forecastBytes).toBe(written.file.byteLength);
    expect(report?.evaluation?.compressed.kl?.value).toBeLessThan(1e-8);
    expect(report?.evaluation?.difference.perplexity?.value).toBeCloseTo(0, 5);
    expect(report?.evaluation?.protocol).toMatch(
      /; of these the \d+ that the model can predict, in the \d+ stretches between tokens it no longer has; scored over the \d+ tokens that both have$/,
    );
    expect(report?.warnings?.join(' ')).toMatch(
      /\d+ of 512 tokens stay, \d+ of which .* [\d.]+ % of the evaluation data's tokens were taken out; texts that hold them are read in smaller pieces, and what that costs is not in the numbers, which are of the rest\./,
    );
    const kept = keptOf(trial.recipe.steps[0]);
    expect(again.tokenizer?.vocabularySize).toBe(kept.length);
    expect(again.anatomy.vocabularySize).toBe(kept.length);
    const said = 'Once upon a time there was a';
    expect(again.tokenizer?.encode(said).map((id) => kept[id])).toEqual(
      stories.tokenizer?.encode(said),
    );
    expect(again.config).toMatchObject({ vocab_size: kept.length });
  });

  it('is the same again from its closed recipe, which travels in the file', async () => {
    const first = await run(HALF);
    expect(readEmbedded(await readWritten(first.written))?.recipe).toEqual(first.trial.recipe);
    const second = await run(...first.trial.recipe.steps);
    expect(second.trial.report?.outputSha256).toBe(first.trial.report?.outputSha256);
  });

  it('goes on to steps that look, and to another of its kind', async () => {
    const gptq = { method: 'gptq', target: { blocks: [0] }, options: { bits: 4 } };
    const fewer = { method: 'vocabulary', options: { coverage: 0.6 } };
    const { trial, again } = await run(HALF, gptq, fewer);
    const [one, , two] = trial.recipe.steps;
    const [before, after] = [keptOf(one), keptOf(two, keptOf(one).length)];
    expect(after.length).toBeLessThan(before.length);
    expect(again.tokenizer?.vocabularySize).toBe(after.length);
    const own = again.tokenizer?.encode('the') ?? [];
    expect(own.map((id) => before[after[id]])).toEqual(stories.tokenizer?.encode('the'));
    expect(trial.report?.evaluation?.compressed.kl?.value).toBeGreaterThan(0);
  });

  it('needs data to be decided on, and data that leaves something to compare', async () => {
    const bare = { open: stories, recipe: recipe(HALF) };
    await expect(runTrial(testHost(), bare, { progress: () => undefined })).rejects.toThrow(
      'Vocabulary looks at what flows through the model, but no calibration data was given; choose a text or example file, or take a method that needs none.',
    );
    const other = { ...evaluation, name: 'other', documents: ['the the the'] };
    const few = { ...calibration, documents: ['a'] };
    const input = { ...bare, calibration: few, evaluation: other };
    await expect(runTrial(testHost(), input, { progress: () => undefined })).rejects.toThrow(
      'Everything in the evaluation data "other" holds tokens that are to be taken out, so nothing could be compared; raise the coverage, or choose calibration data that is more like it.',
    );
  });
});

describe('what is read behind no step that cuts', () => {
  it('is the opened model itself', async () => {
    expect(await spokenBehind(stories, [{}, { companions: (files) => files }])).toEqual({
      open: stories,
    });
  });
});

describe('a window with dropped tokens', () => {
  const window = { ids: Int32Array.of(1, 2, 9, 3, 4, 5, 9, 9, 6), firstCounted: 1, document: 3 };
  const kept = (id: number) => id !== 9;

  it('is read in the stretches between them', () => {
    expect(keptStretches(window, kept)).toEqual([
      { ids: Int32Array.of(1, 2), firstCounted: 1, document: 3 },
      { ids: Int32Array.of(3, 4, 5), firstCounted: 1, document: 3 },
    ]);
    expect(keptStretches({ ...window, firstCounted: 5 }, kept)).toEqual([
      { ids: Int32Array.of(3, 4, 5), firstCounted: 2, document: 3 },
    ]);
  });

  it('is itself where there are none', () => {
    const [same] = keptStretches(window, () => true);
    expect(same).toBe(window);
  });
});
