/** What each quantizer does with an embedding, an output head, and a table that both read: at each width it has. */
import { describe, expect, it } from 'vitest';
import { activations, seenOf } from '../../../test/fixtures/methods/statistics.ts';
import { buildGpt2 } from '../../../test/fixtures/layouts/gpt2.ts';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { runModel } from '../../../test/support/run-model.ts';
import { recognise } from '../../core/anatomy/recognise.ts';
import type { Layer } from '../../core/anatomy/types.ts';
import { decodedValues, storedWeightOf } from '../../core/encodings/index.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { allMethods } from '../../core/methods/registry.ts';
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

/** As if they had been decided. */
function withRanges(step: Step, layers: readonly Layer[]): Step {
  if (step.method !== 'static-int8') return step;
  const ranges = Object.fromEntries(layers.map(({ input }) => [input, [-4, 4]]));
  return { ...step, options: { ...step.options, ranges } };
}

/** A recipe planned, run and written; the file has the bytes of the forecast. */
async function made(model: Model, given: readonly Step[], seed = 4) {
  const anatomy = recognise(model);
  const steps = given.map((step) => withRanges(step, anatomy.layers));
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

/** Bytes of what is stored of the table and of a head of its own: all, codes alone, and as floats. */
function bytesOf({ graph }: Model) {
  const own = graph.initializers.filter(({ name }) => /wte|lm_head/.test(name));
  const bytes = (some: typeof own) => some.reduce((sum, { data }) => sum + data.byteLength, 0);
  return {
    all: bytes(own),
    codes: bytes(own.filter(({ name }) => /weight(_part\d)?_q\d(_high)?(_\d)?$/.test(name))),
    floats: bytes(own.filter(({ name }) => /weight$/.test(name))),
  };
}

async function valuesOf(model: Model, layer: Layer): Promise<Float32Array> {
  const stored = storedWeightOf(model, layer);
  if (stored === undefined) throw new Error(`"${layer.name}" is not stored as codes`);
  return decodedValues(stored);
}

async function expectRuns(model: Model): Promise<void> {
  const out = await runModel(model, feedsOf(model, layoutFixtures[0].feeds));
  expect(Array.from(out.get('logits')?.data ?? [NaN], Number).every(Number.isFinite)).toBe(true);
}

/** These work on codes, round inputs too, or choose among the others. */
const OTHERS = ['dequantize', 'scale-tuning', 'mixed-precision', 'float16'];
const EXTRA: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'round-to-nearest': [{ clip: 'search' }, { symmetric: false, zeros: 'packed', scales: '6 bits' }],
  codebook: [{ weighted: true }],
  ternary: [{ align: true }],
  'low-bit-float': [{ format: 'fp8-e4m3' }],
};

const cases = allMethods()
  .map(({ meta }) => meta)
  .filter(({ id, family }) => family === 'quantization' && !OTHERS.includes(id))
  .flatMap((meta) => {
    const choices = (name: string) =>
      optionsForm(meta).find((field) => field.name === name)?.choices ?? [];
    const widths = [2, 4, 8].filter((bits) => choices('bits').includes(bits));
    const block = choices('blockSize').includes(16) ? { blockSize: 16 } : {};
    const sizes = widths.length > 0 ? widths.map((bits) => ({ bits })) : [{}];
    const short = meta.id === 'learned-rounding' ? { steps: 20 } : {};
    const plain = sizes.map((size) => ({ ...size, ...block, ...short }));
    const extra = (EXTRA[meta.id] ?? []).map((more) => ({ ...plain[plain.length >> 1], ...more }));
    return [...plain, ...extra].map((options) => ({ method: meta.id, options }));
  });

/** Bits of a code; those of methods without a choice of bits stand in their options. */
function widthOf({ method, options }: (typeof cases)[number]): number {
  if ('bits' in options) return Number(options.bits);
  if (method === 'ternary') return 2;
  return 'format' in options || method.endsWith('int8') ? 8 : 4;
}

describe.each(cases)('$method $options', (step) => {
  const codes = (VOCABULARY * WIDTH * widthOf(step)) / 8;

  it('stores a tied table once, for the embedding and the head', async () => {
    const { model, table, head, plan } = await made(gpt2('transpose'), [step]);
    const bytes = bytesOf(model);
    expect(bytes).toMatchObject({ codes, floats: 0 });
    expect(await valuesOf(model, table)).toEqual(await valuesOf(model, head));
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
    ['embedding', 'own'],
    ['output-head', 'transpose'],
  ] as const)('stores the %s alone', async (target, head) => {
    const { model, plan, ...layers } = await made(gpt2(head), [{ ...step, target }]);
    expect(bytesOf(model)).toMatchObject({ codes, floats: FLOAT });
    const layer = target === 'embedding' ? layers.table : layers.head;
    expect((await valuesOf(model, layer)).length).toBe(VOCABULARY * WIDTH);
    const said = plan.warnings.filter((sentence) => sentence.includes('read one table'));
    expect(said).toHaveLength(head === 'transpose' ? 1 : 0);
    await expectRuns(model);
  });
});

describe('a table that embedding and head share', () => {
  const calibrated = ['gptq', 'qronos', 'awq', 'oscar', 'learned-rounding'];
  const options = { bits: 3, blockSize: 16 };

  it.each(calibrated)(
    'is chosen for the head’s outputs, in %s, and reacts to what the head is fed',
    async (method) => {
      const together = await made(gpt2('transpose'), [{ method, options }]);
      const values = await valuesOf(together.model, together.table);
      const other = await made(gpt2('transpose'), [{ method, options }], 9);
      expect(values).not.toEqual(await valuesOf(other.model, other.table));
      const rounded = await made(gpt2('transpose'), [{ method: 'round-to-nearest', options }]);
      expect(values).not.toEqual(await valuesOf(rounded.model, rounded.table));
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
    const { codes, floats } = bytesOf(apart.model);
    expect({ codes, floats }).toEqual({ codes: (VOCABULARY * WIDTH * (8 + 4)) / 8, floats: 0 });
    const bits = [apart.table, apart.head].map((layer) => storedWeightOf(apart.model, layer)?.bits);
    expect(bits).toEqual([4, 8]);
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
