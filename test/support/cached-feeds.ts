import { DataType, elementCount } from '../../src/core/tensor/data-type.ts';
import { float32ToHalf } from '../../src/core/tensor/half.ts';
import type { Value } from '../../src/core/tensor/values.ts';
import type { Model, ValueInfo } from '../../src/core/onnx/types.ts';
import { longs, waves } from './run-model.ts';

const SIZES: Readonly<Record<string, number>> = { batch: 2, sequence: 1, past: 4 };
const TOTAL = SIZES.past + SIZES.sequence;

/** Inputs of a cached decoder (`test/fixtures/cached-decoder.ts`) for one token behind four. */
export function cachedFeeds({ graph }: Model): Readonly<Record<string, Value>> {
  return Object.fromEntries(graph.inputs.map((info) => [info.name, feedOf(info)]));
}

function feedOf({ name, type }: ValueInfo): Value {
  const dims = (type?.dims ?? []).map(
    ({ value, symbol = '' }, axis) => value ?? sizeOf(symbol, name, axis),
  );
  const numbers = Array.from({ length: elementCount(dims) }, (_, i) => numberAt(name, i));
  if (type?.dataType === DataType.int64) return longs(dims, numbers);
  if (type?.dataType === DataType.int32) {
    return { dataType: DataType.int32, dims, data: Int32Array.from(numbers) };
  }
  const floats = waves(dims, name.length);
  if (type?.dataType === DataType.float32 || !(floats.data instanceof Float32Array)) return floats;
  return { dataType: DataType.float16, dims, data: float32ToHalf(floats.data) };
}

const UNNAMED = { mask: [SIZES.batch, TOTAL], cache: [SIZES.batch, 0, SIZES.past, 0] };

/** A sum of symbols and numbers; sizes without a name are those of the fixture. */
function sizeOf(text: string, name: string, axis: number): number {
  if (text === '') return name === 'attention_mask' ? UNNAMED.mask[axis] : UNNAMED.cache[axis];
  return text.split('+').reduce((sum, term) => sum + (SIZES[term.trim()] ?? Number(term)), 0);
}

function numberAt(name: string, i: number): number {
  switch (name) {
    case 'attention_mask':
      return 1;
    case 'seqlens_k':
      return TOTAL - 1;
    case 'total_sequence_length':
      return TOTAL;
    case 'position_ids':
    case 'cache_position':
      return SIZES.past;
    default:
      return (i * 7 + 3) % 32;
  }
}
