import { beforeAll, describe, expect, it } from 'vitest';
import { decisionOracle, losses } from '../../test/support/decision-oracle.ts';
import { sampleModel, testHost } from '../../test/support/sample.ts';
import { storiesModel } from '../../test/support/stories.ts';
import type { Ablation } from '../core/ablation/types.ts';
import {
  Encoder,
  levelsFor,
  partOf,
  type Part,
} from '../core/methods/quantization/mixed-precision/candidates.ts';
import {
  allLevels,
  levelName,
  type Level,
} from '../core/methods/quantization/mixed-precision/choosable.ts';
import { options as schema } from '../core/methods/quantization/mixed-precision/meta.ts';
import { mixedPrecision } from '../core/methods/quantization/mixed-precision/mixed-precision.ts';
import { atLevels } from '../core/methods/quantization/mixed-precision/replaced.ts';
import { encodedLength } from '../core/onnx/write.ts';
import { tiedLayers } from '../core/methods/tied-layers.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import { looksAtInputs } from '../core/statistics/look.ts';
import type { CaptureBatch } from '../runtime/capture.ts';
import { createWasmRuntime } from '../runtime/ort-wasm.ts';
import type { Runtime } from '../runtime/types.ts';
import { calibrationData } from './data/calibration.ts';
import { ownData } from './data/read.ts';
import { openModel } from './model/open.ts';
import { runTrial } from './run-trial.ts';

const { model, anatomy } = storiesModel();
const ground = { model, anatomy, original: model };

const batches: CaptureBatch[] = [];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createWasmRuntime({ threads: 1 });
  const stories = await openModel(await sampleModel('stories'));
  const data = await ownData(stories, 'calibration');
  if (data === undefined) throw new Error('the sample has no calibration data');
  const amount = { samples: 1, length: 16 };
  batches.push(...(await calibrationData(stories, data, amount, 0)).batches());
});

/** The output head, and five products of the last two blocks. */
const roles = { 3: ['query', 'attention-output', 'down'], 4: ['key', 'up'] };
const toy = anatomy.layers.filter(
  ({ role, block }) =>
    role === 'output-head' || ((block === 3 || block === 4) && roles[block].includes(role)),
);

const options = (more: Record<string, unknown>) =>
  schema.parse({ minBits: 2, maxBits: 4, blockSizes: 32, ...more });
const BITS = { minBits: 2, maxBits: 4, blockSizes: 32, scales: 'float16' };
const oracle = (targets = toy) => decisionOracle(mixedPrecision, ground, targets, runtime, batches);

/** Levels of the parts of the toy, in the order of an assignment. */
async function toyParts(given: ReturnType<typeof options>) {
  const ask = oracle();
  const seen = await ask.seen(looksAtInputs(toy, ['moments']));
  const encoder = new Encoder(ask, given, model, seen);
  const parts = toy.flatMap((layer) => partOf(model, [layer]) ?? []);
  const levels = allLevels(given).filter(({ method }) => method === 'gptq');
  return { ask, encoder, parts, levels };
}

describe('mixed precision on a toy of six parts', () => {
  it('comes within 5 % of the best of all files that fit, every one measured', async () => {
    const given = options({ aim: 'size', budget: 1 });
    const { ask, encoder, parts, levels: three } = await toyParts(given);
    expect(parts).toHaveLength(6);
    const all: { levels: readonly Level[]; bytes: number; ablation: Ablation }[] = [];
    const bytes = new Map<string, number>();
    const base = encodedLength(model);
    for (const [at, part] of parts.entries()) {
      for (const level of three) {
        const chosen = [{ ...level, layers: part.layers.map(({ name }) => name) }];
        const grown = (await ask.fileBytes({ ...given, chosen })) - base;
        bytes.set(`${at} ${level.bits}`, grown);
      }
    }
    for (let n = 0; n < 3 ** 6; n++) {
      const levels = parts.map((_, at) => three[Math.floor(n / 3 ** at) % 3]);
      const named = parts.map((part, at) => {
        const level = levels[at];
        return [part, { level, name: levelName(level, given) }] as const;
      });
      const size = levels.reduce(
        (sum, { bits }, at) => sum + (bytes.get(`${at} ${bits}`) ?? 0),
        base,
      );
      all.push({ levels, bytes: size, ablation: atLevels(named, encoder) });
    }
    const truth = await losses(
      runtime,
      ground,
      batches,
      all.map(({ ablation }) => ablation),
    );
    const sizes = all.map((own) => own.bytes).sort((a, b) => a - b);
    for (const share of [0.2, 0.6]) {
      const budget = sizes[Math.floor(share * sizes.length)];
      const best = Math.min(...truth.filter((_, n) => all[n].bytes <= budget).map((l) => l.value));
      const decided = await mixedPrecision.decide?.(ground, toy, { ...given, budget }, ask);
      expect(await ask.fileBytes(decided ?? given)).toBeLessThanOrEqual(budget);
      const chosen = decided?.chosen ?? [];
      const bitsOf = (part: Part) =>
        chosen.find(({ layers }) => layers.includes(part.layers[0].name))?.bits;
      const at = all.findIndex(({ levels }) =>
        levels.every(({ bits }, i) => bits === bitsOf(parts[i])),
      );
      expect(truth[at].value).toBeLessThanOrEqual(1.05 * best);
    }
  });
});

describe('what is decided', () => {
  const few = { minBits: 2, maxBits: 4 };

  it('keeps the loss that was allowed, by measuring, and a larger one is smaller', async () => {
    const sizes: number[] = [];
    for (const loss of [0.003, 0.03]) {
      const ask = oracle();
      const decided = await mixedPrecision.decide?.(ground, toy, options({ ...few, loss }), ask);
      if (decided === undefined) throw new Error('nothing was decided');
      const [{ tables }] = ask.notes;
      const [tried] = tables;
      sizes.push(await ask.fileBytes(decided));
      const row = tried.rows.find(([bytes]) => bytes === sizes.at(-1));
      expect(row?.[2]).toBeLessThanOrEqual(Math.log1p(loss) * 1.001);
    }
    expect(sizes[1]).toBeLessThan(sizes[0]);
  });

  it('is the same each time, and proxies stand beside it', async () => {
    const given = options({ ...few, aim: 'size', budget: 1_050_000 });
    const ask = oracle();
    const first = await mixedPrecision.decide?.(ground, toy, given, ask);
    expect(await mixedPrecision.decide?.(ground, toy, given, oracle())).toEqual(first);
    expect(await mixedPrecision.decide?.(ground, toy, first ?? given, ask)).toBeUndefined();
    const [{ sentences, tables }] = ask.notes;
    expect(sentences[0]).toMatch(
      /^Every level of every layer was measured alone \(\d+ in all\)\.$/,
    );
    const proxies = tables.find(({ title }) => title.startsWith('Rank correlation'));
    expect(proxies?.rows.map(([, rho]) => Number(rho) > 0.3)).toEqual([true, true, true]);
  });

  it('refuses what cannot be, with the least that could', async () => {
    const given = options({ aim: 'size', budget: 1000 });
    await expect(mixedPrecision.decide?.(ground, toy, given, oracle())).rejects.toThrow(
      /^With the smallest level for every layer the file takes \d+ bytes, and the budget is 1000; raise it, allow fewer bits or larger blocks, choose more layers, or prune or shrink the model first\.$/,
    );
  });
});

describe('look-up and head over one weight', () => {
  it('are one part, which only methods get that go by the weight alone', async () => {
    const { model: prose, anatomy: own } = await openModel(await sampleModel('prose'));
    const shared = tiedLayers(prose, own.layers).filter(({ layers }) => layers.length > 1);
    expect(shared.map(({ layers }) => layers.map(({ op }) => op))).toEqual([['Gather', 'MatMul']]);
    const part = partOf(prose, shared[0].layers);
    if (part === undefined) throw new Error('the embedding is no plain weight');
    expect(part.layer.op).toBe('MatMul');
    const given = options({ methods: ['gptq', 'hqq', 'round-to-nearest'] });
    const levels = levelsFor(part, allLevels(given), given, prose);
    expect(new Set(levels.map(({ method }) => method))).toEqual(
      new Set(['hqq', 'round-to-nearest']),
    );
  });
});

describe('a run', () => {
  it('closes the recipe, which gives the same bytes again', async () => {
    const open = await openModel(await sampleModel('stories'));
    const calibration = await ownData(open, 'calibration');
    const step = { method: 'mixed-precision', options: { ...BITS, aim: 'size', budget: 200_000 } };
    const amount = { data: 'sample:stories', samples: 1, length: 16 };
    const recipe = parseRecipe({ version: 1, calibration: amount, steps: [step] });
    const run = async (given: typeof recipe) => {
      const input = { open, recipe: given, measure: false, ...(calibration && { calibration }) };
      return runTrial(testHost(), input, { progress: () => {} });
    };
    const trial = await run(recipe);
    const bytes = trial.report?.after.bytes ?? 0;
    expect(bytes).toBeLessThanOrEqual(200_000);
    expect(bytes).toBeGreaterThan(0.99 * 200_000);
    expect(trial.report?.decisions).toMatchObject([{ step: 0, method: 'mixed-precision' }]);
    const again = await run(trial.recipe);
    expect(again.report?.outputSha256).toBe(trial.report?.outputSha256);
    expect(again.report?.decisions).toBeUndefined();
    const errors = trial.report?.layers.filter(({ method }) => method === 'mixed-precision') ?? [];
    expect(errors).toHaveLength(open.anatomy.layers.length);
  });
});
