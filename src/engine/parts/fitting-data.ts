import { LatheError } from '../../core/errors/lathe-error.ts';
import { prepareEvaluation } from '../data/evaluation.ts';
import type { OnDevice } from '../encoder-decoder/encode.ts';
import type { TrialInput } from '../job.ts';
import type { OpenModel } from '../model/open.ts';

export type PartData = Pick<TrialInput, 'calibration' | 'evaluation' | 'warnings'>;

/**
 * The data of a run, less the evaluation data that this part cannot take: it is measured on made-up inputs
 * then, and says why. Calibration data stays: only the steps that need it can tell. What a decoder reads of an encoder
 * is computed on `runtime`.
 */
export async function fittingData(
  open: OpenModel,
  data: PartData,
  runtime: OnDevice,
): Promise<PartData> {
  const { evaluation, warnings = [], ...rest } = data;
  if (evaluation === undefined) return data;
  const problem = await prepareEvaluation(open, evaluation, undefined, undefined, runtime).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof LatheError) return error.message;
      throw error;
    },
  );
  if (problem === undefined) return data;
  const warning = `"${evaluation.name}" does not fit "${open.part.path}", so it was measured on made-up inputs: ${problem}`;
  return { ...rest, warnings: [...warnings, warning] };
}
