import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDataset } from '../../src/core/data/parse-dataset.ts';
import { recognise } from '../../src/core/anatomy/recognise.ts';
import { buildBert } from '../../src/core/onnx/build/bert.ts';
import { initialLlamaWeights, initialWeights } from '../../src/core/onnx/build/initial-weights.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { LABELS } from '../../src/core/training/problem.ts';
import { bpeTokenizerJson } from './tokenizer/bpe-tokenizer-json.ts';
import { trainBpe } from './tokenizer/bpe-train.ts';
import { loadTokenizer } from '../../src/core/text/tokenizer.ts';
import { createNodeRuntime } from '../../src/runtime/ort-node.ts';
import { runModel } from '../../test/support/run-model.ts';
import { withHalfStorage } from './half-storage.ts';
import { asRead, mailTable } from './mail/table.ts';
import { mailData, type TokenMail } from './mail/batches.ts';
import { mailText } from './mail/mail-text.ts';
import { passagesOf } from './prose/passages.ts';
import { splitSentences, tokenSentences } from './prose/sentences.ts';
import { proseData } from './prose/windows.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { trainableWeights } from './trainable-weights.ts';
import { trainerOn } from './train.ts';
import type { TrainingConfig } from './trainer-contract.ts';
import { int64Value } from './values.ts';

const folder = mkdtempSync(join(tmpdir(), 'lathe-gallery-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEXT =
  'We met at noon. "It is late," she said. Did Mr. Smith see 3 ships? He did not! The ships, all of them, were gone. We went home.';
const BOS = 0;
const tokenizer = loadTokenizer(
  bpeTokenizerJson(trainBpe([TEXT], { vocabularySize: 300, specialTokens: ['<s>', '</s>'] })),
);
const sentences = tokenSentences(TEXT, tokenizer);

describe('prose: sentences and passages', () => {
  it('cuts at sentence ends and loses nothing', () => {
    expect(splitSentences(TEXT).join(' ')).toBe(TEXT);
    expect(splitSentences(TEXT)).toContain('"It is late," she said.');
  });

  it('counts the tokens of joined sentences exactly', () => {
    const ids = [...sentences[0].first, ...sentences.slice(1).flatMap(({ inside }) => inside)];
    expect(ids).toEqual(tokenizer.encode(TEXT));
  });

  it('fills passages with whole sentences and encodes them as their text', () => {
    const passages = passagesOf(sentences, 40, BOS);
    expect(passages.map(({ text }) => text).join(' ')).toBe(TEXT);
    for (const { text, ids } of passages) {
      expect(ids).toEqual([BOS, ...tokenizer.encode(text)]);
      expect(ids.length).toBeLessThanOrEqual(40);
    }
    const longest = Math.max(...sentences.map(({ first }) => first.length + 1));
    expect(passagesOf(sentences, longest - 1, BOS).length).toBeGreaterThan(0);
  });
});

describe('prose: training windows', () => {
  const options = { batch: 2, length: 16, seed: 3, bos: BOS };
  const speeches = [sentences, sentences.slice(2), sentences.slice(1)];
  const data = proseData(speeches, [[0, 5, 6, 7]], options);

  it('predict the next token, begin with the start token at a sentence, and depend on the index alone', () => {
    const beginnings = new Set(sentences.map(({ first }) => first[0]));
    for (let index = 0; index < 12; index++) {
      const feeds = data.batch(index);
      const ids = Array.from(feeds.input_ids.data as BigInt64Array, Number);
      const labels = Array.from(feeds[LABELS].data as BigInt64Array, Number);
      for (let row = 0; row < 2; row++) {
        expect(ids[16 * row]).toBe(BOS);
        expect(beginnings).toContain(ids[16 * row + 1]);
        for (let t = 16 * row; t < 16 * row + 15; t++) {
          if (labels[t + 1] !== -100) expect(labels[t]).toBe(ids[t + 1]);
        }
      }
    }
    const again = proseData(speeches, [], options).batch(7);
    expect(again).toEqual(data.batch(7));
    expect(data.batch(8)).not.toEqual(again);
  });

  it('leave what is missing without a label', () => {
    const [{ feeds, examples }] = data.validation;
    expect(examples).toBe(1);
    const labels = Array.from(feeds[LABELS].data as BigInt64Array, Number);
    expect(labels.slice(0, 5)).toEqual([5, 6, 7, -100, -100]);
    expect(labels.slice(16)).toEqual(Array(16).fill(-100));
  });
});

describe('mail', () => {
  it('reads what a reader sees', () => {
    const raw = [
      'From a@b Thu Aug 22',
      'Received: from x',
      '\tby y',
      'Subject: [LIST] Hello',
      ' again',
      'Content-Type: multipart/alternative; boundary="XX"',
      '',
      'preamble',
      '--XX',
      'Content-Type: text/html',
      '',
      '<html><b>no</b></html>',
      '--XX',
      'Content-Type: text/plain',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'caf=E9 at=',
      ' noon ------------',
      '--XX--',
    ].join('\n');
    expect(mailText(raw)).toEqual({ subject: 'Hello again', body: 'café at noon ---' });
    const html =
      'Subject: x\nContent-Type: text/html\n\n<style>a{}</style><p>Buy&nbsp;now &amp; save<br>!</p>';
    expect(mailText(html).body).toBe('Buy now & save\n!');
    const coded = `Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${Buffer.from('plain words').toString('base64')}`;
    expect(mailText(coded)).toEqual({ subject: '', body: 'plain words' });
  });

  const mails: TokenMail[] = [
    { ids: [300, 5, 6, 7, 8, 9, 10], label: 1 },
    { ids: [4], label: 0 },
  ];

  it('ships the texts as they are read, in a table', () => {
    const long = { text: `${TEXT} ${TEXT} "Ünd" ${TEXT}`, label: 1 } as const;
    const short = { text: 'Hello,\n"you"', label: 0 } as const;
    const shipped = [long, short].map((each) => asRead(each, tokenizer, 60));
    expect(shipped[1]).toEqual(short);
    expect(shipped[0].text.length).toBeLessThan(long.text.length);
    const seen = (text: string) => tokenizer.encode(text).slice(0, 60);
    expect(seen(shipped[0].text)).toEqual(seen(long.text));
    const bytes = new TextEncoder().encode(mailTable(shipped));
    expect(parseDataset({ name: 'evaluation.csv', bytes })).toMatchObject({
      documents: shipped.map(({ text }) => text),
      writtenLabels: ['spam', 'wanted'],
    });
  });

  it('makes batches by their index, and shows validation mails whole', () => {
    const options = { batch: 2, length: 6, seed: 1 };
    const data = mailData(mails, mails.slice(1), options);
    expect(mailData(mails, [], options).batch(3)).toEqual(data.batch(3));
    const [{ feeds, examples }] = data.validation;
    expect(examples).toBe(1);
    expect(Array.from(feeds.input_ids.data as BigInt64Array, Number).slice(0, 6)).toEqual([
      1, 4, 2, 0, 0, 0,
    ]);
  });
});

const LLAMA = {
  vocabularySize: 300,
  hiddenSize: 16,
  feedForwardWidth: 24,
  blocks: 2,
  heads: 2,
  keyValueHeads: 1,
  maxPositions: 16,
  rotary: 'half-split',
} as const;

describe('withHalfStorage', () => {
  it('halves the matrices, keeps the anatomy, and moves scores by float16 rounding only', async () => {
    const model = buildLlama(LLAMA, initialLlamaWeights(LLAMA, 1, 0.1));
    const half = await withHalfStorage(model);
    const [before, after] = [await writeModel(model), await writeModel(half)];
    const matrices = model.graph.initializers.filter(
      ({ name, dims }) => dims.length === 2 && trainableWeights(model).includes(name),
    );
    const elements = matrices.reduce((sum, { dims }) => sum + dims[0] * dims[1], 0);
    // two bytes less for each element; each Cast takes some 200
    expect(after.length).toBeLessThan(before.length - 2 * elements + 200 * matrices.length);
    const read = await readModel(bytesSource(after));
    expect(recognise(read)).toMatchObject({ layout: 'Llama-like', tiedHead: true, notes: [] });
    expect(recognise(read).layers.map(({ role }) => role)).toEqual(
      recognise(model).layers.map(({ role }) => role),
    );
    const feeds = { input_ids: int64Value([1, 4], [1, 2, 3, 4]) };
    const scores = async (m: Model) =>
      (await runModel(m, feeds)).get('logits')?.data as Float32Array;
    const [p, q] = [await scores(model), await scores(half)];
    const largest = Math.max(...p.map(Math.abs));
    // 2⁻¹¹ for each weight on the way, of which there are at most 16 matrices
    p.forEach((value, k) => expect(Math.abs(value - q[k])).toBeLessThan(16 * 2 ** -11 * largest));
    expect(q).not.toEqual(p);
  });
});

describe('checkpoints', () => {
  it('come back exactly, for their own run only', () => {
    const vector = (from: number) => Float32Array.of(from, from + 0.1, 3e-39);
    const checkpoint = {
      run: 'a',
      state: { theta: vector(1), m: vector(2), v: vector(3), further: {}, step: 40 },
      best: { step: 20, loss: 1.5, theta: vector(4) },
      curve: [
        {
          step: 20,
          learningRate: 0.1,
          loss: 2,
          validation: { value: 1.5, standardError: 0.1, n: 9 },
        },
      ],
      seconds: 12.5,
    };
    writeCheckpoint(join(folder, 'x'), checkpoint);
    expect(readCheckpoint(join(folder, 'x'), 'a')).toEqual(checkpoint);
    expect(readCheckpoint(join(folder, 'x'), 'b')).toBeUndefined();
    expect(readCheckpoint(join(folder, 'y'), 'a')).toBeUndefined();
  });
});

describe('training a gallery model', () => {
  const BERT = {
    vocabularySize: 24,
    hiddenSize: 16,
    feedForwardWidth: 24,
    blocks: 1,
    heads: 2,
    classes: 2,
    maxPositions: 8,
    pooling: 'mean',
  } as const;
  const config: TrainingConfig = {
    seed: 1,
    shape: { batch: 8, length: 8 },
    schedule: { learningRate: 1e-2, steps: 40, warmup: 4, floor: 0 },
    adamW: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
    validateEvery: 10,
  };
  // label 1: the token 5 stands somewhere in it
  const mails = Array.from({ length: 64 }, (_, k): TokenMail => {
    const ids = [6 + (k % 7), 13 + (k % 5), k % 2 === 1 ? 5 : 18];
    return { ids, label: k % 2 };
  });
  const data = mailData(mails, mails.slice(0, 16), { batch: 8, length: 8, seed: 1 });
  const model = buildBert(BERT, initialWeights(1, 0.1));

  it('trains every weight and no table', () => {
    const names = trainableWeights(model);
    expect(names).toContain('bert.embeddings.word_embeddings.weight');
    expect(names.some((name) => name.startsWith('constant_'))).toBe(false);
    const llama = buildLlama(LLAMA, initialLlamaWeights(LLAMA, 1));
    expect(trainableWeights(llama).some((name) => name.includes('rotary'))).toBe(false);
  });

  it('learns, and a run in two sittings ends like one in a single sitting', async () => {
    const train = trainerOn(await createNodeRuntime({ threads: 1 }));
    const log = () => undefined;
    const whole = await train(model, data, config, { folder: join(folder, 'whole'), log });
    expect(whole.finished).toBe(true);
    const [first, last] = [whole.record.curve[0], whole.record.curve[3]];
    expect(last.validation.value).toBeLessThan(0.5 * first.validation.value);
    const halves = { folder: join(folder, 'halves'), log };
    const half = await train(model, data, config, { ...halves, stopAfter: 20 });
    expect([half.finished, half.record.steps]).toEqual([false, 20]);
    const rest = await train(model, data, config, halves);
    expect(rest.record.curve).toEqual(whole.record.curve);
    expect(await writeModel(rest.model)).toEqual(await writeModel(whole.model));
  });
});
