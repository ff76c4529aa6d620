import type { ClipRequest, Preview } from '../../../../../workers/protocol.ts';
import type { Shown } from './use-preview.ts';

/** Asks the same about the same weight once more: after a file, a step, or nothing. */
export function questionOf(
  { step, targeted, measured }: Pick<Shown, 'step' | 'targeted' | 'measured'>,
  { layer, crop }: Pick<Preview, 'layer' | 'crop'>,
): ClipRequest {
  const asked =
    targeted && step ? { step: { method: step.method, options: step.options } } : undefined;
  return {
    ...{ layer, entry: { row: 0, column: 0 }, crop, cells: 96, bins: 160 },
    ...(measured.file ? { measured: measured.file } : asked),
  };
}
