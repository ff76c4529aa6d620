import { describe, expect, it } from 'vitest';
import {
  cachedFeeds,
  decoderPair,
  mergedDecoder,
  startFeeds,
  type MergedOptions,
} from '../../../test/support/merged-decoder.ts';
import { distance, runModel } from '../../../test/support/run-model.ts';
import { testHost } from '../../../test/support/sample.ts';
import { decoderFolder, wordText } from '../../../test/support/tiny-decoder.ts';
import { sizeOf } from '../../core/onnx/size.ts';
import type { Model } from '../../core/onnx/types.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { Host } from '../host.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';
import { openModel } from './open.ts';
import { readWritten } from './written.ts';

const IDS = [3, 17, 5, 30, 8];
const NEXT = 21;
const VOCABULARY = 40;
/** What rounding explains in float32 over a few layers: as in parity checks, 2¹³·ε of the largest score. */
const ROUNDING = 2 ** (13 - 23);

/** A decoder's file after a recipe, and what its report says. */
async function compressed(model: Model, steps: readonly object[]) {
  const open = await openModel(await decoderFolder(model));
  const host = testHost();
  const calibration = { data: 'words', samples: 4, length: 16 };
  const recipe = parseRecipe({ version: 1, seed: 3, calibration, steps });
  const input = { open, recipe, calibration: wordText(400) };
  const { id, report } = await runTrial(host, input, { progress: () => {} });
  const written = await new TrialStore(host.storage).written(id);
  return { model: await readWritten(written), report, bytes: written.file.byteLength };
}

/** Scores behind the last of some tokens. */
function lastScores(found: ReadonlyMap<string, Value>): Value {
  const logits = found.get('logits');
  if (logits === undefined) throw new Error('no scores');
  const data = Float32Array.from(logits.data.slice(-VOCABULARY) as Float32Array);
  return { dataType: 1, dims: [VOCABULARY], data };
}

type Level = Parameters<typeof runModel>[2];

/** Both branches: a text that starts, then its next token. */
async function bothBranches(model: Model, level?: Level) {
  const start = await runModel(model, startFeeds(IDS), level);
  const next = await runModel(model, cachedFeeds([NEXT], start), level);
  return { start: lastScores(start), next: lastScores(next) };
}

/**
 * The same scores of a decoder without a cache, which reads the whole text both times. Not optimised:
 * onnxruntime's own fusions round the inputs of 8-bit products in a plain graph.
 */
async function wholeTexts(model: Model) {
  const start = await runModel(model, startFeeds(IDS));
  const next = await runModel(model, startFeeds([...IDS, NEXT]));
  return { start: lastScores(start), next: lastScores(next) };
}

function largest({ data }: Value): number {
  return Math.max(...Array.from(data as Float32Array, Math.abs));
}

const TRAINING = { steps: 4, learningRate: 0.01, batchSize: 2 };
const RECIPES: readonly (readonly [string, readonly object[]])[] = [
  ['q8', [{ method: 'round-to-nearest', options: { bits: 8, blockSize: 'channel' } }]],
  ['q4', [{ method: 'round-to-nearest', options: { bits: 4, blockSize: 16 } }]],
  ['fp16', [{ method: 'float16' }]],
  ['magnitude', [{ method: 'magnitude', options: { sparsity: 0.5 } }]],
  ['hqq', [{ method: 'hqq', options: { bits: 4, blockSize: 16 } }]],
  ['wanda', [{ method: 'wanda', options: { sparsity: 0.5 } }]],
  ['gptq', [{ method: 'gptq', options: { bits: 4, blockSize: 16 } }]],
  ['gptq in order', [{ method: 'gptq', options: { bits: 4, blockSize: 16, sequential: true } }]],
  ['lora, merged', [{ method: 'lora', options: { ...TRAINING, rank: 2, result: 'merge' } }]],
  ['lora, beside', [{ method: 'lora', options: { ...TRAINING, rank: 2, result: 'adapter' } }]],
  ['fine-tune', [{ method: 'fine-tune', options: TRAINING }]],
  ['magnitude, then q8', [{ method: 'magnitude' }, { method: 'round-to-nearest' }]],
];

describe('a merged decoder after a recipe', () => {
  const original = mergedDecoder({ weights: 'outside' });
  const [alone] = decoderPair();

  it.each(RECIPES)(
    '%s: both branches are what the recipe makes of the decoder alone',
    async (_, steps) => {
      const [merged, wanted] = [await compressed(original, steps), await compressed(alone, steps)];
      const [found, scores, before] = [
        await bothBranches(merged.model),
        await wholeTexts(wanted.model),
        await bothBranches(original),
      ];
      const optimised = await bothBranches(merged.model, 'all');
      for (const run of ['start', 'next'] as const) {
        const tolerance = ROUNDING * largest(scores[run]);
        expect(distance(optimised[run], scores[run]), run).toBeLessThanOrEqual(tolerance);
        expect(distance(found[run], scores[run]), run).toBeLessThanOrEqual(tolerance);
        expect(distance(found[run], before[run]), run).toBeGreaterThan(0);
      }
      expect(merged.report?.forecastBytes).toBe(merged.bytes);
      expect(merged.report?.verified).toBe(true);
    },
    120_000,
  );

  it.each(['outside', 'inside'] as const)(
    'is one If with the same inputs and outputs and one set of weights, %s before',
    async (weights) => {
      const merged = mergedDecoder({ weights });
      const { model } = await compressed(merged, [{ method: 'float16' }]);
      expect(model.graph.nodes.filter(({ opType }) => opType === 'If')).toHaveLength(1);
      expect(model.graph.inputs).toEqual(merged.graph.inputs);
      expect(model.graph.outputs).toEqual(merged.graph.outputs);
      const { model: half } = await compressed(alone, [{ method: 'float16' }]);
      // The other branch has a few constants of its own, a hundred bytes of whole numbers.
      const more = sizeOf(model).tensorBytes - sizeOf(half).tensorBytes;
      expect(more).toBeLessThan(256);
    },
  );

  it('computes exactly the same de-duplicated, with the head tied in both branches', async () => {
    const steps = [{ method: 'deduplicate' }];
    const { model } = await compressed(original, steps);
    // Optimised, since onnxruntime then turns the table on its side once, on loading.
    const [found, before] = [await bothBranches(model, 'all'), await bothBranches(original, 'all')];
    expect(distance(found.start, before.start)).toBe(0);
    expect(distance(found.next, before.next)).toBe(0);
    const names = model.graph.initializers.map(({ name }) => name);
    expect(names).not.toContain('lm_head.weight');
  });

  it('keeps the weights that only the branch with the cache has', async () => {
    const options: MergedOptions = { weights: 'inside', differing: true };
    const merged = mergedDecoder(options);
    const magnitude = { method: 'magnitude', target: { tensors: ['/c_fc/'] } };
    const { model } = await compressed(merged, [magnitude]);
    const own = 'then/transformer.h.0.mlp.c_fc.weight';
    const kept = model.graph.initializers.find(({ name }) => name === own);
    const zeros = Array.from(new Float32Array((await kept?.data.read())?.slice().buffer ?? []));
    expect(zeros.length).toBe(16 * 48);
    expect(zeros.filter((value) => value === 0)).toEqual([]);
  });

  it('goes on from a stage that was kept', async () => {
    const open = await openModel(await decoderFolder(original));
    const run = async (bits: number, host: Host) => {
      const steps = [
        { method: 'magnitude' },
        { method: 'round-to-nearest', options: { bits, blockSize: 16 } },
      ];
      const recipe = parseRecipe({ version: 1, seed: 3, steps });
      const details: (string | undefined)[] = [];
      const progress = ({ detail }: { readonly detail?: string }) => details.push(detail);
      const { report } = await runTrial(host, { open, recipe }, { progress });
      return { sha256: report?.outputSha256, kept: details.includes('kept from an earlier run') };
    };
    const host = testHost();
    await run(8, host);
    const warm = await run(4, host);
    expect(warm.kept).toBe(true);
    expect(warm.sha256).toBe((await run(4, testHost())).sha256);
  });

  it('leaves no blocks out, and says why', async () => {
    const steps = [{ method: 'distill', options: { student: 'shallow', ...TRAINING } }];
    await expect(compressed(original, steps)).rejects.toThrow(
      'Blocks cannot be left out of a merged decoder, because its branch with a cache hands on keys and values of every block; distill into the compressed model, or open the decoder without a cache (decoder_model.onnx).',
    );
  });
});
