import { describe, expect, it } from 'vitest';
import { buildMini, MINI } from '../../../test/fixtures/layouts/mini.ts';
import { MICROSOFT } from '../../../test/fixtures/layouts/sketch.ts';
import { expectMini, runs } from '../../../test/support/mini-anatomy.ts';
import { makeNode, makeTensor } from '../onnx/graph/make.ts';
import type { Model, Node } from '../onnx/types.ts';
import { recognise } from './recognise.ts';
import type { Anatomy } from './types.ts';

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
