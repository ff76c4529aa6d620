import { DataType } from '../../tensor/data-type.ts';
import type { UniformWeight } from '../encoding.ts';
import type { Emitter } from './emitter.ts';
import type { Place } from './place.ts';
import { castTo } from './read-rows.ts';
import type { storeBlocks } from './uniform-store.ts';

type StoredBlocks = ReturnType<typeof storeBlocks>;

/**
 * Emits com.microsoft.MatMulNBits(x, B, scales, zeroPoints?) in the layer's place. A Gemm's C becomes
 * an Add: the operator's own bias input is refused by older runtimes.
 */
export function useMatMulNBits(
  emit: Emitter,
  place: Place,
  stored: StoredBlocks,
  encoded: UniformWeight,
): void {
  const { node, layer } = place;
  const type = place.elementType === DataType.float16 ? DataType.float16 : DataType.float32;
  const scales = castTo(emit, stored.scales, stored.scaleType, type);
  const bias = node.opType === 'Gemm' ? node.inputs[2] : undefined;
  const product = emit.op(
    'MatMulNBits',
    [node.inputs[0], stored.codes, scales, ...(stored.zeros === undefined ? [] : [stored.zeros])],
    { K: stored.columns, N: stored.rows, bits: encoded.bits, block_size: stored.block },
    { domain: 'com.microsoft', ...(bias ? {} : { output: layer.output }) },
  );
  if (bias) emit.op('Add', [product, bias], {}, { output: layer.output });
}
