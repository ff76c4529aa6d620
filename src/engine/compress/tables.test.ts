/** What each quantizer does with an embedding, an output head, and a table that both read: at each width it has. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { activations, seenOf } from '../../../test/fixtures/methods/statistics.ts';
import { buildGpt2 } from '../../../test/fixtures/layouts/gpt2.ts';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { runModel } from '../../../test/support/run-model.ts';
import { recognise } from '../../core/anatomy/recognise.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import { decodedValues, storedWeightOf, type Encoded } from '../../core/encodings/index.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import type { MethodMeta } from '../../core/methods/contract.ts';
import { allMethods } from '../../core/methods/registry.ts';
import { memoryData } from '../../core/onnx/tensor-data.ts';
import { writeModel } from '../../core/onnx/write.ts';
import type { Model } from '../../core/onnx/types.ts';
import { buildReport } from '../../core/recipe/build-report.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { embedReport } from '../../core/report/embed.ts';
import { runRecipe } from './run-recipe.ts';
import type { LookProvider, TrainingProvider } from './types.ts';

const HASH = 'a'.repeat(64);
const [VOCABULARY, WIDTH] = [40, 16];
const FLOAT = 4 * VOCABULARY * WIDTH;

const madeUp = (layers: readonly Layer[], seed: number) =>
  seenOf(layers, ({ inFeatures }) => activations(inFeatures + 8, inFeatures, seed));

/** Made-up inputs for calibration. */
const looksWith = (seed: number): LookProvider => ({
  sha256: HASH,
  collect: async (_model, asked) =>
    madeUp(
      asked.flatMap(({ rowsOf }) => (rowsOf === undefined ? [] : [rowsOf])),
      seed,
    ),
  async *walk({ layers }) {
    for (const layer of layers) yield { layers: [layer], seen: madeUp([layer], seed) };
  },
});

/** A training that changes nothing. */
const training: TrainingProvider = {
  sha256: HASH,
  train: async ({ setup: { student } }) => {
    const loss = { value: 1, standardError: 0, n: 1 };
    const record = {
      ...{ trainedParameters: 1, parameters: 1, steps: 1, end: 'done', bestStep: 0 },
      ...{ before: loss, after: loss, training: [], validation: [] },
    };
    return { trained: student, record: record as never };
  },
};

interface Step {
  readonly method: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly target?: unknown;
}

const gpt2 = (head: 'transpose' | 'own') =>
  buildGpt2({ linear: 'matmul', norm: 'operator', head, opset: 17 });

/** What data would decide of each input that is multiplied. */
const DECIDED: Readonly<Record<string, readonly number[]>> = { ranges: [-4, 4], columns: [1, 6] };

/** As if it had been decided. */
function withDecided(step: Step, layers: readonly Layer[]): Step {
  const shape: Readonly<Record<string, z.ZodType>> = metaOf(step).options.shape;
  const inputs = layers.filter(({ op }) => op !== 'Gather').map(({ input }) => input);
  const decided = Object.keys(DECIDED)
    .filter((name) => shape[name]?.meta()?.decided === true)
    .map(
      (name) => [name, Object.fromEntries(inputs.map((input) => [input, DECIDED[name]]))] as const,
    );
  return { ...step, options: { ...step.options, ...Object.fromEntries(decided) } };
}

function metaOf({ method }: Step): MethodMeta {
  const found = allMethods().find(({ meta }) => meta.id === method);
  if (found === undefined) throw new Error(`no method "${method}"`);
  return found.meta;
}

/** A recipe planned, run and written; the file has the bytes of the forecast. */
async function made(model: Model, given: readonly Step[], seed = 4) {
  const anatomy = recognise(model);
  const steps = given.map((step) => withDecided(step, anatomy.layers));
  const plan = await planRecipe(model, anatomy, parseRecipe({ version: 1, steps }));
  expect(plan.problems).toEqual([]);
  const context = { plan, looks: looksWith(seed), training, progress: () => {} };
  const result = await runRecipe({ model, anatomy, sha256: HASH }, context, undefined);
  const facts = { tool: 'lathe 0.1.0', inputSha256: HASH, calibrationSha256: HASH };
  const report = buildReport(plan, { ...facts, layers: result.measured });
  const file = await writeModel(embedReport(result.model, report));
  expect(file.byteLength).toBe(plan.bytes);
  const [table, head] = ['embedding', 'output-head'].map(
    (role) => anatomy.layers.find((layer) => layer.role === role) ?? anatomy.layers[0],
  );
  return { plan, model: result.model, table, head, report };
}

type Made = Awaited<ReturnType<typeof made>>;

/** What the first step makes of a layer. */
const encodedIn = ({ plan }: Made, { output }: Layer): Encoded | undefined =>
  plan.steps[0].lines.find(({ layer }) => layer.output === output)?.encoded;

/** Bytes of what is stored of the table and of a head of its own: all, codes alone, and as floats. */
function bytesOf({ graph }: Model) {
  const own = graph.initializers.filter(({ name }) => /wte|lm_head/.test(name));
  const bytes = (some: typeof own) => some.reduce((sum, { data }) => sum + data.byteLength, 0);
  return {
    all: bytes(own),
    codes: bytes(own.filter(({ name }) => /weight(_part\d)?_q\d(_high)?(_\d)?$/.test(name))),
    floats: bytes(own.filter(({ name }) => /(wte|lm_head)\.weight$/.test(name))),
  };
}

async function valuesOf(model: Model, layer: Layer): Promise<Float32Array> {
  const stored = storedWeightOf(model, layer);
  if (stored === undefined) throw new Error(`"${layer.name}" is not stored as codes`);
  return decodedValues(stored);
}

async function logitsOf(model: Model): Promise<number[]> {
  const out = await runModel(model, feedsOf(model, layoutFixtures[0].feeds));
  return Array.from(out.get('logits')?.data ?? [NaN], Number);
}

async function expectRuns(model: Model): Promise<void> {
  expect((await logitsOf(model)).every(Number.isFinite)).toBe(true);
}

/** The model as it was, but that embedding and head read this table. */
function withTable(model: Model, { weight }: Layer, values: Float32Array): Model {
  const data = memoryData(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.name === weight ? { ...tensor, data } : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

const EXTRA: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'round-to-nearest': [{ clip: 'search' }, { symmetric: false, zeros: 'packed', scales: '6 bits' }],
  codebook: [{ weighted: true }],
  ternary: [{ align: true }],
  'low-bit-float': [{ format: 'fp8-e4m3' }],
};

/** Bits of a code, as the names of files say them; undefined where no codes are stored. */
function widthOf(meta: MethodMeta, options: Readonly<Record<string, unknown>>): number | undefined {
  if ('format' in options) return 8;
  const found = /^(?:q|int|bnb)(\d)$/.exec(meta.suffix?.(meta.options.parse(options)) ?? '');
  return found === null ? undefined : Number(found[1]);
}

/** Methods that make codes of a weight, each at the widths it has. */
const cases = allMethods()
  .filter(({ meta: { family, pictures } }) => family === 'quantization' && pictures === 'weight')
  .flatMap(({ meta, encoder }) => {
    const choices = (name: string) =>
      optionsForm(meta).find((field) => field.name === name)?.choices ?? [];
    const widths = [2, 4, 8].filter((bits) => choices('bits').includes(bits));
    const block = choices('blockSize').includes(16) ? { blockSize: 16 } : {};
    const sizes = widths.length > 0 ? widths.map((bits) => ({ bits })) : [{}];
    const short = meta.id === 'learned-rounding' ? { steps: 20 } : {};
    const rank = 'rank' in meta.options.shape ? { rank: 1 } : {};
    const plain = sizes.map((size) => ({ ...size, ...block, ...short, ...rank }));
    const extra = (EXTRA[meta.id] ?? []).map((more) => ({ ...plain[plain.length >> 1], ...more }));
    const takesLookUps = encoder?.takesLookUps === true || meta.accepts.includes('Gather');
    return [...plain, ...extra].flatMap((options) => {
      const width = widthOf(meta, options);
      return width === undefined ? [] : [{ method: meta.id, options, width, takesLookUps }];
    });
  });

/** A correction that is multiplied beside the codes: then a product has no single weight that could be read back. */
const hasFactors = (encoded: Encoded | undefined): boolean =>
  encoded?.kind === 'sum' && encoded.parts.some(({ kind }) => kind === 'product');

/** What the embedding reads is what the head multiplies with: a float model over these values computes the same. */
async function expectOneTable(step: Step): Promise<void> {
  const target = { tensors: ['/wte/'] };
  const { model, table, plan } = await made(gpt2('transpose'), [{ ...step, target }]);
  expect(plan.steps[0].lines).toHaveLength(2);
  const given = gpt2('transpose');
  const known = await logitsOf(withTable(given, table, await valuesOf(model, table)));
  const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));
  const far = (await logitsOf(model)).map((logit, i) => logit - known[i]);
  expect(largest(far)).toBeLessThan(1e-5 * largest(known));
  expect(known).not.toEqual(await logitsOf(given));
}

/** Columns of a weight that are not among its codes. */
const apartIn = (encoded: Encoded | undefined): number =>
  encoded?.kind === 'split' ? encoded.columns.length : 0;

describe.each(cases)('$method $options', ({ width, takesLookUps, ...step }) => {
  const codesOf = (result: Made, layer: Layer) =>
    (VOCABULARY * (WIDTH - apartIn(encodedIn(result, layer))) * width) / 8;

  it('stores a tied table once, for the embedding and the head', async () => {
    const result = await made(gpt2('transpose'), [step]);
    const { model, table, head, plan } = result;
    const bytes = bytesOf(model);
    expect(bytes).toMatchObject({ codes: codesOf(result, head), floats: 0 });
    if (hasFactors(encodedIn(result, head))) await expectOneTable(step);
    else expect(await valuesOf(model, table)).toEqual(await valuesOf(model, head));
    // A fixed range is a scale and a zero point of the head's input.
    const grid = step.method === 'static-int8' ? 5 : 0;
    const lines = plan.layers.filter(({ name }) => name === table.name || name === head.name);
    expect(lines.map(({ bytesAfter }) => bytesAfter).sort((a, b) => a - b)).toEqual([
      0,
      bytes.all + grid,
    ]);
    await expectRuns(model);
  });

  it.each([
    ...(takesLookUps ? [['embedding', 'own'] as const] : []),
    ['output-head', 'transpose'] as const,
  ])('stores the %s alone', async (target, head) => {
    const result = await made(gpt2(head), [{ ...step, target }]);
    const { model, plan } = result;
    const layer = target === 'embedding' ? result.table : result.head;
    expect(bytesOf(model)).toMatchObject({ codes: codesOf(result, layer), floats: FLOAT });
    if (!hasFactors(encodedIn(result, layer)))
      expect((await valuesOf(model, layer)).length).toBe(VOCABULARY * WIDTH);
    const said = plan.warnings.filter((sentence) => sentence.includes('read one table'));
    expect(said).toHaveLength(head === 'transpose' ? 1 : 0);
    await expectRuns(model);
  });
});

describe('a table that embedding and head share', () => {
  const options = { bits: 3, blockSize: 16 };
  /** With data for the codes, too, where they come from one of several. */
  const optionsOf = ({ options: { shape } }: MethodMeta) =>
    'quantizer' in shape ? { ...options, quantizer: 'gptq' } : options;
  const calibrated = allMethods()
    .filter(({ meta, encoder }) => {
      const { data } = meta.options.safeParse(optionsOf(meta));
      return data && encoder?.ties?.(data) === true && encoder.look?.(data) !== undefined;
    })
    .map(({ meta }) => meta.id);

  it.each(calibrated)(
    'is chosen for the head’s outputs, in %s: it reacts to what the head is fed',
    async (method) => {
      const step = { method, options: optionsOf(metaOf({ method })) };
      const [together, other] = await Promise.all(
        [4, 9].map((seed) => made(gpt2('transpose'), [step], seed)),
      );
      const values = await valuesOf(together.model, together.table);
      expect(values).not.toEqual(await valuesOf(other.model, other.table));
      const rounded = await made(gpt2('transpose'), [{ method: 'round-to-nearest', options }]);
      expect(values).not.toEqual(await valuesOf(rounded.model, rounded.table));
    },
  );

  it.each(['gptq', 'qronos', 'awq', 'oscar', 'learned-rounding'])(
    'serves the head before the embedding, in %s, and the report says so of both',
    async (method) => {
      const together = await made(gpt2('transpose'), [{ method, options }]);
      // What is best for the head is not best for the embedding: the report says so of both.
      const errors = new Map(
        together.report.layers.map(({ name, errorKind, relativeError, baselineRelativeError }) => [
          name,
          { errorKind, better: relativeError <= (baselineRelativeError ?? 0) },
        ]),
      );
      expect(errors.get(together.head.name)).toEqual({ errorKind: 'output', better: true });
      expect(errors.get(together.table.name)).toEqual({ errorKind: 'weight', better: false });
    },
  );

  it.each(calibrated)('is taken apart where asked, in %s: the head gets codes', async (method) => {
    const apart = await made(gpt2('transpose'), [
      { method, options: { ...options, bits: 8, tied: 'apart' } },
      { method: 'round-to-nearest', target: 'embedding', options: { ...options, bits: 4 } },
    ]);
    // Unless the method took the embedding's own table as well, and left nothing to do.
    const own = metaOf({ method }).accepts.includes('Gather') ? 8 : 4;
    const { codes, floats } = bytesOf(apart.model);
    expect({ codes, floats }).toEqual({ codes: (VOCABULARY * WIDTH * (8 + own)) / 8, floats: 0 });
    const bits = [apart.table, apart.head].map((layer) => storedWeightOf(apart.model, layer)?.bits);
    expect(bits).toEqual([own, hasFactors(encodedIn(apart, apart.head)) ? undefined : 8]);
    await expectRuns(apart.model);
  });

  it('says so in the plan where a step leaves one of both alone', async () => {
    const { plan } = await made(gpt2('transpose'), [
      { method: 'gptq', options: { ...options, tied: 'apart' } },
    ]);
    const [table, head] = [
      '"transformer.wte.weight"',
      plan.layers.find(({ name }) => name.startsWith('transformer.wte.weight ('))?.name ?? '',
    ];
    expect(plan.warnings).toContain(
      `"${head}" and ${table} read one table. This step stores it anew for "${head}" alone, so the file holds it twice; a step that works on both stores it once, and one of its own for the other lets each have its own bits.`,
    );
  });

  it('is left as it is among other layers where no head shares it, and the plan says what to do', async () => {
    const { plan, table } = await made(gpt2('own'), [{ method: 'gptq', options }]);
    expect(plan.steps[0].skipped).toEqual([
      {
        name: table.name,
        reason:
          'GPTQ works on MatMul, Gemm, and Conv, and "transformer.wte.weight" is a Gather, so it was left as it is; a step that is pointed at embeddings alone rounds them to the nearest values.',
      },
    ]);
  });

  it.each(cases.filter(({ takesLookUps }) => !takesLookUps))(
    'is left alone in $method $options where a step is pointed at nothing else, with the reason',
    async ({ method, options }) => {
      const model = gpt2('own');
      const recipe = parseRecipe({ version: 1, steps: [{ method, options, target: 'embedding' }] });
      const { problems } = await planRecipe(model, recognise(model), recipe);
      const { title, accepts } = metaOf({ method });
      const listed = new Intl.ListFormat('en').format(accepts);
      expect(problems.map(({ message }) => message).join()).toContain(
        `${title} works on ${listed}, and "transformer.wte.weight" is a Gather, so it was left as it is.`,
      );
    },
  );

  it('is rounded whole in an outlier split, which the plan says; taken apart it is split for the head', async () => {
    const together = await made(gpt2('transpose'), [{ method: 'outlier-split' }]);
    expect(together.plan.warnings).toContain(
      'The table of "transformer.wte.weight (logits)" is looked up in as well, so it is stored once and rounded as a whole, and no channels of "transformer.wte.weight (logits)" are computed in float; with "tied" set to "apart" it gets a table of its own, split as the others are.',
    );
    const rounded = await made(gpt2('transpose'), [{ method: 'dynamic-int8' }]);
    expect(await valuesOf(together.model, together.head)).toEqual(
      await valuesOf(rounded.model, rounded.head),
    );
    const apart = await made(gpt2('transpose'), [
      { method: 'outlier-split', options: { tied: 'apart' } },
    ]);
    const kinds = apart.plan.steps[0].lines.map(({ encoded }) => encoded?.kind);
    expect(new Set(kinds)).toEqual(new Set(['split']));
    await expectRuns(apart.model);
  });

  it('is rounded where a calibrated method is pointed at the embedding alone', async () => {
    const [gptq, rounded] = await Promise.all(
      ['gptq', 'round-to-nearest'].map(async (method) => {
        const { model, table } = await made(gpt2('own'), [
          { method, target: 'embedding', options },
        ]);
        return valuesOf(model, table);
      }),
    );
    expect(gptq).toEqual(rounded);
  });
});
