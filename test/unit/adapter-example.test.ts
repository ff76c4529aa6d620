import type { Tensor } from 'onnxruntime-web/wasm';
import { describe, expect, it } from 'vitest';
import { adapterFeeds, peftFeeds, switchedOff } from '../../docs/examples/adapter-inputs.mjs';
import { adapterInputs } from '../../src/core/adapters/inputs.ts';
import { peftFiles } from '../../src/core/adapters/peft.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { adapted } from '../support/adapted.ts';
import { distance, longs, runModel } from '../support/run-model.ts';
import { storiesModel } from '../support/stories.ts';

/** Under Node this is the build pages use, with the same binary. */
const ort = await import('onnxruntime-web');

const { model, anatomy } = storiesModel();
const layers = anatomy.layers.filter(({ group }) => group === 'attention');
const one = adapted(model, layers, { rank: 4, alpha: 8 });
/** A smaller rank, another scale, and fewer modules. */
const pirate = adapted(model, layers.slice(0, 6), { rank: 3, alpha: 12 }, { seed: 9 });
const tokens = [1, 403, 407, 261, 378, 57];

describe('the code that docs/adapters.md shows, in onnxruntime-web', () => {
  it('takes the adapter in the file, none, or another one from PEFT files', async () => {
    const file = await writeModel(adapterInputs(one.trained, one.names));
    const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: 'disabled' });
    const input_ids = new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, 6]);
    const run = async (feeds: Record<string, Tensor>) => {
      const { logits } = await session.run({ input_ids, ...feeds });
      return { dataType: 1, dims: logits.dims, data: logits.data as Float32Array };
    };
    const expected = async (m: Model) =>
      (await runModel(m, { input_ids: longs([1, 6], tokens) })).get('logits');
    const { weights, config } = await peftFiles(pirate.trained, 'stories', 'CAUSAL_LM');
    const given = await run(peftFeeds(ort, session, weights, config));
    // Another build of onnxruntime sums in another order: float32 rounding, relative to logits up to 20.
    const rounding = 1e-5 * 20;
    expect(distance(given, await expected(pirate.trained))).toBeLessThan(rounding);
    expect(
      distance(await run(adapterFeeds(ort, session)), await expected(one.trained)),
    ).toBeLessThan(rounding);
    expect(distance(await run(switchedOff(ort, session)), await expected(model))).toBeLessThan(
      rounding,
    );
    expect(distance(given, await expected(model))).toBeGreaterThan(0.1);
    await session.release();
  });
});
