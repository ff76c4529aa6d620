import type { Tensor } from '../../onnx/types.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import { computeValue, isComputable } from './compute/compute.ts';
import type { Surroundings } from './types.ts';

/** Scales that a kernel is given. */
export interface Scales {
  /** As they are stored, or unpacked. */
  readonly dataType: number;
  /** The type the kernel gets them in. */
  readonly elementType: number;
  readonly count: number;
  /** What the file stores for them. */
  readonly tensors: readonly Tensor[];
  readonly read: () => Promise<Float32Array>;
}

/** Scales that standard operators unpack from stored codes in front of a kernel. */
export function computedScales(around: Surroundings, value: string): Scales | undefined {
  const { index } = around;
  if (!around.isConstant(value)) return undefined;
  const tensors = tensorsBehind(around, value);
  const dims = around.dimsOf(value)?.filter((size) => size !== undefined);
  if (tensors === undefined || dims?.length !== 2) return undefined;
  return {
    ...{ dataType: DataType.float32, elementType: around.dataTypeOf(value) },
    ...{ count: elementCount(dims), tensors },
    read: async () => Float32Array.from((await computeValue(index, value)).data),
  };
}

/** Stored tensors a value is computed from, shared constants apart; undefined where an operator is not known. */
function tensorsBehind({ index }: Surroundings, value: string): readonly Tensor[] | undefined {
  const found: Tensor[] = [];
  const open = [value];
  const seen = new Set(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const tensor = index.initializer(next);
    if (tensor !== undefined && !SHARED.test(tensor.name)) found.push(tensor);
    const node = index.producer(next)?.node;
    if (node !== undefined && !isComputable(node)) return undefined;
    for (const input of node?.inputs ?? []) {
      if (input === '' || seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  return found;
}

/** Shapes, shifts and tables that the weights of a model have in common. */
const SHARED = /^lathe_/;
