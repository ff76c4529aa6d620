import { describe, expect, it } from 'vitest';
import { recipe, testHost } from '../../../test/support/sample.ts';
import {
  speechPairs,
  tinyPairFolder,
  wordPairs,
  type TinyPair,
} from '../../../test/support/tiny-pair.ts';
import type { Dataset } from '../../core/data/types.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel } from '../model/open.ts';
import { partsOf } from '../model/parts.ts';
import { runParts } from '../parts/run-parts.ts';
import { runTrial } from '../run-trial.ts';

const host = () => ({ ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) });

async function tried(pair: TinyPair, steps: Recipe, calibration: Dataset, evaluation: Dataset) {
  const open = await openModel(await tinyPairFolder(pair));
  const input = { open, recipe: steps, calibration, evaluation };
  return (await runTrial(host(), input, { progress: () => {} })).report;
}

const GPTQ = { method: 'gptq', target: 'all', options: { bits: 3, blockSize: 16 } };
const ROUND = { method: 'round-to-nearest', target: 'all', options: { bits: 8 } };
const LORA = {
  ...{ version: 1, length: 12, method: 'lora', target: 'all' },
  options: { steps: 40, batchSize: 4, validateEvery: 20, warmup: 2, learningRate: 0.02, rank: 4 },
};

describe('a trial of one part of an encoder-decoder', () => {
  it.each(['encoder', 'decoder', 'decoder-with-past'] as const)(
    'calibrates the %s on pairs and scores it on others',
    async (opened) => {
      const pairs = [wordPairs(24, 1), wordPairs(8, 2)] as const;
      const report = await tried({ source: 'text', opened }, recipe(GPTQ), ...pairs);
      expect(report?.scores).toBe('quality');
      expect(report?.notMeasured).toBeUndefined();
      expect(report?.evaluation?.compressed.perplexity?.value).toBeGreaterThan(1);
      expect(report?.evaluation?.compressed.kl?.value).toBeGreaterThan(0);
      expect(report?.evaluation?.difference.perplexity?.n).toBeGreaterThan(8);
      const better = report?.layers.filter((l) => l.relativeError < (l.baselineRelativeError ?? 0));
      const judged = report?.layers.filter((l) => l.baselineRelativeError !== undefined);
      const crossed = judged?.some(({ name }) => name === 'cross.k.weight');
      expect(crossed).toBe(opened === 'decoder');
      expect(better?.length).toBeGreaterThan(0.7 * (judged?.length ?? Infinity));
    },
    60_000,
  );

  it('measures every part of a run over several, the decoders given the encoder', async () => {
    const folder = await tinyPairFolder({ source: 'text', opened: 'decoder' });
    const input = {
      folder,
      parts: partsOf(folder),
      recipe: recipe(ROUND),
      data: () => Promise.resolve({ evaluation: wordPairs(4) }),
    };
    const { lines, made } = await runParts(host(), input, { progress: () => {} });
    expect(lines.map(({ message }) => message)).toEqual(lines.map(() => undefined));
    expect(made.map(({ open }) => open.part.role).sort()).toEqual([
      'decoder',
      'decoder-with-past',
      'encoder',
    ]);
    for (const { trial } of made) {
      expect(trial.report?.evaluation?.original.perplexity?.value).toBeGreaterThan(1);
    }
  }, 60_000);

  it('leaves the table of relative positions as it is', async () => {
    const report = await tried(
      { source: 'text', opened: 'decoder' },
      recipe(ROUND),
      wordPairs(4),
      wordPairs(4),
    );
    expect(report?.layers.map(({ name }) => name)).toContain('cross.v.weight');
    expect(report?.layers.map(({ name }) => name)).not.toContain('decoder.relative_attention_bias');
  });

  it.each([
    ['text', wordPairs(60, 1), wordPairs(20, 1)],
    ['speech', speechPairs(40, 9, 1), speechPairs(40, 9, 1)],
  ] as const)(
    'trains a decoder of %s on targets given what the encoder made of the sources',
    async (source, learned, scored) => {
      const report = await tried(
        { source, opened: 'decoder' },
        parseObjective(LORA, learned.name),
        learned,
        scored,
      );
      const [record] = report?.training ?? [];
      expect(record?.end).toBe('finished');
      expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
      expect(report?.evaluation?.compressed.perplexity?.value).toBeLessThan(
        report?.evaluation?.original.perplexity?.value ?? 0,
      );
    },
    60_000,
  );

  it('refuses to train what predicts nothing by itself, or one token at a time', async () => {
    const objective = parseObjective(LORA, 'pairs.tsv');
    const pairs = [wordPairs(8, 1), wordPairs(4, 2)] as const;
    await expect(tried({ source: 'text', opened: 'encoder' }, objective, ...pairs)).rejects.toThrow(
      'The encoder "onnx/encoder_model.onnx" predicts no tokens by itself and gradients do not cross from one file into another, so it cannot be trained alone; train the decoder beside it.',
    );
    const goesOn = { source: 'text', opened: 'decoder-with-past' } as const;
    await expect(tried(goesOn, objective, ...pairs)).rejects.toThrow(
      'The decoder "onnx/decoder_with_past_model.onnx" reads one token at a time behind a key/value cache, and training needs whole targets; train the decoder beside it that reads them (decoder_model.onnx), which has the same weights.',
    );
  });
});
