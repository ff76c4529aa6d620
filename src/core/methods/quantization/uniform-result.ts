import { LatheError } from '../../errors/lathe-error.ts';
import type { UniformCodes } from '../../kernels/uniform.ts';
import type { EncodedWeight, UniformWeight } from '../encoding.ts';
import { fromHalf, toHalf } from '../half.ts';

/** A planned uniform weight filled with codes; scales are rounded to what the file can hold. */
export function fillUniform(planned: UniformWeight, result: UniformCodes): UniformWeight {
  const { codes, scales, zeros } = result;
  const stored = planned.scaleType === 'float16' ? fromHalf(toHalf(scales)) : scales;
  return { ...planned, codes, scales: stored, ...(zeros && { zeros }) };
}

/** A method gets back the form it planned. Throws `encoding-kind` where it does not. */
export function uniformOf(planned: EncodedWeight): UniformWeight {
  if (planned.kind === 'uniform') return planned;
  throw new LatheError(
    'encoding-kind',
    `A uniform grid was planned and a "${planned.kind}" weight asked for; report this, with the recipe.`,
  );
}
