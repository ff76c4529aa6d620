import { LatheError } from '../../core/errors/lathe-error.ts';
import type { MethodMeta } from '../../core/methods/contract.ts';
import type { CompressContext, LookProvider } from './types.ts';

/** The calibration a method cannot do without, or one sentence. */
export function requireCalibration(context: CompressContext, meta: MethodMeta): LookProvider {
  if (context.looks !== undefined) return context.looks;
  throw calibrationMissing(meta);
}

export function calibrationMissing({ id, title }: MethodMeta): LatheError {
  return new LatheError(
    'calibration-missing',
    `${title} looks at what flows through the model, but no calibration data was given; choose a text or example file, or take a method that needs none.`,
    { method: id },
  );
}
