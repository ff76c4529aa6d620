import { partBase, partPlace, type ModelPart } from '../companions/parts.ts';
import { exportFileName } from './file-name.ts';
import type { Recipe } from './types.ts';

/** Where loaders look for the files of a model. */
const PLACE = 'onnx/';

/** A part with all parts of its folder. */
interface Named {
  readonly part: ModelPart;
  readonly parts: readonly ModelPart[];
}

/** Path of a compressed part in its exported folder: `onnx/decoder_model_merged_q4.onnx`. */
export function exportPath(open: Named, recipe: Recipe, several = false): string {
  const isPart = several || isOneOfMany(open.part, open.parts);
  const place = isPart ? keptPlace(open.part) : PLACE;
  return place + exportName(open, recipe, several);
}

/** Name of the data file beside a compressed part, should one be needed. */
export function partDataName(open: Named, recipe: Recipe, several = false): string {
  return `${exportName(open, recipe, several)}_data`;
}

/**
 * A part keeps its name, so that loaders find it, and has a suffix only where that is a dtype they know; a
 * model that is whole by itself is `model`, whatever its file was called.
 */
function exportName({ part, parts }: Named, recipe: Recipe, several: boolean): string {
  if (!several && !isOneOfMany(part, parts)) return exportFileName(recipe);
  return exportFileName(recipe, partBase(part)).replace(/_lathe\.onnx$/, '.onnx');
}

/** The folder of a part in an exported folder: its own, or `onnx/` where it lay at the top. */
export function keptPlace(part: Pick<ModelPart, 'path'>): string {
  return partPlace(part) || PLACE;
}

/** Whether names say that a file is a piece: its own, or those of its neighbours. */
function isOneOfMany(part: ModelPart, parts: readonly ModelPart[]): boolean {
  if (partBase(part) === 'model') return false;
  return parts.some(
    (other) => other.role !== 'model' && (other === part || partPlace(other) === partPlace(part)),
  );
}
