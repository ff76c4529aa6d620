import { afterAll, describe, expect, it } from 'vitest';
import { cachedDecoder, CACHED, type CacheDialect } from '../../../test/fixtures/cached-decoder.ts';
import type { TokenWindow } from '../../core/data/types.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { makeTensor } from '../../core/onnx/graph/make.ts';
import type { Model } from '../../core/onnx/types.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import type { Session } from '../types.ts';
import { evaluate } from './evaluate.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const opened: Session[] = [];
afterAll(async () => {
  for (const session of opened) await session.release();
});

async function open(model: Model): Promise<Session> {
  const session = await runtime.open(model);
  opened.push(session);
  return session;
}

/** An open model, and how many tokens went into each of its runs. */
async function counted(model: Model): Promise<{ session: Session; runs: number[] }> {
  const session = await open(model);
  const runs: number[] = [];
  const run: Session['run'] = (feeds, fetches) => {
    runs.push(feeds['input_ids'].dims[1]);
    return session.run(feeds, fetches);
  };
  const { inputs, outputs } = session;
  return { session: { ...session, inputs, outputs, run }, runs };
}

const windows: TokenWindow[] = [0, 1, 2, 3].map((document) => {
  const random = seededRandom(document, 'protocol');
  const length = 12 + 3 * document;
  const ids = Int32Array.from({ length }, () => Math.floor(random.next() * CACHED.vocabulary));
  return { ids, firstCounted: document === 2 ? 5 : 1, document };
});
const text = { task: 'language-model', windows } as const;

/** Keys and values of the cache in steps of `1 / levels`: what a compressed cache does. */
function coarse(model: Model, levels: number): Model {
  const nodes = model.graph.nodes.flatMap((node) => {
    const [output] = node.outputs;
    if (!output.startsWith('present.')) return [node];
    const value = (part: string) => `${output}/${part}`;
    const op = (opType: string, inputs: string[], made: string) => ({
      ...{ ...node, name: made },
      ...{ opType, inputs, outputs: [made] },
    });
    return [
      op('Mul', [node.inputs[0], 'levels'], value('scaled')),
      op('Round', [value('scaled')], value('rounded')),
      op('Div', [value('rounded'), 'levels'], output),
    ];
  });
  const initializers = [
    ...model.graph.initializers,
    makeTensor('levels', [], Float32Array.of(levels)),
  ];
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}

function expectClose(found: Metrics, wanted: Metrics): void {
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, metric] of Object.entries(wanted)) {
    const own = found[name as keyof Metrics];
    expect(own?.n).toBe(metric.n);
    // Scores of either way differ in the last bits of float32.
    expect(Math.abs((own?.value ?? NaN) - metric.value)).toBeLessThan(1e-5 * (1 + metric.value));
  }
}

describe('with the cache filled', () => {
  const dialects: readonly CacheDialect[] = [
    'pairs',
    'fused',
    'unknown',
    'buffer',
    'window',
    'grouped',
    'grouped-told',
    'grouped-buffer',
  ];

  it.each(dialects)('an uncompressed model measures as in windows (%s)', async (cache) => {
    const { session, runs } = await counted(cachedDecoder({ cache }));
    const whole = await evaluate({ model: { session } }, text);
    expect(runs).toEqual([12, 15, 18, 21]);
    runs.length = 0;
    const filled = await evaluate({ model: { session } }, text, { protocol: 'cached' });
    expectClose(filled.compressed, whole.compressed);
    expect(filled.n).toBe(whole.n);
    const ones = (count: number) => new Array<number>(count).fill(1);
    expect(runs).toEqual([...ones(12), ...ones(15), 5, ...ones(13), ...ones(21)]);
  });

  it('rounds keys and values only as far as a cache in float16 does', async () => {
    const exact = { session: await open(cachedDecoder({ cache: 'none' })) };
    const half = { session: await open(cachedDecoder({ cache: 'half' })) };
    const found = await evaluate({ original: exact, model: half }, text, { protocol: 'cached' });
    // Off by 2⁻¹¹ of each key and value; KL goes with the square.
    expect(found.compressed.kl?.value).toBeLessThan(1e-6);
    expect(found.compressed.kl?.value).toBeGreaterThan(0);
  });

  it('windows of one length and context are read side by side, to the same scores', async () => {
    const even = windows.map(({ ids, document }) => ({
      ids: ids.subarray(0, 12),
      firstCounted: 3,
      document,
    }));
    const { session, runs } = await counted(cachedDecoder({ cache: 'grouped' }));
    const whole = await evaluate({ model: { session } }, { ...text, windows: even });
    runs.length = 0;
    const options = { protocol: 'cached' } as const;
    const filled = await evaluate({ model: { session } }, { ...text, windows: even }, options);
    expectClose(filled.compressed, whole.compressed);
    expect(runs).toEqual([3, ...new Array<number>(9).fill(1)]);
  });

  it('a decoder that takes one token a run is read so, whatever is asked', async () => {
    const { session, runs } = await counted(cachedDecoder({ cache: 'single' }));
    const whole = await evaluate(
      { model: { session: await open(cachedDecoder({ cache: 'none' })) } },
      text,
    );
    const found = await evaluate({ model: { session } }, text);
    expectClose(found.compressed, whole.compressed);
    expect(new Set(runs)).toEqual(new Set([1]));
  });

  it.each([
    ['buffer', 4],
    ['grouped-buffer', 1],
    ['window', 3],
    ['pairs', 3],
  ] as const)(
    'a decoder (%s) that takes %i tokens a run reads a window in pieces',
    async (cache, tokens) => {
      const session = await open(cachedDecoder({ cache, tokens }));
      const plain = await open(cachedDecoder({ cache: 'none' }));
      const found = await evaluate({ model: { session } }, text);
      expectClose(
        found.compressed,
        (await evaluate({ model: { session: plain } }, text)).compressed,
      );
    },
  );

  it('a cache that cannot be empty is begun by the decoder that reads whole texts', async () => {
    const session = await open(cachedDecoder({ cache: 'single', needsPast: true }));
    const primer = await open(cachedDecoder({ cache: 'pairs' }));
    const plain = { session: await open(cachedDecoder({ cache: 'none' })) };
    const later = windows.map((w) => ({ ...w, firstCounted: Math.max(2, w.firstCounted) }));
    const wanted = await evaluate({ model: plain }, { ...text, windows: later });
    const found = await evaluate({ model: { session, primer } }, text);
    expectClose(found.compressed, wanted.compressed);
    expect(found.primed).toBe(true);
    const both = { original: plain, model: { session, primer } };
    expect((await evaluate(both, text)).compressed.kl?.value).toBeCloseTo(0, 6);
    await expect(evaluate({ model: { session } }, text)).rejects.toThrow(
      /^The model reads one token at a time behind a key\/value cache and does not start from an empty one \(.+\), and no decoder_model\.onnx beside it could make the first; put that file into the same folder\.$/,
    );
    await expect(evaluate({ model: { session, primer: plain.session } }, text)).rejects.toThrow(
      'The decoder that should make the first cache gives no "present.0.key", so it is not of the same model; put the decoder_model.onnx of the same export beside it.',
    );
  });

  it('a text longer than a cache of fixed size, and ports that do not fit, are refused in words', async () => {
    const ids = new Int32Array(60).fill(3);
    const long = { ...text, windows: [{ ids, firstCounted: 1, document: 0 }] };
    const cached = { protocol: 'cached' } as const;
    const buffer = { session: await open(cachedDecoder({ cache: 'buffer' })) };
    await expect(evaluate({ model: buffer }, long, cached)).rejects.toThrow(
      "The model's key/value cache has 48 places, and the text has 49 tokens; give texts of at most 48 tokens, or export the model with a longer cache.",
    );
    const { session } = await counted(cachedDecoder({ cache: 'pairs' }));
    const changed = (name: string, dims: (number | string)[]) =>
      session.outputs.map((port) => (port.name === name ? { ...port, dims } : port));
    const heads = { ...session, outputs: changed('present.1.key', ['batch', 3, 'total', 8]) };
    await expect(evaluate({ model: { session: heads } }, text)).rejects.toThrow(
      'The cache input "past_key_values.1.key" has the shape [batch, 2, past, 8], but "present.1.key", which continues it, has [batch, 3, total, 8]; export the model again so that both have the same heads and sizes.',
    );
    const lone = {
      ...session,
      outputs: session.outputs.filter(({ name }) => name !== 'present.1.value'),
    };
    await expect(evaluate({ model: { session: lone } }, text, cached)).rejects.toThrow(
      'No output continues the cache input "past_key_values.1.value" as "present.0.key" continues "past_key_values.0.key", so the cache cannot be filled; export the model with all of its caches as outputs.',
    );
  });

  it('a compressed cache costs, which windows do not see', async () => {
    const original = { session: await open(cachedDecoder({ cache: 'pairs' })) };
    const model = { session: await open(coarse(cachedDecoder({ cache: 'pairs' }), 2)) };
    const whole = await evaluate({ original, model }, text);
    expect(whole.compressed.kl?.value).toBeCloseTo(0, 6);
    const filled = await evaluate({ original, model }, text, { protocol: 'cached' });
    // A hundred times what rounding of float32 makes of it.
    expect(filled.compressed.kl?.value).toBeGreaterThan(1e-4);
    expect(filled.original.perplexity?.value).toBeCloseTo(whole.original.perplexity?.value ?? 0, 4);
  });

  it('takes an original without a cache in windows', async () => {
    const original = await counted(cachedDecoder({ cache: 'none' }));
    const model = { session: await open(cachedDecoder({ cache: 'pairs' })) };
    const found = await evaluate({ original, model }, text, { protocol: 'cached' });
    expect(original.runs).toEqual([12, 15, 18, 21]);
    expect(found.compressed.kl?.value).toBeCloseTo(0, 6);
    expect(found.compressed.sameTop1?.value).toBe(1);
  });

  it('is refused in words where there is no cache to fill', async () => {
    const cached = { protocol: 'cached' } as const;
    const none = { session: await open(cachedDecoder({ cache: 'none' })) };
    await expect(evaluate({ model: none }, text, cached)).rejects.toThrow(
      'The model offers no key/value cache (inputs "past_key_values…" with outputs "present…"), so it cannot be measured with its cache filled; measure it in windows, or export it with its cache.',
    );
    const slides = { session: await open(cachedDecoder({ cache: 'pairs', slides: true })) };
    await expect(evaluate({ model: slides }, text, cached)).rejects.toThrow(
      'The cache that the model gives back does not hold one entry for each token it read, so it cannot be filled token by token; measure the model in windows.',
    );
    const classifier = { task: 'classifier', batches: [], total: 0 } as const;
    expect(() => evaluate({ model: none }, classifier, cached)).toThrow(
      'Only a language model on text can be measured with its cache filled, and this model gives one answer per example; measure it in windows.',
    );
  });
});

describe('exits side by side', () => {
  it('are columns of their own, from one run, each as if it were alone', async () => {
    const { session, runs } = await counted(cachedDecoder({ cache: 'none', exit: 'early' }));
    const original = { session: await open(cachedDecoder({ cache: 'none' })) };
    const found = await evaluate({ original, model: { session } }, text, { protocol: 'exits' });
    expect(runs).toEqual([12, 15, 18, 21]);
    expect(found.exits?.map(({ output }) => output)).toEqual(['early', 'logits']);
    const alone = await Promise.all(
      ['early', 'logits'].map((output) =>
        evaluate({ original, model: { session, outputs: [output] } }, text),
      ),
    );
    expect(found.exits).toEqual(
      alone.map(({ compressed, difference }, i) => ({
        output: ['early', 'logits'][i],
        compressed,
        difference,
      })),
    );
    expect(found.compressed).toEqual(alone[1].compressed);
    const [early, last] = found.exits ?? [];
    expect(last.compressed.kl?.value).toBeCloseTo(0, 12);
    expect(early.compressed.kl?.value).toBeGreaterThan(0.01);
    const named = { session, outputs: ['early'] };
    const one = await evaluate({ model: named }, text, { protocol: 'exits' });
    expect(one.exits?.map(({ output }) => output)).toEqual(['early']);
    // Alone, likelihoods come from another kernel.
    expect(one.compressed.perplexity?.value).toBeCloseTo(
      early.compressed.perplexity?.value ?? 0,
      5,
    );
  });

  it('tell the accuracy of each exit of a classifier', async () => {
    const g = new GraphBuilder('exits');
    const x = g.input('x', 'float32', ['n', 3]);
    g.output(g.op('Neg', [x]), 'float32', ['n', 3], 'early');
    g.output(g.op('Identity', [x]), 'float32', ['n', 3], 'late');
    const session = await open(g.finish());
    const data = Float32Array.of(3, 1, 2, 0, 5, 1, 1, 2, 9, 4, 0, 1);
    const feeds = { x: { dataType: 1, dims: [4, 3], data } };
    // The largest of each row is right three times, the least once.
    const labels = Int32Array.of(0, 1, 2, 1);
    const batches = [{ feeds, count: 4, labels }];
    const contenders = { model: { session } };
    const found = await evaluate(
      contenders,
      { task: 'classifier', batches, total: 4 },
      { protocol: 'exits' },
    );
    expect(
      found.exits?.map(({ output, compressed }) => [output, compressed.accuracy?.value]),
    ).toEqual([
      ['early', 0.25],
      ['late', 0.75],
    ]);
  });
});

describe('a model that keeps some of the vocabulary', () => {
  const columns = Int32Array.of(30, 4, 9, 1, 17, 22);
  const kept: TokenWindow[] = [1, 2].map((document) => {
    const random = seededRandom(document, 'kept');
    const ids = Int32Array.from({ length: 10 }, () => columns[Math.floor(random.next() * 6)]);
    return { ids, firstCounted: 1, document };
  });

  /** The decoder's rows and columns of the tokens that are kept. */
  async function pruned(model: Model): Promise<Model> {
    const initializers = await Promise.all(
      model.graph.initializers.map(async (tensor) => {
        const axis = tensor.name === 'wte' ? 0 : tensor.name === 'logits.weight' ? 1 : undefined;
        if (axis === undefined) return tensor;
        const values = new Float32Array((await tensor.data.read()).slice().buffer);
        const [rows, width] = tensor.dims;
        const dims = axis === 0 ? [6, width] : [rows, 6];
        const data = Float32Array.from({ length: dims[0] * dims[1] }, (_, i) => {
          const [row, column] = [Math.floor(i / dims[1]), i % dims[1]];
          return axis === 0
            ? values[columns[row] * width + column]
            : values[row * width + columns[column]];
        });
        return makeTensor(tensor.name, dims, data);
      }),
    );
    return { ...model, graph: { ...model.graph, initializers, outputs: [{ name: 'logits' }] } };
  }

  it('is compared with the original on the columns it keeps', async () => {
    const whole = cachedDecoder({ cache: 'none' });
    const original = { session: await open(whole) };
    const model = { session: await open(await pruned(whole)), columns };
    const found = await evaluate({ original, model }, { task: 'language-model', windows: kept });
    const alone = await evaluate({ model: original }, { task: 'language-model', windows: kept });
    expect(found.compressed.kl?.value).toBeCloseTo(0, 6);
    expect(found.compressed.sameTop1?.value).toBe(1);
    // Over the tokens that both have, which are fewer to choose from than all.
    expect(found.difference.perplexity?.value).toBeCloseTo(0, 5);
    const { perplexity } = alone.compressed;
    expect(found.original.perplexity?.value).toBeLessThan(perplexity?.value ?? 0);
    await expect(evaluate({ model }, text)).rejects.toThrow(
      /^The data holds the token \d+, which is not among the 6 the model keeps; cut the data with the tokenizer that was written with the model\.$/,
    );
  });
});
