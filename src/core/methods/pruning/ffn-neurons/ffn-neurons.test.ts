import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { activations, context, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { encodedModel, firstStep } from '../../../../../test/support/methods.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { companionJson } from '../../../companions/files.ts';
import { withSizes } from '../../../companions/config-sizes.ts';
import { placeOf } from '../../../encodings/index.ts';
import { fillHoles, holesOf } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { nothingSeen, type Seen } from '../../../statistics/seen.ts';
import type { Ground, Oracle, StepPlan } from '../../contract.ts';
import { roundToNearest } from '../../quantization/round-to-nearest/round-to-nearest.ts';
import { meta as roundMeta } from '../../quantization/round-to-nearest/meta.ts';
import { readWeight } from '../../weight.ts';
import { ffnNeurons } from './ffn-neurons.ts';
import { meta, type FfnNeuronsOptions } from './meta.ts';
import { shareOut } from './share-out.ts';

const { model, anatomy } = storiesModel();
const WIDTH = 172;
const downs = anatomy.layers.filter(({ role }) => role === 'down');
const seen = seenOf(downs, ({ inFeatures }) => activations(inFeatures + 8, inFeatures, 4));
const parse = (given: unknown) => meta.options.parse(given);

function planOf(given: unknown, own: Model = model, targets?: readonly Layer[]): Promise<StepPlan> {
  const found = own === model ? anatomy : recognise(own);
  const ground: Ground = { model: own, anatomy: found, original: own };
  return ffnNeurons.plan(ground, targets ?? found.layers, parse(given), firstStep);
}

async function madeOf(given: unknown, looks: Seen = seen): Promise<Model> {
  const plan = await planOf(given);
  const [work] = plan.work;
  if (work?.kind !== 'fill') throw new Error('nothing to fill');
  return fillHoles(
    plan.model,
    await work.fill({ model, anatomy, original: model }, looks, context),
  );
}

const widthsIn = ({ anatomy: after }: Pick<StepPlan, 'anatomy'>) =>
  after?.blocks.map(({ feedForwardWidth }) => feedForwardWidth);

describe('what is planned', () => {
  it('narrows up, gate and down of every block, in the forecast and in config.json', async () => {
    const plan = await planOf({ ratio: 0.25, compensation: 'none' });
    expect(widthsIn(plan)).toEqual([129, 129, 129, 129, 129]);
    expect(plan.lines.map(({ layer }) => layer.role)).toEqual(
      downs.flatMap(() => ['gate', 'up', 'down']),
    );
    for (const { bytesBefore, bytesAfter } of plan.lines)
      expect([bytesBefore, bytesAfter]).toEqual([64 * WIDTH * 4, 64 * 129 * 4]);
    expect(holesOf(plan.model)).toHaveLength(15);
    const files = new Map([['config.json', { json: { intermediate_size: WIDTH } }]]);
    const after = plan.anatomy ?? anatomy;
    expect(companionJson(withSizes(files, anatomy, after), 'config.json')).toEqual({
      intermediate_size: 129,
    });
    expect(plan.warnings).toBeUndefined();
  });

  it.each([
    [0.25, 1, 129],
    [0.25, 8, 128],
    [0.25, 32, 128],
    [0.9, 32, 32],
    [0.01, 32, 160],
    [0.004, 1, 171],
    [0.4, 172, 172],
  ])('a ratio of %f in multiples of %i leaves %i neurons', async (ratio, multiple, width) => {
    const plan = await planOf({ ratio, multiple });
    expect(new Set(widthsIn(plan) ?? [WIDTH])).toEqual(new Set([width]));
  });

  it('cuts the blocks it is pointed at, and says that widths are unequal then', async () => {
    const targets = anatomy.layers.filter(({ block }) => block === 1 || block === 3);
    const plan = await planOf({ ratio: 0.5 }, model, targets);
    expect(widthsIn(plan)).toEqual([172, 86, 172, 86, 172]);
    expect(plan.warnings).toEqual([
      'The blocks come out with unequal widths (172, 86, 172, 86, 172 neurons). ONNX runtimes do not mind, but config.json has room for one width, so weights taken out of this file do not load as the original architecture.',
    ]);
  });

  it('adds a bias for the compensation where there is none, and uses one that is there', async () => {
    const biases = async (own: Model, given: object) => {
      const plan = await planOf({ ratio: 0.5, ...given }, own);
      const had = new Set(own.graph.initializers.map(({ name }) => name));
      const fresh = plan.model.graph.initializers.filter(({ name }) => !had.has(name));
      return fresh.filter(({ name }) => name.endsWith('_bias')).length;
    };
    expect(await biases(model, { compensation: 'mean' })).toBe(downs.length);
    expect(await biases(model, { compensation: 'least-squares', bias: false })).toBe(0);
    const gpt2 = layoutFixtures.find(({ name }) => name.startsWith('gpt2 plain'))?.model();
    expect(gpt2 && (await biases(gpt2, { compensation: 'mean' }))).toBe(0);
  });

  it('looks at what down projections read, and at nothing where weights alone decide', async () => {
    const looks = async (given: object) => {
      const [work] = (await planOf(given)).work;
      return work?.kind === 'fill'
        ? work.look?.map(({ rowsOf, take }) => [rowsOf?.name, take])
        : [];
    };
    expect(await looks({ compensation: 'obs', bias: false })).toEqual(
      downs.map(({ name }) => [name, ['moments']]),
    );
    expect(await looks({ score: 'magnitude', compensation: 'none' })).toBeUndefined();
  });
});

describe('what is filled', () => {
  it('keeps the same neurons in up, gate and down, in their order', async () => {
    const made = await madeOf({ ratio: 0.5, score: 'activation', compensation: 'none' });
    const after = recognise(made);
    for (const role of ['up', 'gate', 'down'] as const) {
      const [before, now] = [anatomy, after].map((a) => a.layers.find((l) => l.role === role));
      if (!before || !now) throw new Error(`no ${role} projection`);
      const [whole, cut] = [await neurons(model, before), await neurons(made, now)];
      const places = cut.map((neuron) => whole.indexOf(neuron));
      expect(places).toEqual([...loudest(86)]);
    }
  });

  it('reacts to its calibration', async () => {
    const other = seenOf(downs, ({ inFeatures }) => activations(inFeatures + 8, inFeatures, 5));
    const given = { ratio: 0.5, score: 'fluctuation', compensation: 'none' };
    const [one, two] = [await madeOf(given), await madeOf(given, other)];
    expect(await downValues(one)).not.toEqual(await downValues(two));
  });

  it('falls back to the weights where no row of the data came by', async () => {
    const plain = await madeOf({ ratio: 0.5, score: 'magnitude', compensation: 'none' });
    const unheard = await madeOf({ ratio: 0.5, compensation: 'obs' }, nothingSeen);
    expect(await downValues(unheard)).toEqual(await downValues(plain));
  });
});

/** A neuron's row of up or gate, or column of down, as text. */
async function neurons(own: Model, layer: Layer): Promise<string[]> {
  const { values } = await readWeight(own, layer);
  const { inFeatures, outFeatures, role } = layer;
  const [count, size] = role === 'down' ? [inFeatures, outFeatures] : [outFeatures, inFeatures];
  return Array.from({ length: count }, (_, n) =>
    Array.from({ length: size }, (__, i) =>
      role === 'down' ? values[i * inFeatures + n] : values[n * inFeatures + i],
    ).join(),
  );
}

/** The neurons that are loudest in the first block's made-up rows, ascending. */
function loudest(count: number): number[] {
  const norms = seen.at({ value: downs[0].input, rowsOf: downs[0] }, 'norms')?.values ?? [];
  const order = [...norms.keys()].sort((a, b) => norms[b] - norms[a]);
  return order.slice(0, count).sort((a, b) => a - b);
}

async function downValues(own: Model): Promise<number[]> {
  const layer = recognise(own).layers.find(({ role }) => role === 'down');
  return layer ? [...(await readWeight(own, layer)).values] : [];
}

describe('global widths', () => {
  const options = parse({ ratio: 0.3, scope: 'global', compensation: 'none' });
  const oracle = (): Oracle<FfnNeuronsOptions> =>
    ({ seen: () => Promise.resolve(seen), progress: () => undefined }) as never;

  it('are decided once, written into the options, and take no more than was forecast', async () => {
    const ground: Ground = { model, anatomy, original: model };
    const closed = await ffnNeurons.decide?.(ground, anatomy.layers, options, oracle());
    const widths = Object.values(closed?.widths ?? {});
    expect(Object.keys(closed?.widths ?? {})).toEqual(downs.map(({ name }) => name));
    expect(new Set(widths).size).toBeGreaterThan(1);
    expect(widths.reduce((a, b) => a + b, 0)).toBe(Math.floor(0.7 * WIDTH * downs.length));
    const [open, after] = [await planOf(options), await planOf(closed)];
    const text = JSON.stringify({ widths: closed?.widths });
    expect(open.undecided).toBeGreaterThanOrEqual(text.length);
    expect(after.undecided).toBeUndefined();
    expect(widthsIn(after)).toEqual(widths);
    const bytes = ({ lines }: StepPlan) => lines.reduce((sum, line) => sum + line.bytesAfter, 0);
    expect(bytes(after)).toBeLessThanOrEqual(bytes(open));
    const again = await ffnNeurons.decide?.(ground, anatomy.layers, parse(closed), oracle());
    expect(again).toBeUndefined();
  });

  it('are open only where they are asked for', async () => {
    const ground: Ground = { model, anatomy, original: model };
    const layer = parse({ scope: 'layer' });
    expect(await ffnNeurons.decide?.(ground, anatomy.layers, layer, oracle())).toBeUndefined();
    expect((await planOf(layer)).undecided).toBeUndefined();
  });

  it('of another model leave what they do not know alone', async () => {
    const plan = await planOf({ ...options, widths: { other: 3 } });
    expect(plan.work).toEqual([]);
    expect(plan.skipped[0].reason).toBe(
      '"model.layers.0.mlp.down_proj.weight" was not there when the widths were decided, so it was left as it is; clear "widths" to decide again.',
    );
  });

  it('take more from layers that score lower, in batches, and leave the best', () => {
    const ranked = (scores: number[], cost = 1) => ({ scores: Float64Array.from(scores), cost });
    const [low, high] = [ranked([1, 2, 3, 4]), ranked([5, 6, 7, 8])];
    expect(shareOut([low, high], { ratio: 0.25, multiple: 1 })).toEqual([2, 4]);
    expect(shareOut([low, high], { ratio: 0.5, multiple: 1 })).toEqual([1, 3]);
    expect(shareOut([low, high], { ratio: 0.25, multiple: 2 })).toEqual([2, 4]);
    expect(shareOut([low, high], { ratio: 0.99, multiple: 1 })).toEqual([1, 1]);
    // Three fifths of all bytes are in the second layer's neurons.
    const dear = ranked([5, 6, 7, 8], 2);
    expect(shareOut([low, dear], { ratio: 0.25, multiple: 1 })).toEqual([1, 4]);
    expect(shareOut([low, dear], { ratio: 0.3, multiple: 1 })).toEqual([1, 3]);
    expect(shareOut([ranked([3, 1, 2])], { ratio: 0.3, multiple: 2 })).toEqual([2]);
  });
});

describe('what is refused', () => {
  it('a ratio that would empty a layer', async () => {
    await expect(planOf({ ratio: 1 })).rejects.toThrow(
      'A ratio of 1 would leave none of the 172 neurons in front of "model.layers.0.mlp.down_proj.weight", and a layer without neurons computes nothing; choose a smaller ratio.',
    );
  });

  it('weights that are stored as codes', async () => {
    const options = roundMeta.options.parse({ bits: 8 });
    const { model: coded } = await encodedModel(roundToNearest, model, downs.slice(0, 1), options);
    const plan = await planOf({}, coded);
    expect(widthsIn(plan)).toEqual([172, 129, 129, 129, 129]);
    expect(plan.skipped.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(
        /^The neurons in front of ".*" stay as they are: .* has its weight stored as codes; cut before you quantize\.$/,
      ),
    ]);
  });

  it('layers that are in no feed-forward part', async () => {
    const attention = anatomy.layers.filter(({ role }) => role === 'query');
    const plan = await planOf({}, model, attention.slice(0, 1));
    expect(plan.work).toEqual([]);
    expect(plan.skipped).toEqual([
      {
        name: 'decoder block 0',
        reason:
          'No down projection of a feed-forward part was found among the chosen layers of decoder block 0, so its neurons stay.',
      },
    ]);
  });
});

it('what was cut can be encoded afterwards', async () => {
  const plan = await planOf({ ratio: 0.25 });
  const after = plan.anatomy ?? anatomy;
  for (const layer of after.layers) {
    const place = placeOf(plan.model, layer);
    expect(place?.weight.dims.reduce((a, b) => a * b, 1)).toBe(
      layer.inFeatures * layer.outFeatures,
    );
  }
});
