import { LatheError } from '../../errors/lathe-error.ts';
import type { LayerWeight } from '../contract.ts';

/** Throws `weight-not-finite`. */
export function requireFinite({ layer, values }: LayerWeight): void {
  if (values.every(Number.isFinite)) return;
  throw new LatheError(
    'weight-not-finite',
    `The weight of "${layer.name}" holds NaN or infinity, so it has no singular values; leave this layer out or repair the file.`,
    { layer: layer.name },
  );
}
