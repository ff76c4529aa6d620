import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { buildMini, MINI, miniNorm } from '../../../test/fixtures/layouts/mini.ts';
import type { MiniParts } from '../../../test/fixtures/layouts/mini.ts';
import { randomValues, Sketch } from '../../../test/fixtures/layouts/sketch.ts';
import { rolesOf, expectMini, SEPARATE } from '../../../test/support/mini-anatomy.ts';
import { debianModels, fixture, fixtureModels } from '../../../test/support/onnx.ts';
import { hasOnnxTestData } from '../../../tools/onnx-test-data.ts';
import { readModel } from '../onnx/read.ts';
import { bytesSource } from '../onnx/source.ts';
import { findLayers } from './layers.ts';
import { recognise } from './recognise.ts';

describe('graphs that are no transformer', () => {
  it('an MLP gets its layers', async () => {
    const s = new Sketch(17);
    const x = s.g.input('x', 'float32', ['batch', 6]);
    const hidden = s.op('Relu', [s.product(x, 'first', 6, 10, 'gemm-transposed')]);
    const wide = s.op('Relu', [s.linear(hidden, 'second', 10, 10)]);
    s.g.output(s.linear(wide, 'third', 10, 3), 'float32', ['batch', 3], 'y');
    const anatomy = recognise(s.finish());
    expect(anatomy.kind).toBe('layers-only');
    expect(anatomy.layout).toBe('layers only');
    expect(anatomy.blocks).toEqual([]);
    expect(anatomy.layers).toMatchObject([
      { name: 'first.weight', op: 'Gemm', layout: 'out-in', inFeatures: 6, outFeatures: 10 },
      { name: 'second.weight', op: 'MatMul', layout: 'in-out', bias: 'second.bias' },
      { name: 'third.weight', inFeatures: 10, outFeatures: 3, role: 'other', group: 'other' },
    ]);
  });

  it('a residual CNN with a squeeze-and-excite gate gets its layers', () => {
    const s = new Sketch(13);
    const image = s.g.input('x', 'float32', ['batch', 3, 8, 8]);
    const conv = (x: string, name: string, from: number, to: number, group = 1) =>
      s.op('Conv', [x, s.weight(name, [to, from / group, 3, 3])], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
        group,
      });
    const stem = s.op('Relu', [conv(image, 'stem', 3, 8)]);
    const inner = conv(s.op('Relu', [conv(stem, 'a', 8, 8, 8)]), 'b', 8, 8);
    const pooled = s.op('Flatten', [s.op('GlobalAveragePool', [inner])]);
    const squeezed = s.op('Relu', [s.product(pooled, 'c', 8, 2, 'gemm')]);
    const gate = s.op('Sigmoid', [s.product(squeezed, 'd', 2, 8, 'gemm')]);
    const gated = s.op('Mul', [inner, s.unsqueeze(gate, 2, 3)]);
    const sum = s.op('Relu', [s.op('Add', [gated, stem])]);
    const last = s.op('Flatten', [s.op('GlobalAveragePool', [sum])]);
    const logits = s.product(last, 'e', 8, 4, 'gemm');
    s.g.output(s.op('Softmax', [logits], { axis: 1 }), 'float32', ['batch', 4], 'y');
    const anatomy = recognise(s.finish());
    expect(anatomy.kind).toBe('layers-only');
    expect(anatomy.layers.map(({ weight }) => weight)).toEqual([
      'stem',
      'a',
      'b',
      'c.weight',
      'd.weight',
      'e.weight',
    ]);
    expect(anatomy.layers[1]).toMatchObject({ op: 'Conv', outFeatures: 8, inFeatures: 9 });
  });

  it('a recurrent text classifier gets its table and says what it leaves out', () => {
    const s = new Sketch(17);
    const ids = s.g.input('ids', 'int64', ['length', 'batch']);
    const x = s.op('Gather', [s.weight('table', [20, 4]), ids]);
    const inputs = [x, s.weight('W', [1, 12, 4]), s.weight('R', [1, 12, 3])];
    const [, state] = s.g.ops('GRU', inputs, 2, { hidden_size: 3 });
    const logits = s.product(s.squeeze(state, 0), 'head', 3, 2, 'matmul');
    s.g.output(logits, 'float32', ['batch', 2], 'y');
    const anatomy = recognise(s.finish());
    expect(anatomy.kind).toBe('layers-only');
    expect(anatomy.layers.map(({ role }) => role)).toEqual(['embedding', 'other']);
    expect(anatomy.notes).toEqual(['Weights inside GRU (1×) are not listed as layers.']);
  });
});

describe('layers', () => {
  function layersOf(build: (s: Sketch, x: string) => string) {
    const s = new Sketch(17);
    const x = s.g.input('x', 'float32', ['batch', 6]);
    s.g.output(build(s, x), 'float32', ['batch', 4], 'y');
    const model = s.finish();
    return { layers: findLayers(model), notes: recognise(model).notes };
  }

  it('says why a product is more than a linear map', () => {
    const gemm = (attributes: Parameters<Sketch['op']>[2], dims: number[]) =>
      layersOf((s, x) => s.op('Gemm', [x, s.weight('w', dims)], attributes));
    expect(gemm({ alpha: { float: 1 } }, [6, 4]).layers).toHaveLength(1);
    expect(gemm({ alpha: { float: 0.5 } }, [6, 4])).toEqual({
      layers: [],
      notes: ['Not a layer, because it is used in a scaled Gemm (alpha or beta is not 1): w.'],
    });
    expect(gemm({ transA: 1 }, [6, 4]).notes).toEqual([
      'Not a layer, because it is used in a Gemm with a transposed input: w.',
    ]);
    const batched = layersOf((s, x) => s.op('MatMul', [x, s.weight('w', [2, 6, 4])]));
    expect(batched.notes).toEqual([
      'Not a layer, because it has the shape [2, 6, 4] where a matrix was expected: w.',
    ]);
    const einsum = layersOf((s, x) =>
      s.op('Einsum', [x, s.weight('w', [6, 4])], { equation: 'bi,io->bo' }),
    );
    expect(einsum.notes).toEqual([
      'Not a layer, because it is used in an Einsum ("bi,io->bo"): w.',
    ]);
  });

  it('sees a weight through Identity and two transposes', () => {
    const { layers } = layersOf((s, x) => {
      const turned = s.transpose(s.op('Identity', [s.weight('w', [6, 4])]), 1, 0);
      return s.op('MatMul', [x, s.op('Transpose', [turned])]);
    });
    expect(layers).toMatchObject([{ layout: 'in-out', inFeatures: 6, outFeatures: 4 }]);
  });

  it('takes no bias that is not a vector or that is not added right behind', () => {
    const late = layersOf((s, x) => {
      const product = s.op('Relu', [s.op('MatMul', [x, s.weight('w', [6, 4])])]);
      return s.op('Add', [product, s.weight('b', [4])]);
    });
    expect(late.layers[0].bias).toBeUndefined();
    const wide = layersOf((s, x) => {
      const product = s.op('MatMul', [x, s.weight('w', [6, 4])]);
      return s.op('Add', [product, s.weight('b', [3, 4])]);
    });
    expect(wide.layers[0].bias).toBeUndefined();
  });
});

describe('tied heads', () => {
  const values = randomValues('table', MINI.vocabulary * MINI.hidden, 0.3);
  const copied = (change: (copy: Float32Array) => Float32Array) =>
    buildMini({
      head: (s, x) => {
        const weight = s.given('head.weight', [MINI.vocabulary, MINI.hidden], change(values));
        return s.op('MatMul', [x, s.transpose(weight, 1, 0)]);
      },
    });

  it('are found by equal bytes, and not when one value differs', () => {
    expect(recognise(copied((copy) => copy.slice())).tiedHead).toBe(true);
    const other = recognise(copied((copy) => copy.map((v, k) => (k === 77 ? v + 1e-6 : v))));
    expect(other.tiedHead).toBe(false);
  });

  it('are unknown when the bytes are not in memory', () => {
    const model = copied((copy) => copy.slice());
    // A file that is not in memory leaves large tensors where they are and reads small ones.
    const initializers = model.graph.initializers.map((tensor) =>
      tensor.data.byteLength < 1024
        ? tensor
        : { ...tensor, data: { ...tensor.data, readSync: undefined } },
    );
    const anatomy = recognise({ ...model, graph: { ...model.graph, initializers } });
    expectMini(anatomy);
    expect(anatomy.tiedHead).toBeUndefined();
    expect(anatomy.notes).toEqual([]);
  });
});

describe('real models', () => {
  it('the stories model', async () => {
    const path = new URL('../../../public/samples/stories/model.onnx', import.meta.url);
    const anatomy = recognise(await readModel(bytesSource(new Uint8Array(readFileSync(path)))));
    expect(anatomy).toMatchObject({
      layout: 'Llama-like',
      hiddenSize: 64,
      vocabularySize: 512,
      tiedHead: true,
      positions: 'rotary',
      notes: [],
    });
    expect(anatomy.blocks).toHaveLength(5);
    const roles = ['query', 'key', 'value', 'attention-output', 'gate', 'up', 'down'];
    for (const block of anatomy.blocks) {
      const sizes = { heads: 8, keyValueHeads: 4, headSize: 8, feedForwardWidth: 172, gated: true };
      expect(block).toMatchObject(sizes);
      expect(rolesOf(anatomy, block.index)).toEqual(roles);
    }
    expect(rolesOf(anatomy)).toEqual(['embedding', 'output-head']);
  });

  it('a vision transformer exported by PyTorch', async () => {
    const anatomy = recognise(await readModel(bytesSource(fixture('mnist_vit.onnx'))));
    expect(anatomy).toMatchObject({
      layout: 'ViT-like',
      hiddenSize: 32,
      normPlacement: 'post',
      positions: 'learned',
      notes: [],
    });
    expect(anatomy.blocks).toMatchObject([
      { stack: 'encoder', heads: 1, headSize: 32, feedForwardWidth: 64, gated: false },
    ]);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(rolesOf(anatomy)).toEqual(['patch', 'output-head']);
  });

  it('operator cases are looked at without an error and are no transformers', async () => {
    const known = fixtureModels().filter(({ name }) => name !== 'mnist_vit.onnx');
    expect(known.length).toBeGreaterThan(5);
    for (const { bytes } of known) {
      const model = await readModel(bytesSource(bytes));
      expect(recognise(model).kind).toBe('layers-only');
    }
  });

  it.runIf(hasOnnxTestData())('nor is any third case of libonnx-testdata', async () => {
    const cases = debianModels().filter((_, index) => index % 3 === 0);
    for (const { bytes } of cases) {
      const model = await readModel(bytesSource(bytes));
      expect(recognise(model).kind).toBe('layers-only');
    }
  });
});

describe('graphs that miss things', () => {
  it('never throws when nodes are left out of a transformer', () => {
    const picked = layoutFixtures.filter(({ name }) => /opset 1[123]$|fused$/.test(name));
    for (const { model } of picked) {
      const whole = model();
      const step = Math.ceil(whole.graph.nodes.length / 12);
      for (let gone = 0; gone < whole.graph.nodes.length; gone += step) {
        const nodes = whole.graph.nodes.filter((_, index) => index !== gone);
        const anatomy = recognise({ ...whole, graph: { ...whole.graph, nodes } });
        expect(['transformer', 'layers-only']).toContain(anatomy.kind);
      }
    }
  });

  it('says that sub-graphs and functions were not looked at', () => {
    const s = new Sketch(17);
    const x = s.g.input('x', 'float32', ['batch', 6]);
    const condition = s.g.input('c', 'bool', []);
    const branch = () => {
      const inner = new Sketch(17);
      inner.g.output(inner.c.float(1), 'float32', [], 'r');
      return inner.g.graph();
    };
    const scale = s.op('If', [condition], { then_branch: branch(), else_branch: branch() });
    const called = s.g.op('Twice', [s.op('Mul', [x, scale])], {}, { domain: 'own' });
    s.g.output(called, 'float32', ['batch', 6], 'y');
    const functions = [{ name: 'Twice', domain: 'own', bytes: new Uint8Array() }];
    expect(recognise({ ...s.finish(), functions }).notes).toEqual([
      'What lies in the sub-graphs of If was not looked at.',
      'What lies in the functions kept in the model was not looked at; nodes call them 1×.',
    ]);
  });

  it('says so when attention hangs on no residual stream', () => {
    const block: MiniParts['block'] = (s, x, name, parts) =>
      parts.feedForward(s, parts.attention(s, miniNorm(s, x, name), name, parts), name, parts);
    const anatomy = recognise(buildMini({ block }));
    expect(anatomy.kind).toBe('layers-only');
    expect(anatomy.notes).toEqual([
      'Attention whose result is not added to a residual stream was found 2×.',
    ]);
  });
});
