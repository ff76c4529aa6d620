import { describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/onnx.ts';
import { byteLengthOf, DataType } from '../tensor/data-type.ts';
import { readModel } from './read.ts';
import { sizeOf } from './size.ts';
import { bytesSource } from './source.ts';
import { plannedData } from './tensor-data.ts';
import type { Attribute, Graph, Model, Node, Tensor } from './types.ts';
import { externalize, writeModel } from './write.ts';

const int = (name: string, value: number): Attribute => ({
  name,
  kind: 'int',
  value: BigInt(value),
});

function node(opType: string, inputs: string[], attributes: Attribute[] = [], output = 'y'): Node {
  return { name: '', opType, domain: '', inputs, outputs: [output], attributes };
}

function tensor(name: string, dataType: number, dims: number[]): Tensor {
  return { name, dataType, dims, data: plannedData(byteLengthOf(dataType, dims)) };
}

function modelOf(initializers: Tensor[], nodes: Node[]): Model {
  const graph: Graph = { name: 'g', nodes, initializers, inputs: [], outputs: [], valueInfo: [] };
  return { irVersion: 10, opsets: [], graph, metadata: [], functions: [] };
}

const { float32, float16, uint8, int8, int64, uint4 } = DataType;

describe('sizeOf', () => {
  it('counts a trained model to the byte', async () => {
    const file = fixture('mnist_vit.onnx');
    const size = sizeOf(await readModel(bytesSource(file)));
    expect(size.fileBytes).toBe(file.byteLength);
    expect(size.externalBytes).toBe(0);
    const total = [...size.byDataType.values()].reduce((a, b) => a + b);
    expect(total).toBe(size.tensorBytes);
    expect(size.tensorBytes).toBeLessThan(file.byteLength);
    // 49·32+32 patch, 17·32 position, 32 class token, attention 4·32², feed-forward 2·32·64, …
    const float = size.tensors.filter(
      ({ dataType, elements }) => dataType === float32 && elements > 1,
    );
    expect(size.parameters).toBe(float.reduce((sum, { elements }) => sum + elements, 0));
    expect(size.bitsPerWeight).toBeGreaterThan(32);
    expect(size.bitsPerWeight).toBeLessThan(33);
  });

  it('counts packed 4-bit weights by what they unpack to, and scales as bytes only', () => {
    const attributes = [int('K', 48), int('N', 10), int('bits', 4), int('block_size', 32)];
    const size = sizeOf(
      modelOf(
        [
          tensor('B', uint8, [10, 2, 16]),
          tensor('s', float32, [10, 2]),
          tensor('z', uint8, [10, 1]),
        ],
        [node('MatMulNBits', ['x', 'B', 's', 'z'], attributes)],
      ),
    );
    expect(size.parameters).toBe(480);
    expect(size.tensorBytes).toBe(320 + 80 + 10);
    expect(size.bitsPerWeight).toBe((8 * 410) / 480);
    expect(size.tensors.map(({ parameters }) => parameters)).toEqual([480, 0, 0]);
  });

  it('counts quantized weights behind DequantizeLinear and Gather, and tied ones once', () => {
    const size = sizeOf(
      modelOf(
        [
          tensor('w', int8, [4, 8]),
          tensor('s', float32, [8]),
          tensor('e', uint4, [6, 3]),
          tensor('g', uint8, [5, 4]),
          tensor('h', float16, [3, 3]),
        ],
        [
          node('DequantizeLinear', ['w', 's']),
          node('Gather', ['e', 'ids']),
          node('GatherBlockQuantized', ['g', 'ids', 's'], [int('bits', 4)]),
          node('MatMul', ['x', 'h']),
          node('MatMul', ['z', 'h']),
        ],
      ),
    );
    expect(size.tensors.map(({ parameters }) => parameters)).toEqual([32, 0, 18, 40, 9]);
    expect(size.byDataType.get(uint4)).toBe(9);
  });

  it('does not count shapes, single constants and what nothing uses', () => {
    const constant = tensor('', float32, [2, 2]);
    const size = sizeOf(
      modelOf(
        [tensor('shape', int64, [3]), tensor('half', float32, []), tensor('lost', float32, [9])],
        [
          node('Reshape', ['x', 'shape']),
          node('Mul', ['x', 'half']),
          node('Constant', [], [{ name: 'value', kind: 'tensor', value: constant }], 'c'),
          node('Add', ['x', 'c']),
        ],
      ),
    );
    expect(size.parameters).toBe(4);
    expect(size.tensorBytes).toBe(24 + 4 + 36 + 16);
    expect(sizeOf(modelOf([], [])).bitsPerWeight).toBe(0);
  });

  it('takes the parameters of the original for packings of our own, and adds external data', async () => {
    const model = await readModel(bytesSource(fixture('mnist_vit.onnx')));
    const before = sizeOf(model);
    expect(sizeOf(model, { parameters: before.tensorBytes }).bitsPerWeight).toBe(8);
    const { model: split, files } = externalize(model, { path: 'w', minimumBytes: 4096 });
    const after = sizeOf(split);
    expect(after.fileBytes).toBe((await writeModel(split)).byteLength);
    expect(after.externalBytes).toBe(files[0].byteLength);
    expect(after.parameters).toBe(before.parameters);
  });
});
