import { afterAll, describe, expect, it } from 'vitest';
import { cachedDecoder, CACHED, type CacheDialect } from '../../test/fixtures/cached-decoder.ts';
import { makeTensor } from '../core/onnx/graph/make.ts';
import type { Model } from '../core/onnx/types.ts';
import { cacheOf } from './cache-ports.ts';
import { generate, generateBoth } from './generate.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import type { Session } from './types.ts';
import { lastScores, writeTexts } from './write-texts.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const opened: Session[] = [];
afterAll(async () => {
  for (const session of opened) await session.release();
});

/** An open model, and how many tokens went into each of its runs. */
async function counted(model: Model): Promise<{ session: Session; runs: number[] }> {
  const session = await runtime.open(model);
  opened.push(session);
  const runs: number[] = [];
  const run: Session['run'] = (feeds, fetches) => {
    runs.push(feeds['input_ids'].dims[1]);
    return session.run(feeds, fetches);
  };
  const { inputs, outputs } = session;
  const runOnDevice: Session['runOnDevice'] = (feeds) => session.runOnDevice(feeds);
  return { session: { inputs, outputs, run, runOnDevice, release: async () => {} }, runs };
}

const plain = await counted(cachedDecoder({ cache: 'none' }));
const prompt = [3, 17, 5, 9];
const greedy = { tokens: 10, contextLength: CACHED.positions };
const sampled = { ...greedy, sampling: { seed: 4, temperature: 1.3 } };

const DIALECTS: readonly CacheDialect[] = [
  'pairs',
  'fused',
  'half',
  'unknown',
  'buffer',
  'window',
  'grouped',
  'grouped-told',
  'grouped-buffer',
];

/** Decimals that scores agree in: keys and values rounded to float16 are off by 2⁻¹¹ of themselves. */
const places = (cache: CacheDialect) => (cache === 'half' ? 2 : 4);

describe.each(DIALECTS)('a text written with a cache (%s)', (cache) => {
  it.each([
    ['greedily', greedy],
    ['drawn', sampled],
  ])('is the text written without, %s: the prompt once, then one token a run', async (_, how) => {
    const { session, runs } = await counted(cachedDecoder({ cache }));
    const wanted = await generate(plain.session, prompt, how);
    const found = await generate(session, prompt, how);
    expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    found.forEach(({ logits }, step) => {
      logits.forEach((score, id) =>
        expect(score).toBeCloseTo(wanted[step].logits[id], places(cache)),
      );
    });
    expect(runs).toEqual([prompt.length, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });
});

describe('a text reader', () => {
  it('runs the whole context where there is no cache', async () => {
    plain.runs.length = 0;
    await generate(plain.session, prompt, { ...greedy, tokens: 3 });
    expect(plain.runs).toEqual([4, 5, 6]);
  });

  it('runs the whole context once the text is longer than it', async () => {
    const { session, runs } = await counted(cachedDecoder({ cache: 'pairs' }));
    const short = { tokens: 5, contextLength: 6 };
    const wanted = await generate(plain.session, prompt, short);
    const found = await generate(session, prompt, short);
    expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    expect(runs).toEqual([4, 1, 1, 6, 6]);
  });

  it('runs the whole context where the cache does not grow by what was read', async () => {
    const { session, runs } = await counted(cachedDecoder({ cache: 'pairs', slides: true }));
    const wanted = await generate(plain.session, prompt, { ...greedy, tokens: 3 });
    const found = await generate(session, prompt, { ...greedy, tokens: 3 });
    expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    expect(runs).toEqual([4, 5, 6]);
  });

  it('reads two texts out of one beginning once, up to where they part', async () => {
    const first = await counted(cachedDecoder({ cache: 'pairs' }));
    const other = await counted(await rounded(cachedDecoder({ cache: 'pairs' })));
    const alone = [
      await generate(first.session, prompt, greedy),
      await generate(other.session, prompt, greedy),
    ].map((steps) => steps.map(({ id }) => id));
    first.runs.length = other.runs.length = 0;
    const both = await generateBoth(first.session, other.session, prompt, greedy);
    expect([both.original, both.compressed].map((steps) => steps.map(({ id }) => id))).toEqual(
      alone,
    );
    const parted = alone[0].findIndex((id, at) => id !== alone[1][at]);
    expect(parted).toBeGreaterThanOrEqual(0);
    const ones = new Array<number>(parted + 2 * (9 - parted)).fill(1);
    expect(first.runs).toEqual([4, ...ones]);
    expect(other.runs).toEqual(first.runs);
  });
});

/** The model with coarser weights: it writes something else. */
async function rounded(model: Model): Promise<Model> {
  const initializers = await Promise.all(
    model.graph.initializers.map(async (tensor) => {
      if (tensor.dataType !== 1 || tensor.data.byteLength < 500) return tensor;
      const values = new Float32Array((await tensor.data.read()).slice().buffer);
      return makeTensor(
        tensor.name,
        tensor.dims,
        values.map((v) => Math.round(v * 4) / 4),
      );
    }),
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

describe('texts written side by side', () => {
  const options = { length: 12, sampling: { temperature: 1.3 }, seed: 7, first: 0 };
  const prompts = [prompt, [1, 2, 3, 4], [30, 8, 8, 21]];

  it.each(DIALECTS)('are the same with a cache (%s), each token run once', async (cache) => {
    const without = await counted(lastScores(cachedDecoder({ cache: 'none' })));
    const wanted = await writeTexts(without.session, prompts, options);
    const { session, runs } = await counted(lastScores(cachedDecoder({ cache })));
    expect(await writeTexts(session, prompts, options)).toEqual(wanted);
    expect(runs).toEqual([4, 1, 1, 1, 1, 1, 1, 1]);
    expect(without.runs).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe('pairs of past and present', () => {
  const port = (name: string, ...dims: (number | string)[]) => ({ name, dataType: 1, dims });
  const keys = (name: string) => port(name, 'batch', 2, 'past', 8);
  const grown = (name: string) => port(name, 'batch', 2, 'past + sequence', 8);
  const pairsOf = (inputs: ReturnType<typeof port>[], outputs: ReturnType<typeof port>[]) =>
    cacheOf({ inputs, outputs })?.pairs;

  it.each([
    ['past_key_values.0.key', 'present.0.key'],
    ['past_key_values.0.value', 'present_key_values.0.value'],
    ['past_key_self_0', 'present_key_self_0'],
    ['past_3', 'present_3'],
    ['past_key_1', 'present_key_1'],
    ['key_cache.0', 'new_key_cache.0'],
    ['cache_k_0', 'cache_k_0_out'],
  ])('%s belongs to %s', (past, present) => {
    const outputs = [port('logits', 'batch', 'sequence', 9), grown(present)];
    expect(pairsOf([keys(past)], outputs)).toEqual([{ past, present, axis: 2 }]);
  });

  it('count tokens on the axis that is open, behind the batch', () => {
    const fused = port('past.0', 2, 'batch', 4, 'past', 8);
    expect(pairsOf([fused], [port('present.0')])).toEqual([
      { past: 'past.0', present: 'present.0', axis: 3 },
    ]);
    expect(pairsOf([port('past_0', 1, 2, 'past', 8)], [port('present_0')])?.[0].axis).toBe(2);
    expect(pairsOf([port('past_0', -1, 2, -1, 8)], [port('present_0')])?.[0].axis).toBe(2);
  });

  it('are none where an output lacks, or nothing says which axis grows', () => {
    expect(pairsOf([keys('past.0'), keys('past.1')], [port('present.0')])).toBeUndefined();
    expect(pairsOf([port('past.0', 'b', 'h', 'past', 8)], [port('present.0')])).toBeUndefined();
    expect(pairsOf([port('input_ids', 'b', 's')], [port('logits')])).toBeUndefined();
  });

  it('are no numbers about the cache, and no cache of the encoder', () => {
    const encoder = keys('past_key_values.0.encoder.key');
    const decoder = keys('past_key_values.0.decoder.key');
    const outputs = ['encoder', 'decoder'].map((side) => grown(`present.0.${side}.key`));
    expect(
      pairsOf(
        [encoder, decoder, port('past_sequence_length', 1), port('cache_position', 's')],
        outputs,
      ),
    ).toEqual([{ past: decoder.name, present: 'present.0.decoder.key', axis: 2 }]);
  });
});
