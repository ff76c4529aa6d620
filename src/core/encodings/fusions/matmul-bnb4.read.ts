import { unpackCodes } from '../../kernels/pack.ts';
import { intAttribute } from '../../onnx/graph/attributes.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Node } from '../../onnx/types.ts';
import { elementCount } from '../../tensor/data-type.ts';
import { FP4, NF4 } from '../coded/tables.ts';
import { filled, floatsOf, scaleForm } from '../stored/numbers.ts';
import { isMicrosoft, storedTensor } from '../stored/trace.ts';
import type { StoredWeight, Surroundings } from '../stored/types.ts';
import type { Coded } from '../types.ts';

/** MatMulBnb4 of rows that end with a block. */
export function readBnb4({ index }: Surroundings, node: Node): StoredWeight | undefined {
  if (!isMicrosoft(node, 'MatMulBnb4') || intAttribute(node, 'transB', 1) !== 1) return undefined;
  const rows = intAttribute(node, 'N', 0);
  const columns = intAttribute(node, 'K', 0);
  const block = intAttribute(node, 'block_size', 0);
  const [, codes, scales] = node.inputs.map((value) => storedTensor(index, value));
  const form = scaleForm(scales?.tensor);
  if (codes === undefined || scales === undefined || !form) return undefined;
  if (rows < 1 || block < 1 || columns % block !== 0) return undefined;
  const count = rows * columns;
  if (codes.tensor.data.byteLength !== Math.ceil(count / 2)) return undefined;
  if (elementCount(scales.tensor.dims) !== count / block) return undefined;
  const encoded: Coded = {
    ...{ kind: 'coded', bits: 4, granularity: 'block', groupSize: block, scales: form },
    grid: intAttribute(node, 'quant_type', 1) === 1 ? NF4 : FP4,
  };
  const [x] = node.inputs;
  const [output] = node.outputs;
  return {
    ...{ kernel: 'MatMulBnb4', rows, columns, bits: 4, encoded, node, output, input: x },
    ...{ op: 'MatMul', inside: [], roundsInput: false, tensors: [codes.tensor, scales.tensor] },
    elementType: scales.elementType,
    ...{ layout: 'in-out', dims: [columns, rows] },
    over: (weight) => makeNode('MatMul', [x, weight], [output], {}, '', node.name),
    read: async () => {
      const swapped = unpackCodes(await codes.tensor.data.read(), 4, rows * columns);
      return filled(encoded, {
        // The first of two codes lies in the high bits.
        codes: swapped.map((_, i) => swapped[i ^ 1]),
        scales: await floatsOf(scales.tensor),
        zeros: undefined,
      });
    },
  };
}
