import { partBase, partPlace, type ModelPart } from '../../core/companions/parts.ts';
import { exportFileName } from '../../core/recipe/file-name.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { OpenModel } from '../model/open.ts';

/** Where loaders look for the files of a model. */
const PLACE = 'onnx/';

type Named = Pick<OpenModel, 'part' | 'parts'>;

/**
 * What a compressed part's file is called before its suffix: what it was called, so that loaders find it; a
 * model that is whole by itself is `model`, whatever its file was called.
 */
export function exportBase({ part, parts }: Named, several = false): string {
  return several || isOneOfMany(part, parts) ? partBase(part) : 'model';
}

/** Path of a compressed part in its exported folder: `onnx/decoder_model_merged_q4.onnx`. */
export function exportPath(open: Named, recipe: Recipe, several = false): string {
  const place = several || isOneOfMany(open.part, open.parts) ? keptPlace(open.part) : PLACE;
  return place + exportFileName(recipe, exportBase(open, several));
}

/** The folder of a part in an exported folder: its own, or `onnx/` where it lay at the top. */
export function keptPlace(part: Pick<ModelPart, 'path'>): string {
  return partPlace(part) || PLACE;
}

/** Whether names say that a file is a piece: its own, or those of its neighbours. */
function isOneOfMany(part: ModelPart, parts: readonly ModelPart[]): boolean {
  if (partBase(part) === 'model') return false;
  return parts.some(
    (other) =>
      other.role !== 'model' && (other === part || partPlace(other) === partPlace(part)),
  );
}
