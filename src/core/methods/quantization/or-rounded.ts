import { LatheError } from '../../errors/lathe-error.ts';
import type { GptqResult } from '../../kernels/gptq.ts';
import { quantizeUniform } from '../../kernels/rtn.ts';
import type { UniformCodes, UniformOptions } from '../../kernels/uniform.ts';
import type { LayerWeight } from '../contract.ts';

/** Codes of one layer, and what a user should read of them. */
interface Solved {
  readonly codes: GptqResult | UniformCodes;
  readonly warnings: readonly (string | undefined)[];
}

/**
 * What `solve` finds, or the weight rounded to the nearest where its second moments cannot be factored with any
 * damping: one layer that cannot be solved is no reason to stop.
 */
export function orRounded(
  { layer, values }: LayerWeight,
  grid: UniformOptions,
  solve: () => Solved,
): Solved {
  try {
    return solve();
  } catch (error) {
    if (!(error instanceof LatheError) || error.code !== 'hessian-not-positive-definite')
      throw error;
    const { outFeatures, inFeatures } = layer;
    return {
      codes: quantizeUniform(values, outFeatures, inFeatures, grid),
      warnings: [roundedWarning(layer.name)],
    };
  }
}

/** What is said of a layer that could only be rounded. */
export function roundedWarning(name: string): string {
  return `The second moments of what "${name}" is fed could not be factored with any damping, so its weight was rounded to the nearest values; look for extreme values in the calibration data.`;
}
