import { beforeAll, describe, expect, it } from 'vitest';
import { decisionOracle, losses } from '../../test/support/decision-oracle.ts';
import { sampleModel } from '../../test/support/sample.ts';
import { storiesModel } from '../../test/support/stories.ts';
import type { Ablation } from '../core/ablation/types.ts';
import {
  Encoder,
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
import { looksAtInputs } from '../core/statistics/look.ts';
import type { CaptureBatch } from '../runtime/capture.ts';
import { createWasmRuntime } from '../runtime/ort-wasm.ts';
import type { Runtime } from '../runtime/types.ts';
import { calibrationData } from './data/calibration.ts';
import { ownData } from './data/read.ts';
import { openModel } from './model/open.ts';

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

/** The output head, and five products from the first block to the last. */
const roles = ['key', 'up', 'attention-output', 'down', 'query'];
const toy = anatomy.layers.filter(
  ({ role, block = -1 }) => role === 'output-head' || role === roles[block],
);

const options = (more: Record<string, unknown>) =>
  schema.parse({ minBits: 2, maxBits: 4, blockSizes: 32, ...more });
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
