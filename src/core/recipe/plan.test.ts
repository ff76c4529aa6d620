import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recognise } from '../anatomy/recognise.ts';
import type { Anatomy } from '../anatomy/types.ts';
import { buildLlama } from '../onnx/build/llama.ts';
import { readLlama2c } from '../../../tools/samples/llama2c.ts';
import { oneLayerModel, type TestModel } from '../../../test/fixtures/methods/models.ts';
import { planRecipe } from './plan.ts';
import { presetByName } from './presets.ts';
import { parseRecipe } from './schema.ts';

const FILE = new URL('../../../test/fixtures/stories260K/stories260K.bin', import.meta.url);
const checkpoint = readLlama2c(new Uint8Array(readFileSync(FILE)));
const stories = buildLlama(checkpoint.config, checkpoint.weights);
const storiesAnatomy = recognise(stories);

const recipe = (...steps: readonly unknown[]) => parseRecipe({ version: 1, steps });

function anatomyOf({ layer }: TestModel): Anatomy {
  return { kind: 'layers-only', layout: 'layers only', layers: [layer], blocks: [], notes: [] };
}

describe('planRecipe', () => {
  it('finds all 36 products of the stories model for q4', async () => {
    const plan = await planRecipe(stories, storiesAnatomy, presetByName('q4').recipe);
    expect(plan.steps[0].lines).toHaveLength(36);
    expect(plan.steps[0].lines.every(({ encoded }) => encoded?.kind === 'coded')).toBe(true);
    expect(plan.coverage.skipped).toEqual([
      { name: 'model.embed_tokens.weight', reason: 'No step was pointed at it.', bytes: 131072 },
      ...['cos', 'sin'].map((turn) => ({
        name: `model.rotary_emb.${turn}_cached`,
        reason: `"model.rotary_emb.${turn}_cached" is a table of rotary positions, so it was left as it is.`,
        bytes: 8192,
      })),
    ]);
    expect(plan.needsCalibration).toBe(false);
  });

  it('leaves out what an earlier step has quantized, and says so', async () => {
    const test = oneLayerModel('MatMul', 8, 32);
    const steps = [
      { method: 'gptq', options: { bits: 4 } },
      { method: 'float16' },
      { method: 'magnitude' },
    ];
    const plan = await planRecipe(test.model, anatomyOf(test), recipe(...steps));
    expect(plan.steps.map(({ lines }) => lines.length)).toEqual([1, 0, 0]);
    expect(plan.coverage.skipped).toEqual([
      {
        name: 'w',
        reason:
          '"w" was already quantized by step 1 (GPTQ), so step 2 (Half precision) left it as it is.',
      },
      {
        name: 'w',
        reason:
          '"w" was already quantized by step 1 (GPTQ), and its values can no longer be set to zero one by one; move step 3 (Magnitude pruning) before it.',
      },
    ]);
    expect(plan.needsCalibration).toBe(true);
  });

  it('says which layers a method does not take', async () => {
    const test = oneLayerModel('Gather', 20, 16);
    const plan = await planRecipe(test.model, anatomyOf(test), recipe({ method: 'wanda' }));
    const reason =
      'Wanda works on MatMul, Gemm, and Conv, and "w" is a Gather, so it was left as it is.';
    expect(plan.steps[0].skipped).toEqual([{ name: 'w', reason }]);
    expect(plan.layers).toEqual([{ name: 'w', bytesBefore: 1280, bytesAfter: 1280, reason }]);
    expect(plan.problems).toEqual([
      {
        path: 'steps',
        message: `The recipe changes nothing in this model, because every layer it was pointed at was left as it is. For example: ${reason}`,
      },
    ]);
  });

  it('collects mistakes as problems with their paths', async () => {
    const test = oneLayerModel('MatMul', 8, 32);
    const steps = recipe(
      { method: 'float16', target: { tensors: ['v'] } },
      { method: 'round-to-nearest' },
      { method: 'deduplicate' },
    );
    const broken = { ...steps.steps[1], options: { bits: 7 } };
    const plan = await planRecipe(test.model, anatomyOf(test), {
      ...steps,
      steps: [...steps.steps, broken],
    });
    expect(plan.problems).toEqual([
      {
        path: 'steps[0].target',
        message: 'steps[0].target: the model has no layer "v"; did you mean "w"?',
      },
      {
        path: 'steps[3].options.bits',
        message: 'steps[3].options.bits: 7 is not possible; use one of 8, 6, 5, 4, 3, 2, "auto".',
      },
    ]);
  });

  it('says which earlier step decides what a step looks at', async () => {
    const steps = recipe({ method: 'magnitude', target: 'attention' }, { method: 'deduplicate' });
    const { problems } = await planRecipe(stories, storiesAnatomy, steps);
    expect(problems).toEqual([
      {
        path: 'steps[1]',
        before: 0,
        message:
          'steps[1]: De-duplicate looks at the values of "model.layers.0.self_attn.q_proj.weight", which step 1 (Magnitude pruning) decides only when it runs; move it before that step.',
      },
    ]);
  });

  it('plans nothing for disabled steps and for an empty recipe', async () => {
    const test = oneLayerModel('MatMul', 8, 32);
    const plan = await planRecipe(
      test.model,
      anatomyOf(test),
      recipe({ method: 'float16', disabled: true }),
    );
    expect([plan.steps, plan.problems]).toEqual([[], []]);
    expect(plan.layers[0]).toEqual({ name: 'w', bytesBefore: 1024, bytesAfter: 1024 });
  });
});
