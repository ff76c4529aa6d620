import type { UniformCodes } from '../../kernels/uniform.ts';
import type { UniformWeight } from '../encoding.ts';
import { fromHalf, toHalf } from '../half.ts';

/** A planned uniform weight filled with codes; scales are rounded to what the file can hold. */
export function fillUniform(planned: UniformWeight, result: UniformCodes): UniformWeight {
  const { codes, scales, zeros } = result;
  const stored = planned.scaleType === 'float16' ? fromHalf(toHalf(scales)) : scales;
  return { ...planned, codes, scales: stored, ...(zeros && { zeros }) };
}
