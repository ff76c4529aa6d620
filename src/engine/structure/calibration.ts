import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Dataset } from '../../core/data/types.ts';
import type { Calibration } from '../../core/recipe/types.ts';
import { ownData } from '../data/read.ts';
import type { OpenModel } from '../model/open.ts';

/** What a structure is looked at with: the model's own calibration data, as much of it as a recipe takes. */
export interface StructureData {
  readonly dataset: Dataset;
  readonly amount?: Pick<Calibration, 'samples' | 'length'>;
  readonly seed?: number;
}

/** The model's own calibration data. Throws `structure-data` where it came without any. */
export async function structureData(
  open: OpenModel,
  wish: Pick<StructureData, 'amount' | 'seed'> = {},
): Promise<StructureData> {
  const dataset = await ownData(open, 'calibration');
  if (dataset !== undefined) return { dataset, ...wish };
  throw new LatheError(
    'structure-data',
    'What a part of a model is worth shows on data, and this model came without calibration data; add a text or examples on the left first.',
  );
}
