import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  tensorAttribute,
} from '../../onnx/graph/attributes.ts';
import { makeTensor } from '../../onnx/graph/make.ts';
import { canonicalDomain } from '../../onnx/operators/table.ts';
import type { Node, Tensor } from '../../onnx/types.ts';

/** What a Constant node holds, as an initializer that shares its memory; undefined for other nodes. */
export function storedConstant(node: Node): Tensor | undefined {
  if (node.opType !== 'Constant' || canonicalDomain(node.domain) !== '') return undefined;
  const name = node.outputs[0] ?? '';
  const tensor = tensorAttribute(node, 'value');
  if (tensor) return { ...tensor, name };
  const float = floatAttribute(node, 'value_float');
  if (float !== undefined) return makeTensor(name, [], Float32Array.of(float));
  const floats = floatsAttribute(node, 'value_floats');
  if (floats) return makeTensor(name, [floats.length], Float32Array.from(floats));
  const int = intAttribute(node, 'value_int');
  if (int !== undefined) return makeTensor(name, [], BigInt64Array.of(BigInt(int)));
  const ints = intsAttribute(node, 'value_ints');
  return ints && makeTensor(name, [ints.length], BigInt64Array.from(ints, BigInt));
}
