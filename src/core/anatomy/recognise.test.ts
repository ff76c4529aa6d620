import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { someIds } from '../../../test/fixtures/layouts/fixture.ts';
import { buildMini, MINI, miniNorm } from '../../../test/fixtures/layouts/mini.ts';
import type { MiniParts } from '../../../test/fixtures/layouts/mini.ts';
import { runFirstOutput } from '../../../test/fixtures/layouts/run.ts';
import { MICROSOFT, randomValues, Sketch } from '../../../test/fixtures/layouts/sketch.ts';
import { debianModels, fixture, fixtureModels } from '../../../test/support/onnx.ts';
import { hasOnnxTestData } from '../../../tools/onnx-test-data.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import { readModel } from '../onnx/read.ts';
import { bytesSource } from '../onnx/source.ts';
import type { Model, Node } from '../onnx/types.ts';
import { findLayers } from './layers.ts';
import { recognise } from './recognise.ts';
import type { Anatomy, Role } from './types.ts';

const rolesOf = (anatomy: Anatomy, block?: number): Role[] =>
  anatomy.layers.filter((layer) => layer.block === block).map(({ role }) => role);

/** What every variant of the small decoder must be recognised as. */
function expectMini(anatomy: Anatomy, more: Partial<Anatomy['blocks'][number]> = {}): void {
  expect(anatomy.kind).toBe('transformer');
  expect(anatomy.hiddenSize).toBe(MINI.hidden);
  expect(anatomy.vocabularySize).toBe(MINI.vocabulary);
  expect(anatomy.blocks).toHaveLength(MINI.blocks);
  for (const block of anatomy.blocks) {
    expect(block).toMatchObject({
      stack: 'decoder',
      heads: MINI.heads,
      headSize: MINI.headSize,
      keyValueHeads: MINI.heads,
      feedForwardWidth: MINI.wide,
      gated: false,
      ...more,
    });
  }
}

const SEPARATE: Role[] = ['query', 'key', 'value', 'attention-output', 'up', 'down'];

async function runs(model: Model): Promise<void> {
  const { data } = await runFirstOutput(model, { ids: someIds(2, 5, MINI.vocabulary) });
  expect(data.every(Number.isFinite)).toBe(true);
}

describe('ways to write the same parts', () => {
  it('recognises the small decoder', async () => {
    const model = buildMini();
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(anatomy.normPlacement).toBe('pre');
    expect(anatomy.positions).toBe('none');
    expect(anatomy.tiedHead).toBe(false);
    expect(anatomy.notes).toEqual([]);
  });

  it('attention and feed-forward in parallel on one norm (GPT-J), and on two (GPT-NeoX)', async () => {
    for (const shared of [true, false]) {
      for (const order of ['branches first', 'stream first']) {
        const block: MiniParts['block'] = (s, x, name, parts) => {
          const first = miniNorm(s, x, `${name}.n1`);
          const second = shared ? first : miniNorm(s, x, `${name}.n2`);
          const attended = parts.attention(s, first, name, parts);
          const fed = parts.feedForward(s, second, name, parts);
          return order === 'branches first'
            ? s.op('Add', [s.op('Add', [attended, fed]), x])
            : s.op('Add', [s.op('Add', [x, attended]), fed]);
        };
        const model = buildMini({ block });
        await runs(model);
        const anatomy = recognise(model);
        expectMini(anatomy);
        expect([...rolesOf(anatomy, 1)].sort()).toEqual([...SEPARATE].sort());
        expect(anatomy.normPlacement).toBe('pre');
      }
    }
  });

  it('norms inside the branches, norms of q and k, capped scores (Gemma 2)', async () => {
    const block: MiniParts['block'] = (s, x, name, parts) => {
      const attended = parts.attention(s, miniNorm(s, x, `${name}.n1`), name, parts);
      const middle = s.op('Add', [x, miniNorm(s, attended, `${name}.n2`)]);
      const fed = parts.feedForward(s, miniNorm(s, middle, `${name}.n3`), name, parts);
      return s.op('Add', [middle, miniNorm(s, fed, `${name}.n4`)]);
    };
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const [q, k, v] = ['q', 'k', 'v'].map((part) =>
        s.splitHeads(parts.linear(s, x, `${name}.${part}`, hidden, hidden), heads, headSize),
      );
      const normed = [q, k].map((value, i) =>
        s.rmsNormPrimitives(value, `${name}.qk${i}`, headSize),
      );
      const scores = s.op('MatMul', [normed[0], s.transpose(normed[1], 0, 1, 3, 2)]);
      const capped = s.op('Tanh', [s.op('Div', [scores, s.c.float(50)])]);
      const masked = s.op('Add', [s.op('Mul', [capped, s.c.float(50)]), s.causalMask(s.dim(x, 1))]);
      const context = s.op('MatMul', [s.op('Softmax', [masked], { axis: -1 }), v]);
      return parts.linear(s, s.joinHeads(context, heads, headSize), `${name}.o`, hidden, hidden);
    };
    const model = buildMini({ block, attention });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
  });

  it('heads in the batch axis, positions first (torch.nn.MultiheadAttention)', async () => {
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, headSize } = MINI;
      const turned = s.transpose(x, 1, 0, 2);
      const packed = parts.linear(s, turned, `${name}.in`, hidden, 3 * hidden);
      const split = s.op('Reshape', [
        packed,
        s.shapeOf(s.dim(turned, 0), s.dim(turned, 1), 3, hidden),
      ]);
      const apart = s.squeeze(s.transpose(s.unsqueeze(split, 0), 3, 1, 2, 0, 4), 3);
      const [q, k, v] = [0, 1, 2].map((which) => {
        const part = s.op('Gather', [apart, s.c.integer(which)], { axis: 0 });
        const shape = s.shapeOf(s.dim(turned, 0), -1, headSize);
        return s.transpose(s.op('Reshape', [part, shape]), 1, 0, 2);
      });
      const scaled = s.op('Mul', [q, s.c.float(headSize ** -0.5)]);
      const scores = s.op('Add', [
        s.op('MatMul', [scaled, s.transpose(k, 0, 2, 1)]),
        s.causalMask(s.dim(x, 1)),
      ]);
      const context = s.op('MatMul', [s.op('Softmax', [scores], { axis: -1 }), v]);
      const flat = s.reshape(s.transpose(context, 1, 0, 2), -1, hidden);
      const out = s.op('Gemm', [
        flat,
        s.weight(`${name}.o.weight`, [hidden, hidden]),
        s.bias(`${name}.o`, hidden),
      ]);
      const back = s.op('Reshape', [out, s.shapeOf(s.dim(turned, 0), s.dim(turned, 1), hidden)]);
      return s.transpose(back, 1, 0, 2);
    };
    const model = buildMini({ attention });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(['query-key-value', 'attention-output', 'up', 'down']);
  });

  it('heads packed as (q, k, v) per head, cut by Slice (GPT-NeoX)', async () => {
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const packed = parts.linear(s, x, `${name}.qkv`, hidden, 3 * hidden);
      const split = s.splitHeads(packed, heads, 3 * headSize);
      const [q, k, v] = [0, 1, 2].map((i) => s.slice(split, i * headSize, (i + 1) * headSize, 3));
      const context = s.attend(q, k, v, headSize, s.causalMask(s.dim(x, 1)));
      return parts.linear(s, s.joinHeads(context, heads, headSize), `${name}.o`, hidden, hidden);
    };
    const model = buildMini({ attention });
    await runs(model);
    expectMini(recognise(model));
  });

  it('rotation written as a product with a signed permutation is no layer', async () => {
    const attention: MiniParts['attention'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const table = (kind: string) => s.weight(`${kind}_table`, [64, headSize], 1);
      const range = s.op('Range', [s.c.integer(0), s.dim(x, 1), s.c.integer(1)]);
      const [cos, sin] = ['cos', 'sin'].map((kind) => s.op('Gather', [table(kind), range]));
      const turn = new Float32Array(headSize * headSize);
      for (let i = 0; i < headSize; i += 2) {
        turn[i * headSize + i + 1] = 1;
        turn[(i + 1) * headSize + i] = -1;
      }
      const matrix = s.given('turn', [headSize, headSize], turn);
      const [q, k] = ['q', 'k'].map((part) => {
        const split = s.splitHeads(
          parts.linear(s, x, `${name}.${part}`, hidden, hidden),
          heads,
          headSize,
        );
        const turned = s.op('MatMul', [split, matrix]);
        return s.op('Add', [s.op('Mul', [split, cos]), s.op('Mul', [turned, sin])]);
      });
      const v = s.splitHeads(parts.linear(s, x, `${name}.v`, hidden, hidden), heads, headSize);
      const context = s.attend(q, k, v, headSize, s.causalMask(s.dim(x, 1)));
      return parts.linear(s, s.joinHeads(context, heads, headSize), `${name}.o`, hidden, hidden);
    };
    const model = buildMini({ attention });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(anatomy.positions).toBe('rotary');
    expect(anatomy.layers.map(({ weight }) => weight)).not.toContain('turn');
    expect(rolesOf(anatomy)).toEqual(['embedding', 'output-head']);
  });

  it('both factors of a low-rank map have its role and its block', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const first = s.product(x, `${name}.A`, from, 3, 'matmul');
      const second = s.product(first, `${name}.B`, 3, to, 'matmul');
      return s.op('Add', [second, s.bias(name, to)]);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy, { feedForwardWidth: MINI.wide });
    const twice = SEPARATE.flatMap((role) => [role, role]);
    expect([...rolesOf(anatomy, 0)].sort()).toEqual([...twice].sort());
    expect(anatomy.blocks[0].layers).toHaveLength(12);
  });

  it('adapters beside the maps (LoRA) have the role of what they add to', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const adapted = s.product(
        s.product(x, `${name}.A`, from, 2, 'matmul'),
        `${name}.B`,
        2,
        to,
        'matmul',
      );
      const scaled = s.op('Mul', [adapted, s.c.float(0.5)]);
      return s.op('Add', [s.linear(x, name, from, to), scaled]);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0).filter((role) => role === 'query')).toHaveLength(3);
    expect(rolesOf(anatomy, 0).filter((role) => role === 'up')).toHaveLength(3);
    expect(rolesOf(anatomy, 0).filter((role) => role === 'down')).toHaveLength(3);
  });

  it('maps scaled channel by channel (activation-aware quantization), weights cast from float16', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const scaled = s.op('Mul', [x, s.weight(`${name}.scale`, [from], 0.2, 1)]);
      const half = s.g.initializer(`${name}.half`, [from, to], {
        dataType: 10,
        bytes: new Uint8Array(from * to * 2).fill(0x2c),
      });
      return s.op('MatMul', [scaled, s.op('Cast', [half], { to: 1 })]);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(anatomy.layers.find(({ role }) => role === 'query')?.weight).toBe('b0.q.half');
  });

  it('one set of weights for all blocks (ALBERT): layers keep different names', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) =>
      s.linear(x, name.replace(/^b\d/, 'shared'), from, to);
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    const names = anatomy.layers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(anatomy.layers.map(({ weight }) => weight)).size).toBe(2 + 6);
  });

  it('convolutions of width one in place of products', async () => {
    const linear: MiniParts['linear'] = (s, x, name, from, to) => {
      const weight = s.weight(`${name}.weight`, [to, from, 1]);
      const turned = s.transpose(x, 0, 2, 1);
      return s.transpose(s.op('Conv', [turned, weight, s.bias(name, to)]), 0, 2, 1);
    };
    const model = buildMini({ linear });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(rolesOf(anatomy, 0)).toEqual(SEPARATE);
    expect(anatomy.layers.find(({ role }) => role === 'up')).toMatchObject({
      op: 'Conv',
      inFeatures: MINI.hidden,
      outFeatures: MINI.wide,
      layout: 'out-in',
      bias: 'b0.up.bias',
    });
  });

  it('positions and token types given as graph inputs', async () => {
    const embed: MiniParts['embed'] = (s, ids) => {
      const given = (name: string) => s.g.input(name, 'int64', ['batch', 'sequence']);
      const look = (name: string, rows: number, indices: string) =>
        s.op('Gather', [s.weight(name, [rows, MINI.hidden]), indices]);
      const sum = s.op('Add', [look('table', MINI.vocabulary, ids), look('types', 2, given('t'))]);
      return s.op('Add', [sum, look('places', 18, given('p'))]);
    };
    const anatomy = recognise(buildMini({ embed }));
    expectMini(anatomy);
    const roles = Object.fromEntries(anatomy.layers.map(({ weight, role }) => [weight, role]));
    expect(roles).toMatchObject({
      table: 'embedding',
      types: 'embedding',
      places: 'position-embedding',
    });
    expect(anatomy.positions).toBe('learned');
  });

  it('more positions than tokens: the head tells which table holds tokens', () => {
    const embed: MiniParts['embed'] = (s, ids) => {
      const places = s.g.input('p', 'int64', ['batch', 'sequence']);
      return s.op('Add', [
        s.op('Gather', [s.weight('places', [200, MINI.hidden]), places]),
        s.op('Gather', [s.weight('table', [MINI.vocabulary, MINI.hidden]), ids]),
      ]);
    };
    expectMini(recognise(buildMini({ embed })));
  });

  it('a feed-forward that is a plain gate of two maps names gate and up by the activation', () => {
    for (const gateFirst of [true, false]) {
      const feedForward: MiniParts['feedForward'] = (s, x, name, parts) => {
        const gate = s.silu(parts.linear(s, x, `${name}.gate`, MINI.hidden, MINI.wide));
        const up = parts.linear(s, x, `${name}.up`, MINI.hidden, MINI.wide);
        const product = s.op('Mul', gateFirst ? [gate, up] : [up, gate]);
        return parts.linear(s, product, `${name}.down`, MINI.wide, MINI.hidden);
      };
      const anatomy = recognise(buildMini({ feedForward }));
      expectMini(anatomy, { gated: true });
      const byWeight = Object.fromEntries(anatomy.layers.map((l) => [l.weight, l.role]));
      expect(byWeight['b1.gate.weight']).toBe('gate');
      expect(byWeight['b1.up.weight']).toBe('up');
    }
  });

  it('keys and values of a cross-attention that come from a cache', () => {
    const block: MiniParts['block'] = (s, x, name, parts) => {
      const { hidden, heads, headSize } = MINI;
      const attended = parts.attention(s, miniNorm(s, x, `${name}.n1`), name, parts);
      const middle = s.op('Add', [x, attended]);
      const read = parts.linear(s, miniNorm(s, middle, `${name}.nc`), `${name}.cq`, hidden, hidden);
      const dims = ['batch', heads, 'states', headSize];
      const [k, v] = ['key', 'value'].map((part) =>
        s.g.input(`${name}.cross.${part}`, 'float32', dims),
      );
      const context = s.attend(s.splitHeads(read, heads, headSize), k, v, headSize);
      const joined = s.joinHeads(context, heads, headSize);
      const crossed = s.op('Add', [middle, parts.linear(s, joined, `${name}.co`, hidden, hidden)]);
      const fed = parts.feedForward(s, miniNorm(s, crossed, `${name}.n2`), name, parts);
      return s.op('Add', [crossed, fed]);
    };
    const anatomy = recognise(buildMini({ block }));
    expectMini(anatomy, { crossAttention: true });
    expect(anatomy.layout).toBe('encoder-decoder');
    expect(rolesOf(anatomy, 0).filter((role) => role === 'query')).toHaveLength(2);
  });
});

describe('models that are already quantized', () => {
  const SCALE = 0.01;

  const ROLES = recognise(buildMini()).layers.map(({ role }) => role);

  /** The layers and roles of the original, each but the embedding stored this way. */
  function expectStored({ layers, notes }: Anatomy, text: string): void {
    expect(layers.map(({ role }) => role)).toEqual(ROLES);
    const stored = layers.filter(({ op }) => op !== 'Gather');
    expect(new Set(stored.map((layer) => layer.stored?.text))).toEqual(new Set([text]));
    expect(notes).toEqual([]);
  }

  /** Replaces each constant MatMul weight: the graph stays a transformer. */
  function quantized(model: Model, rewrite: (node: Node) => readonly Node[]): Model {
    const weights = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    const nodes = model.graph.nodes.flatMap((node) =>
      node.opType === 'MatMul' && weights.has(node.inputs[1]) ? rewrite(node) : [node],
    );
    const initializers = model.graph.initializers.flatMap((tensor) => {
      if (tensor.dims.length !== 2 || tensor.name === 'table') return [tensor];
      const count = tensor.dims[0] * tensor.dims[1];
      return [makeTensor(tensor.name, tensor.dims, new Int8Array(count).fill(3))];
    });
    const extra = [
      makeTensor('scale', [], new Float32Array([SCALE])),
      makeTensor('zero', [], new Int8Array([0])),
    ];
    return {
      ...model,
      graph: { ...model.graph, nodes, initializers: [...initializers, ...extra] },
    };
  }

  it('DequantizeLinear before each product', async () => {
    const model = quantized(buildMini(), (node) => [
      makeNode('DequantizeLinear', [node.inputs[1], 'scale', 'zero'], [`${node.name}_w`]),
      { ...node, inputs: [node.inputs[0], `${node.name}_w`] },
    ]);
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expectStored(anatomy, 'int8 per tensor with zero points, DequantizeLinear');
  });

  it('DynamicQuantizeLinear and MatMulInteger', async () => {
    const model = quantized(buildMini(), ({ name, inputs, outputs }) => {
      const [q, scale, zero] = [`${name}_q`, `${name}_s`, `${name}_z`];
      return [
        makeNode('DynamicQuantizeLinear', [inputs[0]], [q, scale, zero]),
        makeNode('MatMulInteger', [q, inputs[1], zero, 'zero'], [`${name}_i`]),
        makeNode('Cast', [`${name}_i`], [`${name}_f`], { to: 1 }),
        makeNode('Mul', [scale, 'scale'], [`${name}_t`]),
        makeNode('Mul', [`${name}_f`, `${name}_t`], outputs),
      ];
    });
    await runs(model);
    const anatomy = recognise(model);
    expectMini(anatomy);
    const rounded = 'int8 per tensor with zero points, MatMulInteger, input rounded to 8 bits';
    expectStored(anatomy, rounded);
  });

  it('MatMulNBits', () => {
    const model = quantized(buildMini(), (node) => {
      const wide = /down/.test(node.inputs[1]) ? MINI.wide : MINI.hidden;
      const to = /up/.test(node.inputs[1]) ? MINI.wide : MINI.hidden;
      const out = /head/.test(node.inputs[1]) ? MINI.vocabulary : to;
      const attributes = { K: wide, N: out, bits: 4, block_size: 16 };
      const inputs = [node.inputs[0], node.inputs[1], 'scale'];
      return [makeNode('MatMulNBits', inputs, node.outputs, attributes, MICROSOFT)];
    });
    const anatomy = recognise(model);
    expectMini(anatomy);
    expect(anatomy.layers).toHaveLength(1);
    expect(anatomy.notes[0]).toContain('is already quantized (MatMulNBits)');
  });

  it('weights unpacked by operators in the graph', () => {
    const model = quantized(buildMini(), (node) => [
      makeNode('Cast', [node.inputs[1]], [`${node.name}_c`], { to: 1 }),
      makeNode('Mul', [`${node.name}_c`, 'scale'], [`${node.name}_w`]),
      { ...node, inputs: [node.inputs[0], `${node.name}_w`] },
    ]);
    const anatomy = recognise(model);
    expectMini(anatomy);
    expectStored(anatomy, '8-bit codes, unpacked by standard operators');
  });
});

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
