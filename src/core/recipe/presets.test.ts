import { describe, expect, it } from 'vitest';
import { buildGpt2 } from '../../../test/fixtures/layouts/gpt2.ts';
import { recognise } from '../anatomy/recognise.ts';
import { metaById } from '../methods/catalog.ts';
import { planRecipe } from './plan.ts';
import { PRESETS, presetByName } from './presets.ts';
import { parseRecipe } from './schema.ts';

describe('presets', () => {
  it('are complete recipes with their own names', () => {
    const names = PRESETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { recipe, name } of PRESETS) {
      expect(parseRecipe(recipe)).toEqual(recipe);
      expect(recipe.name).toBe(name);
    }
  });

  it('carry the names and suffixes of transformers.js', () => {
    const suffixes = Object.fromEntries(PRESETS.map(({ name, suffix }) => [name, suffix]));
    expect(suffixes).toMatchObject({
      fp16: '_fp16',
      q8: '_quantized',
      int8: '_int8',
      uint8: '_uint8',
      q4: '_q4',
      q4f16: '_q4f16',
      q2: '_q2',
      q2f16: '_q2f16',
      q1: '_q1',
      q1f16: '_q1f16',
    });
  });

  it('q2 and q1 take the embedding along, and q1 says what it is stored in', () => {
    for (const name of ['q2', 'q2f16', 'q1', 'q1f16'])
      expect(presetByName(name).recipe.steps[0].target).toBe('all');
    expect(presetByName('q1').recipe.steps).toMatchObject([{ method: 'ternary' }]);
    expect(presetByName('q1').summary).toContain('Stored in 2 bits each');
    expect(presetByName('q2f16').recipe.steps).toEqual([
      ...presetByName('q2').recipe.steps,
      ...presetByName('fp16').recipe.steps,
    ]);
  });

  it.each(['q8', 'q2', 'q1', 'small-and-safe', 'tiny'])(
    '%s stores a table once that embedding and output head share',
    async (name) => {
      const model = buildGpt2({ linear: 'matmul', norm: 'operator', head: 'transpose', opset: 17 });
      const anatomy = recognise(model);
      const plan = await planRecipe(model, anatomy, presetByName(name).recipe);
      const head = anatomy.layers.find(({ role }) => role === 'output-head');
      const readers = anatomy.layers.filter(({ weight }) => weight === head?.weight);
      const taken = plan.layers.filter((line) => readers.some((layer) => layer.name === line.name));
      expect(taken.map(({ bytesAfter }) => bytesAfter > 0).sort()).toEqual([false, true]);
      expect(plan.warnings.some((sentence) => sentence.includes('read one table'))).toBe(false);
    },
  );

  it('q4 is symmetric 4-bit blocks of 32 on every product', () => {
    expect(presetByName('q4').recipe.steps).toEqual([
      {
        method: 'round-to-nearest',
        target: { all: true, except: ['embedding'] },
        options: { bits: 4, blockSize: 32, symmetric: true, clip: 'none', scales: 'float32' },
      },
    ]);
  });

  it('heal after cutting and before rounding, as codes have no gradient', () => {
    for (const { recipe, name } of PRESETS) {
      const methods = recipe.steps.map(({ method }) => method);
      const at = methods.indexOf('heal');
      if (at < 0) continue;
      const families = methods.map((method) => metaById(method)?.family);
      expect(families.slice(0, at), name).toContain('pruning');
      expect(families.slice(0, at), name).not.toContain('quantization');
    }
    expect(presetByName('prune-heal-q4').recipe.steps).toHaveLength(4);
  });

  it('names the nearest for an unknown one', () => {
    expect(() => presetByName('q4f')).toThrow('There is no preset "q4f"; did you mean "q4"?');
  });
});
