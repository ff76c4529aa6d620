/** What only copying needs; loaded with the first copy. */
import { exportFileName, exportPath } from '../recipe/read-recipe.ts';
import type { Recipe } from '../../core/recipe/types.ts';

export { exportPath };
export { pythonSnippet } from '../../core/snippets/python.ts';
export { transformersJsSnippet } from '../../core/snippets/transformers-js.ts';
export { compressCommand } from '../recipe/command.ts';
export { markdownRow } from '../recipe/markdown-row.ts';

/** Name of the zip without its ending, and of the folder it is unzipped into: `stories-q4`. */
export function folderName(model: string, recipe: Recipe): string {
  return `${model}-${exportFileName(recipe).replace(/^model_|\.onnx$/g, '')}`;
}
