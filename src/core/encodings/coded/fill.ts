import type { UniformCodes } from '../../kernels/uniform.ts';
import { requireKind } from '../problems.ts';
import type { Coded, Encoded, Numbers } from '../types.ts';

/** Planned codes with what a quantizer found. Throws `encoding-kind` when something else was planned. */
export function fillCodes(planned: Encoded, { codes, scales, zeros }: UniformCodes): Coded {
  const coded = requireKind(planned, 'coded');
  return {
    ...coded,
    codes,
    ...(coded.scales && { scales: withValues(coded.scales, scales) }),
    ...(coded.zeros && zeros && { zeros: withValues(coded.zeros, Float32Array.from(zeros)) }),
  };
}

function withValues(numbers: Numbers, values: Float32Array): Numbers {
  return 'dataType' in numbers ? { ...numbers, values } : numbers;
}
