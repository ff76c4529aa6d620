import type { UniformCodes } from '../../kernels/uniform.ts';
import { requireKind } from '../problems.ts';
import type { Coded, Encoded } from '../types.ts';
import { withNumbers } from './number-levels.ts';

/** What a quantizer found; zeros may be any numbers. */
type FoundCodes = Omit<UniformCodes, 'zeros'> & { readonly zeros?: Uint8Array | Float32Array };

/**
 * Planned codes with what a quantizer found; scales and zeros that are coded themselves become the nearest they can
 * be. Throws `encoding-kind` when something else was planned.
 */
export function fillCodes(planned: Encoded, { codes, scales, zeros }: FoundCodes): Coded {
  const coded = requireKind(planned, 'coded');
  return {
    ...coded,
    codes,
    ...(coded.scales && { scales: withNumbers(coded.scales, scales) }),
    ...(coded.zeros && zeros && { zeros: withNumbers(coded.zeros, Float32Array.from(zeros)) }),
  };
}
