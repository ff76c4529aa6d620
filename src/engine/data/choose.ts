import type { Dataset } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { methodById } from '../../core/methods/registry.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { needsOf } from '../../core/methods/needs.ts';
import type { TrialInput } from '../job.ts';
import { companion } from '../model/folder.ts';
import { ownData, readData } from './read.ts';
import type { OpenModel } from '../model/open.ts';

/** What is known of the data of a run apart from the model's folder and the recipe. */
export interface Wishes {
  /** Given with the run itself: it goes before all else. */
  readonly calibration?: Dataset;
  readonly evaluation?: Dataset;
  /** Where else a recipe's data may be: a path, for the command line. */
  readonly elsewhere?: (name: string) => Promise<Dataset | undefined>;
}

type Chosen = Pick<TrialInput, 'calibration' | 'evaluation' | 'warnings'>;

/**
 * The data of a run, the same from every face: for calibration what was given, else what the recipe names
 * (beside the model, or elsewhere), else what came with the model; for evaluation what was given, else
 * what came with the model. Calibration data that no step looks at is not read.
 * Throws `calibration-elsewhere` when the recipe names data and there is none at all.
 */
export async function chooseData(
  open: OpenModel,
  recipe: Recipe,
  wishes: Wishes = {},
): Promise<Chosen> {
  const calibration = await chooseCalibration(open, recipe, wishes);
  const evaluation = wishes.evaluation ?? (await ownData(open, 'evaluation'));
  return { ...calibration, ...(evaluation && { evaluation }) };
}

async function chooseCalibration(
  open: OpenModel,
  recipe: Recipe,
  { calibration, elsewhere }: Wishes,
): Promise<Chosen> {
  if (calibration !== undefined) return { calibration };
  if (!looksAtData(recipe)) return {};
  const name = recipe.calibration?.data;
  if (name === undefined || name === open.origin)
    return { calibration: await ownData(open, 'calibration') };
  const beside = companion(open.folder, name);
  const named =
    beside === undefined ? await elsewhere?.(name) : await readData(open, [beside], beside.path);
  return named === undefined ? instead(open, name) : { calibration: named };
}

function looksAtData({ steps }: Recipe): boolean {
  return steps.some(
    ({ method, options, disabled }) =>
      disabled !== true && needsOf(methodById(method).meta, options).includes('calibration'),
  );
}

/** Recipes travel without their data: the model's own does as well, and the report says so. */
async function instead(open: OpenModel, name: string): Promise<Chosen> {
  const calibration = await ownData(open, 'calibration');
  if (calibration === undefined) throw calibrationElsewhere(name);
  const warning = `The recipe calibrates on "${name}", which is not beside the model, so "${calibration.name}" was taken, which is.`;
  return { calibration, warnings: [warning] };
}

function calibrationElsewhere(name: string): LatheError {
  return new LatheError(
    'calibration-elsewhere',
    `The recipe calibrates on "${name}", which is not beside the model, and the model came with no calibration data; add that file, or choose other data.`,
    { name },
  );
}
