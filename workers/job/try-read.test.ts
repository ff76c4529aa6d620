import { beforeAll, describe, expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../test/support/sample.ts';
import { tinyPairFolder } from '../../test/support/tiny-pair.ts';
import type { Report } from '../../src/core/report/types.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { ownData } from '../../src/engine/data/read.ts';
import { openModel, type OpenModel } from '../../src/engine/model/open.ts';
import { openWritten } from '../../src/engine/model/written.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { createNodeRuntime } from '../../src/runtime/ort-node.ts';
import type { Reading } from '../protocol.ts';
import { SiblingSessions } from './sibling-sessions.ts';
import { triedData, type Tried } from './try-data.ts';
import type { Pair } from './try-it.ts';
import { pieceOf, readText } from './try-read.ts';

const STORIES = ['The cat sat on the mat. It was a big cat.', 'Tom had a red ball. He ran home.'];

async function storiesWith(text: string): Promise<OpenModel> {
  const folder = await sampleModel('stories');
  const source = bytesSource(new TextEncoder().encode(text));
  const others = folder.files.filter(({ path }) => !path.startsWith('evaluation'));
  return openModel({ ...folder, files: [...others, { path: 'evaluation.txt', source }] });
}

let open: OpenModel;
let pair: Pair;
let report: Report;
let tried: Tried;

beforeAll(async () => {
  open = await storiesWith(STORIES.join('\n<|endoftext|>\n'));
  const host = testHost();
  const evaluation = await ownData(open, 'evaluation');
  const steps = recipe({ method: 'round-to-nearest', options: { bits: 4 } });
  const trial = await runTrial(host, { open, recipe: steps, evaluation }, { progress: () => {} });
  if (trial.report === undefined) throw new Error('the trial has a report');
  report = trial.report;
  const runtime = await host.runtime();
  const written = await new TrialStore(host.storage).written(trial.id);
  pair = { left: await runtime.open(open.model), right: await openWritten(runtime, written) };
  const found = await triedData(open);
  if (found === undefined) throw new Error('there is evaluation data');
  tried = found;
});

function read(question: Parameters<typeof pieceOf>[1]): Promise<Reading> {
  return readText(open, pair, {}, pieceOf(open, question, tried.pieces));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function klOf({ tokens }: Reading): number[] {
  return tokens.flatMap(({ predicted }) => predicted?.kl ?? []);
}

describe('reading a text with both models', () => {
  it('knows the documents as the evaluation cut them', async () => {
    expect(await tried.hash()).toBe(report.evaluation?.sha256);
    expect(tried.data.count).toBe(2);
    expect(tried.data.documents?.map(({ beginning }) => beginning.slice(0, 11))).toEqual(
      STORIES.map((story) => story.slice(0, 11)),
    );
  });

  it('gives at each token what the evaluation counted: its mean is the mean of the report', async () => {
    const readings = [await read({ document: 0 }), await read({ document: 1 })];
    const all = readings.flatMap(klOf);
    const measured = report.evaluation?.compressed;
    expect(all).toHaveLength(measured?.kl?.n ?? NaN);
    expect(sum(all) / all.length).toBeCloseTo(measured?.kl?.value ?? NaN, 9);
    const same = readings.map(({ sameTop1 }) => sameTop1.value * sameTop1.n);
    expect(sum(same) / all.length).toBeCloseTo(measured?.sameTop1?.value ?? NaN, 9);
    for (const reading of readings) {
      expect(reading.kl.value).toBeCloseTo(sum(klOf(reading)) / reading.kl.n, 9);
    }
    const losses = readings.flatMap(({ tokens }) =>
      tokens.flatMap(({ predicted }) => (predicted ? -Math.log(predicted.right.probability) : [])),
    );
    expect(Math.exp(sum(losses) / losses.length)).toBeCloseTo(
      measured?.perplexity?.value ?? NaN,
      6,
    );
  });

  it('spells the text, and what each model finds likeliest, with the spaces they begin with', async () => {
    const { tokens } = await read({ document: 0 });
    expect(tokens.map(({ text }) => text).join('')).toBe(`<s>${STORIES[0]}`);
    expect(tokens[0].predicted).toBeUndefined();
    for (const { id, predicted } of tokens.slice(1)) {
      const tops = predicted?.left.top ?? [];
      expect(tops).toHaveLength(3);
      const own = tops.find((top) => top.id === id);
      if (own) expect(own.probability).toBeCloseTo(predicted?.left.probability ?? NaN, 6);
    }
    const likely = tokens.flatMap(({ predicted }) => predicted?.left.top ?? []);
    expect(likely.map(({ text }) => text)).toContain(' was');
  });

  it('reads a text that was typed in, and refuses one of a single token', async () => {
    const typed = await read({ text: STORIES[0] });
    expect(klOf(typed)).toEqual(klOf(await read({ document: 0 })));
    expect(typed.cut).toBe(false);
    expect((await read({ text: 'the cat sat '.repeat(300) })).cut).toBe(true);
    expect(() => pieceOf(open, { text: '' }, [])).toThrow(
      'The text is a single token, which leaves nothing to predict; type a few more words.',
    );
    expect(() => pieceOf(open, { document: 7 }, tried.pieces)).toThrow(
      'There is no document 7, the evaluation data has 2; choose one from 0 to 1.',
    );
  });
});

describe('reading what an encoder-decoder should make of a source', () => {
  it('shows the source, and the target token by token', async () => {
    const folder = await tinyPairFolder({ source: 'text', opened: 'decoder' });
    const text = '{"source":"w5 w9 w3","target":"w7 w2"}\n';
    const source = bytesSource(new TextEncoder().encode(text));
    const files = [...folder.files, { path: 'evaluation.jsonl', source }];
    const translator = await openModel({ ...folder, files });
    const runtime = await createNodeRuntime({ threads: 1 });
    const session = await runtime.open(translator.model);
    const siblings = await new SiblingSessions(async () => runtime).of(translator);
    const { pieces = [], data } = (await triedData(translator)) ?? {};
    expect(data?.documents).toHaveLength(1);
    const piece = pieceOf(translator, { document: 0 }, pieces);
    const both = { left: session, right: session };
    const reading = await readText(translator, both, siblings, piece);
    expect(reading.source).toContain('w9');
    expect(reading.tokens.map(({ text: own }) => own).join('')).toContain('w7');
    expect(klOf(reading).every((kl) => Math.abs(kl) < 1e-9)).toBe(true);
    expect(klOf(reading).length).toBeGreaterThan(1);
  });
});
