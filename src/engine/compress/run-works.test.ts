import { describe, expect, it } from 'vitest';
import { oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { activations, seenOf } from '../../../test/fixtures/methods/statistics.ts';
import type { Anatomy } from '../../core/anatomy/types.ts';
import { bytesOf } from '../../core/data/fingerprint.ts';
import type { FillWork } from '../../core/methods/contract.ts';
import { plannedData } from '../../core/onnx/tensor-data.ts';
import type { Model } from '../../core/onnx/types.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { lookKey, singleLooks, type Look } from '../../core/statistics/look.ts';
import { seenIn } from '../../core/statistics/seen.ts';
import { runFill } from './run-fill.ts';
import { runRecipe } from './run-recipe.ts';
import type { CompressContext, LookProvider } from './types.ts';

const { model, layer } = oneLayerModel('MatMul', 8, 640);
const anatomy: Anatomy = {
  ...{ kind: 'layers-only', layout: 'layers only', layers: [layer], blocks: [], notes: [] },
};

/** What was asked for, and made-up rows for answers. */
function watched() {
  const asked: string[] = [];
  const seen = seenOf([layer], () => activations(700, 640, 3));
  const note = (looks: readonly Look[]) => asked.push(...singleLooks(looks).map(({ key }) => key));
  const looks: LookProvider = {
    sha256: 'calibration',
    collect: async (_model, wanted) => {
      note(wanted);
      return seen;
    },
    async *walk({ layers, take }) {
      note([{ value: layer.input, rowsOf: layer, take }]);
      yield { layers, seen };
    },
  };
  return { asked, looks };
}

async function planned(method: string, options: object) {
  const recipe = parseRecipe({ version: 1, steps: [{ method, options }] });
  return planRecipe(model, anatomy, recipe);
}

async function run(method: string, options: object) {
  const plan = await planned(method, options);
  const { asked, looks } = watched();
  const bar: number[] = [];
  const context: CompressContext = {
    plan,
    looks,
    progress: (_step, fraction) => bar.push(fraction),
  };
  const { measured } = await runRecipe({ model, anatomy, sha256: 'model' }, context, undefined);
  return { asked, bar, measured };
}

describe('encoding', () => {
  it.each([
    ['in order', true, 0],
    ['at once', false, 0.5],
  ])('moves the bar while GPTQ works on one layer, %s', async (_, sequential, start) => {
    const { bar } = await run('gptq', { bits: 4, sequential });
    // The one layer has five blocks of columns; the second half of the bar is left when looking took the first.
    const within = bar.filter((fraction) => fraction > start && fraction < 1);
    expect(within.length).toBeGreaterThanOrEqual(4);
    expect(bar).toEqual([...bar].sort((a, b) => a - b));
    expect(bar.at(-1)).toBe(1);
  });

  it('adds what its error line takes to what the method looks at', async () => {
    const wanda = await run('wanda', { sequential: false });
    expect(wanda.asked).toEqual([
      lookKey({ value: layer.input }, 'moments'),
      lookKey({ value: layer.input }, 'norms'),
    ]);
    expect(wanda.measured[0]).toMatchObject({ errorKind: 'output' });
    const gptq = await run('gptq', { bits: 4 });
    expect(gptq.asked).toEqual([lookKey({ value: layer.input }, 'moments')]);
    const plain = await run('round-to-nearest', { bits: 4 });
    expect(plain.asked).toEqual([]);
    expect(plain.measured[0]).toMatchObject({ errorKind: 'weight' });
  });
});

describe('encoding layers of which all second moments would be too many to hold', () => {
  it('walks along the float model, one layer after the other', async () => {
    const columns = 16_400;
    const wide = oneLayerModel('MatMul', 2, columns);
    const recipe = parseRecipe({
      version: 1,
      steps: [{ method: 'wanda', options: { sequential: false } }],
    });
    const plan = await planRecipe(wide.model, { ...anatomy, layers: [wide.layer] }, recipe);
    const values = new Float32Array(columns).fill(1);
    const norms = lookKey({ value: wide.layer.input }, 'norms');
    const seen = seenIn(new Map([[norms, { rows: 1, columns, values }]]));
    const walked: boolean[] = [];
    const looks: LookProvider = {
      sha256: 'calibration',
      collect: () => Promise.reject(new Error('All at once would not fit.')),
      async *walk({ layers, model: float, current }) {
        yield { layers, seen };
        walked.push(current() === float);
      },
    };
    const bar: number[] = [];
    const context = { plan, looks, progress: (_: number, fraction: number) => bar.push(fraction) };
    const input = { model: wide.model, anatomy, sha256: 'model' };
    const { measured } = await runRecipe(input, context, undefined);
    expect(measured).toHaveLength(1);
    expect(walked).toEqual([true]);
    expect(bar.at(-1)).toBe(1);
  });
});

describe('filling', () => {
  const maxima = { rows: 3, columns: 2, values: Float32Array.of(1, 2) };
  const work: FillWork = {
    kind: 'fill',
    look: [{ value: 'x', take: ['maxima'] }],
    fill: async (_ground, seen) => {
      const found = seen.at({ value: 'x' }, 'maxima');
      return new Map([['h', bytesOf(found?.values ?? new Float32Array())]]);
    },
  };
  const hole = { name: 'h', dataType: 1, dims: [2], data: plannedData(8) };
  const { graph } = model;
  const holed: Model = {
    ...model,
    graph: { ...graph, initializers: [...graph.initializers, hole] },
  };

  async function step(looks: LookProvider | undefined) {
    const plan = await planned('round-to-nearest', {});
    const context = { plan, progress: () => undefined, ...(looks && { looks }) };
    const ground = { model, anatomy, original: model };
    return { planned: plan.steps[0], position: 0, before: 'before', key: 'key', ground, context };
  }

  it('hands over what was looked at', async () => {
    const seen = seenIn(new Map([[lookKey({ value: 'x' }, 'maxima'), maxima]]));
    const looks = { ...watched().looks, collect: async () => seen };
    const { model: filled } = await runFill(work, await step(looks), holed);
    const bytes = await filled.graph.initializers.at(-1)?.data.read();
    expect(new Float32Array((bytes ?? new Uint8Array()).slice().buffer)).toEqual(maxima.values);
  });

  it('refuses to look without calibration data', async () => {
    await expect(runFill(work, await step(undefined), holed)).rejects.toThrow(
      'Round to nearest looks at what flows through the model, but no calibration data was given; choose a text or example file, or take a method that needs none.',
    );
  });
});
