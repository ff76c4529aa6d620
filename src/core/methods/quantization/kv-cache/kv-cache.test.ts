import { describe, expect, it } from 'vitest';
import {
  cachedDecoder,
  CACHED,
  type CacheDialect,
} from '../../../../../test/fixtures/cached-decoder.ts';
import {
  cachedFeeds,
  mergedDecoder,
  startFeeds,
} from '../../../../../test/support/merged-decoder.ts';
import { distance, longs, runModel } from '../../../../../test/support/run-model.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { cacheBytesPerToken, cacheChange, modelCache } from '../../../cache/model-ports.ts';
import { unfoldBranches } from '../../../onnx/branches/unfold.ts';
import { fillHoles, requireFilled } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { lookKey } from '../../../statistics/look.ts';
import { seenIn } from '../../../statistics/seen.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import type { Value } from '../../../tensor/values.ts';
import type { StepPlan } from '../../contract.ts';
import { kvCache } from './kv-cache.ts';
import type { KvCacheOptions } from './meta.ts';

type Feeds = Readonly<Record<string, Value>>;

const planned = (model: Model, options: KvCacheOptions): Promise<StepPlan> => {
  const anatomy = recognise(model);
  return kvCache.plan({ model, anatomy, original: model }, anatomy.layers, options, firstStep);
};

/** The model with its cache in codes; keys per channel get the range [−limit, limit]. */
async function stored(model: Model, options: KvCacheOptions, limit = 4): Promise<Model> {
  const plan = await planned(model, options);
  let made = plan.model;
  for (const work of plan.work) {
    if (work.kind !== 'fill') throw new Error('Ranges are filled in.');
    const results = (work.look ?? []).map((view) => {
      const columns = CACHED.heads * CACHED.headSize;
      const maxima = new Float32Array(columns).fill(limit);
      const range = { rows: 1, columns, minima: maxima.map((v) => -v), maxima };
      return [lookKey(view, 'column range'), range] as const;
    });
    const ground = { model, anatomy: recognise(model), original: model };
    made = fillHoles(made, await work.fill(ground, seenIn(new Map(results)), context));
  }
  requireFilled(made);
  return made;
}

/** Scores of `ids` behind what `past` left, and what the run leaves. */
async function step(model: Model, ids: readonly number[], past?: ReadonlyMap<string, Value>) {
  const { layout } = modelCache(model) ?? {};
  const before = past === undefined ? 0 : lengthOf(model, past);
  const feeds: Record<string, Value> = {};
  for (const { name, type } of model.graph.inputs) {
    const pair = layout?.pairs.find((each) => each.past === name);
    const dims = (type?.dims ?? []).map(
      ({ value }, axis) => value ?? (axis === pair?.axis ? 0 : 1),
    );
    const known = pair && past?.get(pair.present);
    feeds[name] = known ?? (pair ? emptyOf(type?.dataType ?? 0, dims) : told(name, ids, before));
  }
  return runModel(model, feeds, 'all');
}

function lengthOf(model: Model, past: ReadonlyMap<string, Value>): number {
  const [{ present, axis } = { present: '', axis: 0 }] = modelCache(model)?.layout.pairs ?? [];
  return past.get(present)?.dims[axis] ?? 0;
}

function emptyOf(dataType: number, dims: readonly number[]): Value {
  const size = elementCount(dims);
  if (dataType === DataType.uint8) return { dataType, dims, data: new Uint8Array(size) };
  if (dataType === DataType.float16) return { dataType, dims, data: new Uint16Array(size) };
  return { dataType, dims, data: new Float32Array(size) };
}

function told(name: string, ids: readonly number[], before: number): Value {
  const total = before + ids.length;
  const int32 = (dims: number[], value: number): Value => ({
    ...{ dataType: DataType.int32, dims, data: Int32Array.of(value) },
  });
  if (name === 'seqlens_k') return int32([1], total - 1);
  if (name === 'total_sequence_length') return int32([1], total);
  if (name === 'attention_mask') return longs([1, total], new Array<number>(total).fill(1));
  const at = name === 'position_ids' ? ids.map((_, i) => before + i) : ids;
  return longs([1, ids.length], at);
}

/** Scores of a first piece and of a second behind it. */
async function twoSteps(model: Model) {
  const first = await step(model, [3, 1, 4, 1, 5]);
  const second = await step(model, [9, 2], first);
  return { first, second, scores: [first, second].map((found) => found.get('logits')) };
}

const DIALECTS: readonly CacheDialect[] = [
  'pairs',
  'fused',
  'half',
  'unknown',
  'grouped',
  'grouped-told',
];
const TOKEN: KvCacheOptions = { bits: 8, keys: 'token' };

describe.each(DIALECTS)('a cache in codes (%s)', (cache) => {
  const original = cachedDecoder({ cache });
  const wanted = twoSteps(original);

  it.each([
    { bits: 8, keys: 'token', within: 0.02 },
    { bits: 4, keys: 'token', within: 0.4 },
    { bits: 8, keys: 'channel', within: 0.05 },
  ] as const)('$bits bits, keys by $keys', async ({ within, ...options }) => {
    const model = await stored(original, options);
    const [was, is] = [await wanted, await twoSteps(model)];
    expect(distance(was.scores[0], is.scores[0])).toBeLessThan(1e-5);
    const moved = distance(was.scores[1], is.scores[1]);
    expect(moved).toBeGreaterThan(1e-5);
    expect(moved).toBeLessThan(within);
  });
});

it('leaves the bytes of a token as they are while the text grows', async () => {
  const model = await stored(cachedDecoder({ cache: 'pairs' }), { bits: 4, keys: 'channel' });
  const { first, second } = await twoSteps(model);
  const [width, heads] = [CACHED.headSize / 2, CACHED.heads];
  const [before, after] = [first, second].map((found) => found.get('present.0.key'));
  expect([before?.dims, after?.dims]).toEqual([
    [1, heads, 5, width],
    [1, heads, 7, width],
  ]);
  const start = Array.from(after?.data.subarray(0, 5 * width) ?? [], Number);
  expect(start).toEqual(Array.from(before?.data.subarray(0, 5 * width) ?? [], Number));
});

describe('a merged decoder', () => {
  it('starts as before, also where the cache that nobody reads has a token', async () => {
    const folded = mergedDecoder({ weights: 'outside' });
    const unfolded = await unfoldBranches(folded);
    const model = await stored(unfolded, TOKEN);
    const width = modelCache(model)
      ?.inputs.find(({ name }) => name.endsWith('0.key'))
      ?.dims.at(-1);
    const bytes = (feeds: Feeds, length: number): Feeds =>
      Object.fromEntries(
        Object.entries(feeds).map(([name, value]) => {
          if (!name.startsWith('past') || value.dataType === DataType.uint8) return [name, value];
          const dims = [1, value.dims[1], length, Number(width)];
          return [name, emptyOf(DataType.uint8, dims)];
        }),
      );
    const was = await runModel(folded, startFeeds([1, 2, 3]));
    const behind = await runModel(folded, cachedFeeds([4], was));
    for (const length of [0, 1]) {
      const is = await runModel(model, bytes(startFeeds([1, 2, 3]), length));
      expect(distance(was.get('logits'), is.get('logits'))).toBeLessThan(1e-5);
      expect(is.get('present.0.key')?.dims[2]).toBe(3);
      const next = await runModel(model, cachedFeeds([4], is));
      const moved = distance(behind.get('logits'), next.get('logits'));
      expect(moved).toBeGreaterThan(0);
      expect(moved).toBeLessThan(0.05);
    }
  });
});

describe('what a token takes', () => {
  const model = cachedDecoder({ cache: 'pairs' });
  const heads = CACHED.blocks * CACHED.heads;
  const size = CACHED.headSize;

  it.each([
    [{ bits: 8, keys: 'token' }, heads * 2 * (size + 3)],
    [{ bits: 8, keys: 'channel' }, heads * (size + size + 3)],
    [{ bits: 4, keys: 'channel' }, heads * (size / 2 + size / 2 + 3)],
  ] as const)('%o', async (options, bytes) => {
    const plan = await planned(model, options);
    expect(cacheBytesPerToken(model)).toBe(heads * 2 * size * 4);
    expect(cacheChange(model, plan.model)).toEqual({ before: heads * 2 * size * 4, after: bytes });
  });

  it('is told of the blocks that were chosen alone', async () => {
    const anatomy = recognise(model);
    const chosen = anatomy.layers.filter(({ block }) => block === 1);
    const ground = { model, anatomy, original: model };
    const plan = await kvCache.plan(ground, chosen, TOKEN, firstStep);
    const types = plan.model.graph.inputs.filter(({ name }) => name.startsWith('past'));
    expect(types.map(({ type }) => type?.dataType)).toEqual([1, 1, 2, 2]);
  });
});

describe('what cannot be', () => {
  it.each([
    [
      'none',
      'The model takes no key/value cache of earlier tokens ("past_key_values.0.key"), so there is nothing to store in fewer bits; open a decoder that was exported with its cache.',
    ],
    [
      'buffer',
      "The model's key/value cache has 48 places of fixed size, which the graph writes to in between, and only a cache that grows with the text can be stored in codes here; export the decoder with a growing cache.",
    ],
    [
      'single',
      'The model takes one token at a time, so another file makes its first cache, in floating point; use the merged decoder (decoder_model_merged.onnx) or an export that starts from an empty cache.',
    ],
  ] as const)('%s', async (cache, sentence) => {
    const model = cachedDecoder({ cache });
    const plan = await planned(model, TOKEN);
    expect(plan.model).toBe(model);
    expect(plan.skipped).toEqual([{ name: 'key/value cache', reason: sentence }]);
  });

  it('is said of a cache that is stored in codes already', async () => {
    const model = await stored(cachedDecoder({ cache: 'pairs' }), TOKEN);
    const { skipped, work } = await planned(model, TOKEN);
    expect(work).toEqual([]);
    expect(skipped[0]).toEqual({
      name: 'past_key_values.0.key',
      reason: '"past_key_values.0.key" is not kept in floating point, so it was left as it is.',
    });
  });

  it('is a range of keys without data', async () => {
    const model = cachedDecoder({ cache: 'pairs' });
    const { work } = await planned(model, { bits: 8, keys: 'channel' });
    const [fill] = work;
    if (fill?.kind !== 'fill') throw new Error('Ranges are filled in.');
    const ground = { model, anatomy: recognise(model), original: model };
    await expect(fill.fill(ground, seenIn(new Map()), context)).rejects.toThrow(
      'Ranges of the keys in "past_key_values.0.key" come from calibration data, and none was given; add calibration data, or give each token a range of its own (keys: "token").',
    );
  });
});
