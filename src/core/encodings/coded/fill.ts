import type { UniformCodes } from '../../kernels/uniform.ts';
import { requireKind } from '../problems.ts';
import type { Coded, Encoded, Numbers } from '../types.ts';

/** What a quantizer found; zeros may be any numbers. */
type FoundCodes = Omit<UniformCodes, 'zeros'> & { readonly zeros?: Uint8Array | Float32Array };

/** Planned codes with what a quantizer found. Throws `encoding-kind` when something else was planned. */
export function fillCodes(planned: Encoded, { codes, scales, zeros }: FoundCodes): Coded {
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
