import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../test/support/methods.ts';
import { adapted } from '../../../test/support/adapted.ts';
import { storiesModel } from '../../../test/support/stories.ts';
import { recognise } from '../anatomy/recognise.ts';
import { meta } from '../methods/tuning/lora/meta.ts';
import { lora } from '../methods/tuning/lora/lora.ts';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { sizeOf } from '../onnx/size.ts';
import { validateModel } from '../onnx/validate.ts';
import { LABELS_ONLY } from '../training/objective.ts';
import { poseProblem } from '../training/problem.ts';
import { findAdapters } from './find.ts';
import { adapterInputNames, adapterInputs, closedAdapters } from './inputs.ts';
import { dropoutOf, keepsAdapter } from '../recipe/kept-adapters.ts';
import { peftFiles } from './peft.ts';

const { model, anatomy } = storiesModel();
const layers = anatomy.layers.filter(({ group }) => group === 'attention');
const { trained, names } = adapted(model, layers, { rank: 4, alpha: 8 });
const open = adapterInputs(trained, names);

describe('an adapter as inputs', () => {
  it('is an input for every A and B and the scale, of no rows or of all', () => {
    expect(adapterInputNames(open.graph)).toHaveLength(2 * layers.length + 1);
    const dims = open.graph.inputs.map(({ name, type }) => [name, type?.dims]);
    expect(dims).toContainEqual([
      'model.layers.0.self_attn.q_proj.lora_A.weight',
      [{ symbol: 'lora.given' }, { value: 4 }],
    ]);
    expect(dims).toContainEqual(['lora.scale', [{ symbol: 'lora.given' }]]);
    expect(() => validateModel(open)).not.toThrow();
  });

  it('leaves the anatomy as it was: the base is what is recognised', () => {
    const [before, after] = [recognise(trained), recognise(open)];
    const own = (name: string) => !name.includes('lora');
    const layersOf = ({ layers: all }: typeof before) =>
      all.filter(({ name }) => own(name)).map(({ name, role, block }) => [name, role, block]);
    expect(layersOf(after)).toEqual(layersOf(before));
    expect(after.layers.filter(({ name }) => !own(name))).toEqual([]);
    expect(after.layout).toBe(before.layout);
  });

  it('is found, and written as PEFT files, as if it were kept inside', async () => {
    const [inside, outside] = [await findAdapters(trained), await findAdapters(open)];
    expect(outside.map(({ module, scale }) => [module, scale])).toEqual(
      inside.map(({ module, scale }) => [module, scale]),
    );
    const files = (m: typeof open) => peftFiles(m, 'stories', 'CAUSAL_LM');
    expect(await files(open)).toEqual(await files(trained));
  });

  it('can be closed again', () => {
    const closed = closedAdapters(open);
    expect(closed.graph.nodes).toEqual(trained.graph.nodes);
    expect(closed.graph.inputs).toEqual(trained.graph.inputs);
    const named = ({ graph }: typeof open) => new Set(graph.initializers.map(({ name }) => name));
    expect(named(closed)).toEqual(named(trained));
    expect(closedAdapters(trained)).toBe(trained);
  });

  it('is closed where something else is trained', () => {
    const weight = model.graph.initializers.find(({ name }) => name.includes('q_proj'))?.name ?? '';
    const { input } = poseProblem({
      ...{ student: open, trainable: [weight], objective: LABELS_ONLY },
      shape: { batch: 1, length: 4 },
    });
    expect(input.forward.graph.inputs.map(({ name }) => name)).toEqual(['input_ids']);
  });

  it('is what LoRA makes of the result "inputs", as large as forecast', async () => {
    const options = meta.options.parse({ rank: 4, result: 'inputs', dropout: 0.1 });
    const setup = await trainingOf(lora, model, layers, options, { anatomy });
    const made = await setup.filled(setup.student);
    expect(adapterInputNames(made.graph)).toHaveLength(2 * layers.length + 1);
    expect(made.graph.nodes.map(({ opType }) => opType)).not.toContain('Dropout');
    expect(sizeOf(setup.plan.model)).toEqual(sizeOf(made));
    const steps = [{ method: 'lora', target: 'all' as const, options }];
    const calibration = { data: 'd', samples: 1, length: 4 };
    const recipe = { version: 1 as const, seed: 1, calibration, steps };
    expect([keepsAdapter(recipe), dropoutOf(recipe)]).toEqual([true, 0.1]);
  });

  it('needs an operator set that can choose', () => {
    const g = new GraphBuilder();
    g.output(g.op('Relu', [g.input('x', 'float32', [1])]), 'float32', [1], 'y');
    expect(() => adapterInputs(g.finish({ opset: 9 }), [])).toThrow(
      'The model is written in operator set 9, in which an adapter cannot be made an input; export it with operator set 10 or later, or keep the adapter inside (result "adapter").',
    );
  });
});
