import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { preprocessImages } from '../../src/core/data/images.ts';
import { checkLabels, sliceExamples } from '../../src/core/data/examples.ts';
import { overlap } from '../../src/core/data/overlap.ts';
import { parseDataset } from '../../src/core/data/parse-dataset.ts';
import { findSample, parseSampleIndex } from '../../src/core/data/samples.ts';
import type { Dataset, ExampleDataset, TextDataset } from '../../src/core/data/types.ts';
import { tokenWindows } from '../../src/core/data/windows.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import { readLlama2c } from './llama2c.ts';
import { toHalfSplit } from './rotary-layout.ts';
import { readModel } from '../../src/core/onnx/read.ts';
import { bytesSource } from '../../src/core/onnx/source.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { checkTokenizerFits, loadTokenizer } from '../../src/core/text/tokenizer.ts';
import { measureClassifier, measureLanguageModel } from './measure.ts';
import { SAMPLES, sha256 } from './shelf.ts';

const read = (path: string) => new Uint8Array(readFileSync(join(SAMPLES, path)));
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(SAMPLES, path), 'utf8'));
const index = parseSampleIndex(readJson('index.json'));

function data(path: string): Dataset {
  return parseDataset({ name: path, bytes: read(path) });
}

function texts(path: string): TextDataset {
  const dataset = data(path);
  if (dataset.kind !== 'text') throw new Error(`${path} is no text`);
  return dataset;
}

function examples(path: string): ExampleDataset {
  const dataset = data(path);
  if (dataset.kind !== 'examples') throw new Error(`${path} holds no examples`);
  return dataset;
}

describe('samples/index.json', () => {
  it.each(index.samples.map(({ name, files }) => [name, files] as const))(
    'lists the files of %s as they are',
    async (name, files) => {
      for (const { path, bytes, sha256: expected } of files) {
        const found = read(`${name}/${path}`);
        expect([path, found.length, sha256(found)]).toEqual([path, bytes, expected]);
      }
      const model = read(`${name}/model.onnx`);
      const again = await writeModel(await readModel(bytesSource(model)));
      expect(Buffer.from(again).equals(model)).toBe(true);
    },
  );

  it('gives every language model a prompt of its own, which it reads as known words', async () => {
    const speaking = index.samples.filter(({ task }) => task === 'text-generation');
    const prompts = speaking.flatMap(({ prompt = '', prompts: others = [] }) => [
      prompt,
      ...others,
    ]);
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(prompts.length).toBeGreaterThan(3 * speaking.length);
    for (const { name, prompt = '', prompts: others = [] } of speaking) {
      const tokenizer = loadTokenizer(
        readJson(`${name}/tokenizer.json`),
        readJson(`${name}/tokenizer_config.json`),
      );
      // A prompt of another kind of text falls apart into letters.
      for (const text of [prompt, ...others]) {
        expect(tokenizer.encode(text).length, text).toBeLessThan(text.split(' ').length * 2);
      }
    }
  });

  it('names the samples there are, and what is damaged', () => {
    expect(findSample(index, 'digits').task).toBe('image-classification');
    expect(() => findSample(index, 'cats')).toThrow(
      'There is no sample "cats"; choose one of sample:stories, sample:prose, sample:mail, sample:handwriting, sample:digits.',
    );
    expect(() => parseSampleIndex({ version: 1, samples: [{ name: 'A b' }] })).toThrow(
      'The list of samples is damaged at "samples.0.name"; install or load the studio again.',
    );
  });
});

describe('sample:stories', () => {
  const tokenizer = loadTokenizer(
    readJson('stories/tokenizer.json'),
    readJson('stories/tokenizer_config.json'),
  );
  const calibration = texts('stories/calibration.txt');
  const evaluation = texts('stories/evaluation.txt');

  it('is made from the checkpoint alone', async () => {
    const file = new URL('../../test/fixtures/stories260K/stories260K.bin', import.meta.url);
    const { config, weights } = readLlama2c(new Uint8Array(readFileSync(file)));
    const half = toHalfSplit(config, weights);
    const model = await writeModel(buildLlama(half.config, half.weights));
    expect(sha256(model)).toBe(sha256(read('stories/model.onnx')));
    checkTokenizerFits(tokenizer, config.vocabularySize);
  });

  it('calibrates and evaluates on different texts, with enough of both', () => {
    const { shared, total, sentence } = overlap(calibration, evaluation);
    // Stock openings ("Once upon a time, there was a little girl named Lily …") are all they share.
    expect(shared / total).toBeLessThan(0.001);
    expect(sentence).toBeUndefined();
    const known = new Set(calibration.documents);
    expect(evaluation.documents.filter((document) => known.has(document))).toEqual([]);
    const windows = tokenWindows(calibration, tokenizer, { length: 256, limit: 64 });
    expect(windows).toHaveLength(64);
    expect(windows.every(({ ids }) => ids.length === 256)).toBe(true);
  });

  it('gives the known 1.275 nats per token over 13 855 tokens where documents are cut at 400', async () => {
    const windows = tokenWindows(evaluation, tokenizer, { length: 400, mode: 'documents' });
    const figures = await measureLanguageModel(read('stories/model.onnx'), windows);
    expect(windows).toHaveLength(60);
    expect(figures.perplexity.n).toBe(13855);
    expect(Math.abs(figures.nllPerToken - 1.275)).toBeLessThan(0.0005);
  });
});

describe('sample:digits', () => {
  const evaluation = examples('digits/evaluation.npz');
  const calibration = examples('digits/calibration.npz');

  it('calibrates on 256 other images, spread over the classes', () => {
    expect(overlap(calibration, evaluation)).toMatchObject({ shared: 0, total: 2000 });
    const counts = Array<number>(10).fill(0);
    calibration.labels?.forEach((label) => counts[label]++);
    expect(calibration.count).toBe(256);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(24);
    checkLabels(calibration, 10);
    checkLabels(evaluation, 10);
    const both = sliceExamples(evaluation, 0, 5);
    expect(overlap(evaluation, both).shared).toBe(5);
  });

  it('has the accuracy that the index says', async () => {
    const config = readJson('digits/preprocessor_config.json');
    const found = await measureClassifier(
      read('digits/model.onnx'),
      preprocessImages(evaluation, config),
    );
    expect(found).toEqual(findSample(index, 'digits').figures.accuracy);
    // 83.97 % on all 10 000 test images, says its author: these 2 000 are a part of them.
    expect(Math.abs(found.value - 0.8397)).toBeLessThan(4 * found.standardError);
  });
});
