import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import type { Fixture } from '../../../test/fixtures/layouts/fixture.ts';
import { feedsOf } from '../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../test/support/run-model.ts';
import { recognise } from '../anatomy/recognise.ts';
import type { Layer } from '../anatomy/types.ts';
import { placeOf } from '../encodings/index.ts';
import { editGraph } from '../onnx/graph/edit.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import { blockAblations } from './block-ablations.ts';
import { gateSites, maskOf, settingOf } from './gate-sites.ts';
import { gatedModel } from './gated-model.ts';
import { headAblations } from './head-ablations.ts';
import type { Ablation } from './types.ts';

type Answers = ReadonlyMap<string, Value>;

/** What a model answers with the gates of one ablation shut, those of `others` being there and open. */
async function shut(fixture: Fixture, ablation: Ablation, others: readonly Ablation[] = []) {
  const model = fixture.model();
  const gated = gatedModel(model, gateSites([ablation, ...others]));
  const widths = new Map(
    recognise(model).layers.map(({ input, inFeatures }) => [input, inFeatures]),
  );
  const given: Record<string, Value> = {};
  for (const { value, mask, switches } of gated.gates) {
    const setting = settingOf(ablation, value);
    for (const { input, instead } of switches) {
      const data = Uint8Array.of(Number(setting?.instead === instead));
      given[input] = { dataType: DataType.bool, dims: [], data };
    }
    if (mask === undefined) continue;
    const columns = widths.get(value) ?? 0;
    const data = maskOf(setting, columns);
    given[mask] = { dataType: DataType.float32, dims: [columns], data };
  }
  return runModel(gated.model, { ...feedsOf(model, fixture.feeds), ...given });
}

const whole = ({ model, feeds }: Fixture): Promise<Answers> =>
  runModel(model(), feedsOf(model(), feeds));

function apart(a: Answers, b: Answers): number {
  return Math.max(...[...a].map(([name, value]) => distance(value, b.get(name))));
}

/** The model in which a layer's weight has zeros for some of its inputs. */
async function withZeroInputs(
  model: Model,
  layer: Layer,
  from: number,
  end: number,
): Promise<Model> {
  const place = placeOf(model, layer);
  if (place === undefined) throw new Error(`${layer.name} is no plain weight.`);
  const { weight, stored } = place;
  const values = new Float32Array((await weight.data.read()).slice().buffer);
  const { inFeatures, outFeatures } = layer;
  for (let o = 0; o < outFeatures; o++) {
    for (let i = from; i < end; i++) {
      values[stored === 'in-out' ? i * outFeatures + o : o * inFeatures + i] = 0;
    }
  }
  const data = memoryData(new Uint8Array(values.buffer));
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.name === weight.name ? { ...tensor, data } : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

const NOTHING: Ablation = { gates: [] };
const named = layoutFixtures.map((fixture) => [fixture.name, fixture] as const);

describe.each(named)('%s', (_, fixture) => {
  const model = fixture.model();
  const anatomy = recognise(model);
  const heads = headAblations(anatomy);
  const blocks = blockAblations(anatomy, model);

  it('answers the same with all gates open', async () => {
    const open = await shut(fixture, NOTHING, [...heads, ...blocks]);
    expect(apart(await whole(fixture), open)).toBeLessThan(1e-5);
  });

  it('without a head answers like the model in which its rows of the output projection are zero', async () => {
    const head = heads[heads.length - 1];
    const [{ from, end }] = head.gates[0].columns ?? [];
    const zeroed = await withZeroInputs(model, head.layer, from, end);
    const expected = await whole({ ...fixture, model: () => zeroed });
    expect(apart(await shut(fixture, head, heads), expected)).toBeLessThan(1e-5);
    expect(apart(expected, await whole(fixture))).toBeGreaterThan(1e-4);
  });
});

describe('a block without its gate', () => {
  const plain = named.filter(([, { equals }]) => equals === undefined);

  it.each(plain)('of %s hands on what it got', async (_, fixture) => {
    const model = fixture.model();
    const anatomy = recognise(model);
    for (const at of [0, anatomy.blocks.length - 1]) {
      const { input, output } = anatomy.blocks[at];
      const edit = editGraph(model.graph);
      edit.replaceUses(output, input);
      edit.removeUnused();
      const without = { ...model, graph: edit.finish() };
      const expected = await whole({ ...fixture, model: () => without });
      const blocks = blockAblations(anatomy, model);
      expect(apart(await shut(fixture, blocks[at], blocks), expected)).toBeLessThan(1e-5);
    }
  });

  const fused = named.flatMap(([name, fixture]) => {
    const twin = layoutFixtures.find((other) => other.name === fixture.equals);
    return twin ? [[name, fixture, twin] as const] : [];
  });

  it.each(fused)('of %s is that of the same model in plain operators', async (_, fixture, twin) => {
    const [own, other] = [fixture, twin].map((each) =>
      blockAblations(recognise(each.model()), each.model()),
    );
    expect(own).toHaveLength(other.length);
    for (const at of [0, own.length - 1]) {
      const [a, b] = [await shut(twin, other[at]), await shut(fixture, own[at])];
      expect(apart(a, b)).toBeLessThan(1e-5);
    }
  });
});

describe('gatedModel', () => {
  it('refuses a value that no node makes', () => {
    const model = layoutFixtures[0].model();
    const sites = (gate: Ablation['gates'][number]) => gateSites([{ gates: [gate] }]);
    const [{ output }] = recognise(model).blocks;
    expect(() => gatedModel(model, sites({ value: 'nowhere' }))).toThrow(
      'The model has no value "nowhere" to switch off or to put in another\'s place; name an output of one of its nodes.',
    );
    expect(() => gatedModel(model, sites({ value: output, instead: 'nowhere' }))).toThrow(
      'The model has no value "nowhere"',
    );
  });
});
