import { LatheError } from '../errors/lathe-error.ts';
import { dequantizeUniform } from '../kernels/rtn.ts';
import { middleCode } from '../kernels/uniform.ts';
import type { EncodedWeight, UniformWeight } from './encoding.ts';
import { fromHalf } from './half.ts';

/**
 * The weight Ŵ [rows, columns] that an encoded form stands for: exactly what the exported graph
 * computes with. Throws `encoding-planned` for a plan, which has no values yet.
 */
export function decodeWeight(encoded: EncodedWeight, rows: number, columns: number): Float32Array {
  switch (encoded.kind) {
    case 'dense':
      return encoded.values ?? planned();
    case 'float16':
      return fromHalf(encoded.values ?? planned());
    case 'uniform':
      return decodeUniform(encoded, rows, columns);
  }
}

function decodeUniform(encoded: UniformWeight, rows: number, columns: number): Float32Array {
  const { codes = planned(), scales = planned(), zeros, bits, granularity } = encoded;
  const known = { codes, scales, ...(zeros && { zeros }) };
  if (granularity !== 'tensor') {
    return dequantizeUniform(known, rows, columns, { bits, groupSize: encoded.groupSize });
  }
  const zero = zeros?.[0] ?? middleCode(bits);
  return Float32Array.from(codes, (code) => scales[0] * (code - zero));
}

function planned(): never {
  throw new LatheError(
    'encoding-planned',
    'This compressed weight is only planned and has no values yet; run the recipe before reading them.',
  );
}
