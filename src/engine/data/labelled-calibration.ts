import type { Dataset } from '../../core/data/types.ts';
import type { Work } from '../../core/methods/contract.ts';
import type { Calibration } from '../../core/recipe/types.ts';
import type { Look } from '../../core/statistics/look.ts';
import { isGradientTake } from '../../core/statistics/take.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { Runtime } from '../../runtime/types.ts';
import { sha256OfJson } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import { trainingData } from '../training/training-data.ts';
import { fixedBatch } from './batch-size.ts';
import type { CalibrationRuns } from './calibration.ts';

/** Windows whose gradients are looked at: tokens in all, and examples, at most. */
const ENOUGH = { tokens: 8192, examples: 256 };

/** Whether any of these looks is at gradients. */
export function seesGradients(looks: readonly Pick<Look, 'take'>[]): boolean {
  return looks.some(({ take }) => take.some(isGradientTake));
}

/** Whether work looks at gradients. */
export function worksWithGradients(work: readonly Work[]): boolean {
  return work.some((one) => {
    if (one.kind === 'train' || one.look === undefined) return false;
    return 'sequential' in one.look ? seesGradients([one.look]) : seesGradients(one.look);
  });
}

/**
 * Calibration with the labels that gradients flow back from, as a training would have it: each example by itself, a language
 * model's windows of `length` tokens with the next token as label. Throws what `trainingData` throws
 * (`labels-missing` for data without labels).
 */
export async function withLabels(
  runs: CalibrationRuns,
  open: OpenModel,
  dataset: Dataset,
  { samples, length }: Pick<Calibration, 'samples' | 'length'>,
  seed: number,
  runtime: () => Promise<Runtime>,
): Promise<CalibrationRuns> {
  const size = fixedBatch(inputPorts(open.model)) ?? 1;
  const data = await trainingData(open, dataset, size, length, runtime);
  const { shape, count, sha256 } = data;
  const byTokens = Math.ceil(ENOUGH.tokens / (shape.length ?? 1));
  const taken = Math.min(samples, count, ENOUGH.examples, Math.max(1, byTokens));
  return {
    ...runs,
    sha256: await sha256OfJson({ inputs: runs.sha256, labelled: sha256, taken, seed }),
    labelled: {
      shape,
      batchCount: Math.max(1, Math.floor(taken / size)),
      batch: (index, ports) => data.batch(index, ports, seed),
      checkClasses: (classes) => data.checkClasses(classes),
    },
  };
}
