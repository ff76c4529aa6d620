import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { encodedModel, firstStep } from '../../../test/support/methods.ts';
import { recognise } from '../anatomy/recognise.ts';
import type { Anatomy } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { planRecipe } from '../recipe/plan.ts';
import { parseRecipe } from '../recipe/schema.ts';
import type { Method } from './contract.ts';
import { methodById } from './registry.ts';

const rounding: Method = methodById('round-to-nearest');

async function rounded(
  options: object,
): Promise<{ readonly model: Model; readonly anatomy: Anatomy }> {
  const { model, layer } = oneLayerModel('MatMul', 12, 64);
  const parsed = rounding.meta.options.parse(options);
  const made = await encodedModel(rounding, model, [layer], parsed);
  return { model: made.model, anatomy: recognise(made.model) };
}

async function planOf(before: object, ...steps: readonly object[]) {
  const { model, anatomy } = await rounded(before);
  return planRecipe(model, anatomy, parseRecipe({ version: 1, steps }));
}

describe('a layer that was quantized in another sitting', () => {
  it('is quantized again to fewer bits, with a warning', async () => {
    const plan = await planOf({ bits: 8 }, { method: 'round-to-nearest', options: { bits: 4 } });
    expect(plan.problems).toEqual([]);
    expect(plan.steps[0].lines[0].encoded).toMatchObject({ kind: 'coded', bits: 4 });
    expect(plan.warnings).toEqual([
      '1 layer was already 8-bit before this step; errors add up, so the original model would give a better result.',
    ]);
    // 64 codes and two float32 scales a row, before and after.
    expect(plan.layers[0]).toMatchObject({ bytesBefore: 12 * (64 + 8), bytesAfter: 12 * (32 + 8) });
  });

  it('is cut by a method that wrote it, so errors add up to those of others alone', async () => {
    const options = { bits: 4, rounding: 'nearest' };
    const { warnings } = await planOf({ bits: 8 }, { method: 'any-precision', options });
    expect(warnings).toEqual([
      '1 layer was already 8-bit before this step; codes that this method wrote are cut as they are, but to any others errors add up, so the original model would give a better result.',
    ]);
  });

  it('stays the same to the byte on the same grid', async () => {
    const { model, anatomy } = await rounded({ bits: 4 });
    const parsed = rounding.meta.options.parse({ bits: 4 });
    const again = await encodedModel(rounding, model, anatomy.layers, parsed);
    const bytes = ({ graph }: Model) => graph.initializers.map(({ data }) => data.readSync?.());
    expect(bytes(again.model)).toEqual(bytes(model));
  });

  it('becomes a product of factors only where these take fewer bits a weight', async () => {
    const low = await planOf({ bits: 4 }, { method: 'svd', options: { ranks: 'fixed', rank: 1 } });
    // (12 + 64)·32 bits over 12·64 weights are 3.2.
    expect(low.steps[0].lines[0].encoded).toMatchObject({ kind: 'product', rank: 1 });
    const high = await planOf({ bits: 4 }, { method: 'svd', options: { ranks: 'fixed', rank: 2 } });
    expect(high.steps[0].skipped[0].reason).toBe(
      '"w_q4" is already quantized (int4 block 32 symmetric, MatMulNBits), and Truncated SVD would store it in 6.3 bits per weight, which is larger and no better, so it was left as it is; dequantize it first to work on it anyway.',
    );
    const terms = await planOf({ bits: 2 }, { method: 'kronecker', options: { count: 2 } });
    expect(terms.steps[0].skipped[0].reason).toContain('bits per weight, which is larger');
  });

  it.each([
    ['round-to-nearest', { bits: 8 }, 'Round to nearest', 8],
    ['float16', {}, 'Half precision', 16],
    ['magnitude', {}, 'Magnitude pruning', 32],
  ])('is left alone where %s would only store it wider', async (method, options, title, bits) => {
    const plan = await planOf({ bits: 4 }, { method, options });
    const reason = `"w_q4" is already quantized (int4 block 32 symmetric, MatMulNBits), and ${title} would store it in ${bits} bits per weight, which is larger and no better, so it was left as it is; dequantize it first to work on it anyway.`;
    expect(plan.coverage.skipped).toMatchObject([{ name: 'w_q4', reason }]);
    expect(plan.problems).toEqual([
      {
        path: 'steps',
        message: `The recipe changes nothing in this model, because every layer it was pointed at was left as it is. For example: ${reason}`,
      },
    ]);
  });

  it('can be dequantized and worked on in one recipe', async () => {
    const steps = [{ method: 'dequantize' }, { method: 'magnitude' }, { method: 'gptq' }];
    const plan = await planOf({ bits: 4 }, ...steps);
    expect([plan.problems, plan.coverage.skipped]).toEqual([[], []]);
    expect(plan.steps.map(({ lines }) => lines.length)).toEqual([1, 1, 1]);
    expect(plan.steps.map(({ warnings = [] }) => warnings.length)).toEqual([1, 0, 0]);
  });

  it('can be dequantized after a step of the same recipe quantized it', async () => {
    const { model, layer } = oneLayerModel('MatMul', 12, 64);
    const anatomy: Anatomy = {
      ...{ kind: 'layers-only', layout: 'layers only', layers: [layer], blocks: [], notes: [] },
    };
    const steps = [{ method: 'round-to-nearest', options: { bits: 3 } }, { method: 'dequantize' }];
    const plan = await planRecipe(model, anatomy, parseRecipe({ version: 1, steps }));
    expect([plan.problems, plan.coverage.skipped]).toEqual([[], []]);
    expect(plan.layers[0].bytesAfter).toBe(12 * 64 * 4);
  });

  it('refuses to take an adapter in, and keeps one beside it', async () => {
    const merged = await planOf({ bits: 4 }, { method: 'lora', options: { rank: 2 } });
    expect(merged.problems.map(({ message }) => message)).toEqual([
      'The adapter of "w_q4" cannot be merged, because that weight is not stored as floating-point numbers; keep the adapter beside it (result "adapter"), or dequantize the layer first.',
    ]);
    const options = { rank: 2, result: 'adapter' };
    const beside = await planOf({ bits: 4 }, { method: 'lora', options });
    expect(beside.problems).toEqual([]);
    const names = beside.model.graph.initializers.map(({ name }) => name);
    expect(names).toContain('w_q4');
    expect(names.filter((name) => name.includes('lora_'))).toHaveLength(2);
  });

  it('has no gradient of its own', async () => {
    const plan = await planOf({ bits: 4 }, { method: 'fine-tune' });
    expect(plan.coverage.skipped).toMatchObject([
      {
        name: 'w_q4',
        reason:
          '"w_q4" is not stored as floating-point numbers, and whole-number codes have no gradient; train an adapter (LoRA) beside it, or dequantize it first.',
      },
    ]);
  });

  it('says so too where no kernel reads its codes', async () => {
    const { model, anatomy } = await rounded({ bits: 3 });
    const options = rounding.meta.options.parse({ bits: 4 });
    const ground = { model, anatomy, original: model };
    const plan = await rounding.plan(ground, anatomy.layers, options, firstStep);
    expect(plan.skipped[0].reason).toContain('3-bit codes, unpacked by standard operators');
  });
});
