import { makeNode } from '../../onnx/graph/make.ts';
import type { Attribute, Node, Tensor } from '../../onnx/types.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import {
  codeType,
  filled,
  floatsOf,
  outIn,
  perRow,
  scaleForm,
  unsignedCodes,
  zeroForm,
  zeroValues,
  type ZeroForm,
} from '../stored/numbers.ts';
import { factors, isStandard, storedTensor } from '../stored/trace.ts';
import type { StoredWeight, Surroundings } from '../stored/types.ts';
import type { Coded } from '../types.ts';

/**
 * DynamicQuantizeLinear → MatMulInteger or ConvInteger → Cast → Mul with both scales: the layer is found at
 * that last product, and its input is what was rounded.
 */
export function readInteger(around: Surroundings, node: Node): StoredWeight | undefined {
  const { index } = around;
  const found = isStandard(node, 'Mul') ? sumsAndScales(around, node) : undefined;
  if (found === undefined) return undefined;
  const { integer, rounding, scales } = found;
  const codes = storedTensor(index, integer.inputs[1])?.tensor;
  const zeros = integer.inputs[3] ? storedTensor(index, integer.inputs[3])?.tensor : undefined;
  const type = codes && codeType(codes);
  const form = scaleForm(scales);
  if (codes === undefined || type?.bits !== 8 || !form) return undefined;
  if (integer.inputs[3] && zeros === undefined) return undefined;
  const conv = integer.opType === 'ConvInteger';
  if (codes.dims.length < 2 || (!conv && codes.dims.length !== 2)) return undefined;
  const count = elementCount(codes.dims);
  const rows = conv ? codes.dims[0] : codes.dims[1];
  const columns = count / rows;
  if (![scales, ...(zeros ? [zeros] : [])].every(({ dims }) => fits(elementCount(dims), rows))) {
    return undefined;
  }
  const zero: ZeroForm = zeros ? { tensor: zeros } : type.signed ? 'middle' : 'zero';
  const encoded: Coded = {
    ...{ kind: 'coded', bits: 8, grid: 'integer', groupSize: columns, scales: form },
    granularity: elementCount(scales.dims) === 1 && !isRows(zeros) ? 'tensor' : 'channel',
    ...zeroForm(zero),
  };
  const [x] = rounding.inputs;
  const [output] = node.outputs;
  const layout = conv ? 'out-in' : 'in-out';
  const numbers = encoded.granularity === 'tensor' ? 1 : rows;
  return {
    ...{ kernel: integer.opType, rows, columns, bits: 8, encoded, node, output, input: x },
    op: conv ? 'Conv' : 'MatMul',
    tensors: [codes, scales, ...(zeros ? [zeros] : [])],
    inside: [integer.outputs[0]],
    roundsInput: true,
    ...{ elementType: DataType.float32, layout, dims: codes.dims },
    over: (weight) => over(integer, [x, weight], output, node.name),
    read: async () => {
      const zeroNumbers = await zeroValues(zero, numbers);
      return filled(encoded, {
        codes: outIn(await unsignedCodes(codes), { rows, columns }, layout),
        scales: perRow(await floatsOf(scales), numbers),
        zeros: zeroNumbers && perRow(zeroNumbers, numbers),
      });
    },
  };
}

function isRows(zeros: Tensor | undefined): boolean {
  return zeros !== undefined && elementCount(zeros.dims) > 1;
}

function fits(count: number, rows: number): boolean {
  return count === 1 || count === rows;
}

/** The sum of integers, the rounding of its input, and the weight's scales, behind a product with them. */
function sumsAndScales({ index }: Surroundings, product: Node) {
  const maker = (value: string): Node | undefined => index.producer(value)?.node;
  const cast = factors(product, (value) => isStandard(maker(value), 'Cast'));
  const integer = cast && maker(maker(cast[0])?.inputs[0] ?? '');
  if (!cast || !isStandard(integer, 'MatMulInteger', 'ConvInteger')) return undefined;
  const rounding = maker(integer.inputs[0]);
  if (!isStandard(rounding, 'DynamicQuantizeLinear')) return undefined;
  const [rounded, scale, zero] = rounding.outputs;
  if (integer.inputs[0] !== rounded || integer.inputs[2] !== zero) return undefined;
  const both = maker(cast[1]);
  const weight = isStandard(both, 'Mul') ? factors(both, (value) => value === scale) : undefined;
  const scales = weight && storedTensor(index, weight[1])?.tensor;
  return scales && { integer, rounding, scales };
}

function over(integer: Node, inputs: readonly string[], output: string, name: string): Node {
  if (integer.opType === 'MatMulInteger') {
    return makeNode('MatMul', inputs, [output], {}, '', name);
  }
  const attributes: readonly Attribute[] = integer.attributes;
  return { ...makeNode('Conv', inputs, [output], {}, '', name), attributes };
}
